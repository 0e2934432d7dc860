#include <algorithm>
#include <array>

#include "server/api.h"
#include "server/http_problem.h"

namespace agentaudit {
namespace {

// Of a path that stands in the table; what stands for the part in braces in `id`.
bool path_matches(std::string_view pattern, std::string_view path, std::string_view& id) {
  const std::size_t at = pattern.find('{');
  if (at == std::string_view::npos) return pattern == path;
  const std::string_view before = pattern.substr(0, at);
  const std::string_view after = pattern.substr(pattern.find('}') + 1);
  if (path.size() <= before.size() + after.size() || !path.starts_with(before) ||
      !path.ends_with(after)) {
    return false;
  }
  id = path.substr(before.size(), path.size() - before.size() - after.size());
  return pattern.substr(at).starts_with("{path}") || id.find('/') == std::string_view::npos;
}

using Parameter = Api::Parameter;

constexpr Parameter category{"category", "array", "Only these categories"};
constexpr Parameter status{"status", "array", "Only these statuses"};
constexpr Parameter agent{"agent", "array", "Only these agents"};
constexpr Parameter source{"source", "array", "Only from these sources"};
constexpr Parameter exclude_source{"exclude_source", "array", "Not from these sources"};
constexpr Parameter target{"target", "array", "Only these tools, models, skills or servers"};
constexpr Parameter conversation{"conversation_id", "string", "Only of this conversation"};
constexpr Parameter trace{"trace_id", "string", "Only of this trace"};
constexpr Parameter search{"search", "string",
                           "A text in summary, target or detail, in either case"};
constexpr Parameter since{"since", "string", "From this time on, RFC 3339, inclusive"};
constexpr Parameter until{"until", "string", "Up to this time, RFC 3339, inclusive"};
constexpr Parameter trail{"trail", "array", "Of a fleet, only these trails"};
constexpr Parameter limit{"limit", "integer", "At most so many, 1 to 1,000 (default 50)"};
constexpr Parameter offset{"offset", "integer", "Pass over so many"};

template <std::size_t N, std::size_t M>
constexpr auto joined(const std::array<Parameter, N>& first, const std::array<Parameter, M>& then) {
  std::array<Parameter, N + M> all{};
  std::copy(then.begin(), then.end(), std::copy(first.begin(), first.end(), all.begin()));
  return all;
}

// The filters that all questions about events have in common.
constexpr std::array count_parameters = {category, status,       agent, source, exclude_source,
                                         target,   conversation, since, until,  trail};
constexpr auto list_filters = joined(count_parameters, std::array{trace, search});
constexpr auto list_parameters =
    joined(list_filters,
           std::array{limit, offset,
                      Parameter{"cursor", "string", "Go on where a page ended: its next_cursor"},
                      Parameter{"brief", "string", "true: without details (default false)"},
                      Parameter{"order", "string", "newest, oldest or commit (default newest)"},
                      Parameter{"total", "string", "auto, exact or none (default auto)"}});
constexpr auto histogram_parameters = joined(
    count_parameters,
    std::array{Parameter{"buckets", "integer", "Equal steps of time, 1 to 1,000 (default 60)"}});
constexpr auto group_parameters = joined(
    count_parameters,
    std::array{limit, Parameter{"by", "string",
                                "category, action, agent, status, source, target, principal or "
                                "conversation (default agent)"}});
constexpr std::array conversation_parameters = {agent, since, until, limit, offset, trail};
constexpr std::array pending_parameters = {agent, conversation, since, until, limit, trail};
constexpr std::array event_parameters = {trail};
constexpr auto stream_parameters = joined(
    list_filters, std::array{Parameter{"last_event_id", "integer", "Go on after this event"}});
constexpr auto export_parameters = joined(
    list_filters, std::array{Parameter{"format", "string", "jsonl, csv or ocsf (default jsonl)"}});
constexpr std::array verify_parameters = {
    Parameter{"fresh", "string", "true: verify anew (default false)"}, trail};

}  // namespace

std::span<const Api::Route> Api::routes() noexcept {
  constexpr std::string_view json = "application/json";
  constexpr std::string_view text = "text/plain";
  static const std::array<Route, 25> all = {{
      {"POST", "/api/v1/audit", Scope::append, "Store events", json, {}, &Api::post_events},
      {"GET", "/api/v1/audit", Scope::read, "A page of events", json, list_parameters, &Api::list,
       true},
      {"GET", "/api/v1/audit/stats", Scope::read, "Counts by field", json, count_parameters,
       &Api::stats},
      {"GET", "/api/v1/audit/histogram", Scope::read, "Counts over time", json,
       histogram_parameters, &Api::histogram},
      {"GET", "/api/v1/audit/groups", Scope::read, "Counts and durations by one field", json,
       group_parameters, &Api::groups},
      {"GET", "/api/v1/audit/conversations", Scope::read, "Conversations, newest first", json,
       conversation_parameters, &Api::conversations},
      {"GET", "/api/v1/audit/pending", Scope::read, "Intents that never ended", json,
       pending_parameters, &Api::pending, true},
      {"GET", "/api/v1/audit/trails", Scope::read, "The trails of a fleet, those in trouble first",
       json, event_parameters, &Api::trails},
      {"GET", "/api/v1/audit/stream", Scope::read, "Events as they are committed",
       "text/event-stream", stream_parameters, &Api::stream, true},
      {"GET", "/api/v1/audit/export", Scope::read, "All events that match", "application/x-ndjson",
       export_parameters, &Api::export_events, true},
      {"GET", "/api/v1/audit/verify", Scope::read, "Whether the trail is what was recorded", json,
       verify_parameters, &Api::verification},
      {"GET", "/api/v1/audit/bundle", Scope::read, "An evidence bundle of all events that match",
       json, list_filters, &Api::bundle, true},
      {"GET", "/api/v1/audit/{id}/proof", Scope::read, "An evidence bundle of one event", json,
       event_parameters, &Api::proof, true},
      {"GET", "/api/v1/audit/{id}", Scope::read, "One event", json, event_parameters, &Api::get,
       true},
      {"POST", "/v1/traces", Scope::append, "OTLP/HTTP: spans", json, {}, &Api::otlp_traces},
      {"POST", "/v1/logs", Scope::append, "OTLP/HTTP: log records", json, {}, &Api::otlp_logs},
      {"POST",
       "/v1/metrics",
       Scope::append,
       "OTLP/HTTP: metrics, of which none is kept",
       json,
       {},
       &Api::otlp_metrics},
      {"GET", "/checkpoint", Scope::read, "The newest signed checkpoint", text, event_parameters,
       &Api::checkpoint},
      {"GET",
       "/tile/{path}",
       Scope::read,
       "A tile of the tree's hashes, or of its entries (C2SP tlog-tiles)",
       "application/octet-stream",
       {},
       &Api::tile,
       true},
      {"GET", "/metrics", Scope::read, "What is counted, for Prometheus", text, {}, &Api::metrics},
      {"GET", "/healthz", Scope::none, "Whether the process lives", json, {}, &Api::healthz},
      {"GET", "/readyz", Scope::none, "Whether the trail can be read", json, {}, &Api::readyz},
      {"GET", "/openapi.json", Scope::none, "This description", json, {}, &Api::openapi},
      {"GET", "/", Scope::none, "The dashboard", "text/html", {}, &Api::page},
      {"GET", "/assets/{file}", Scope::none, "A file of the dashboard", "*/*", {}, &Api::asset},
  }};
  return all;
}

bool Api::Route::takes(std::string_view name) const {
  return std::any_of(parameters.begin(), parameters.end(),
                     [&](const Parameter& parameter) { return parameter.name == name; });
}

const Api::Route* Api::find_route(std::string_view path, std::string_view method,
                                  std::string_view& id) {
  if (method == "HEAD") method = "GET";
  for (const Route& route : routes()) {
    if (route.method == method && path_matches(route.path, path, id)) return &route;
  }
  return nullptr;
}

HttpResponse Api::no_route(const std::string& path, const std::string& method) {
  std::string allowed;
  std::string_view id;
  for (const Route& route : routes()) {
    if (!path_matches(route.path, path, id)) continue;
    allowed += (allowed.empty() ? "" : ", ") + std::string(route.method);
  }
  if (allowed.empty()) {
    return problem(404, "there is no " + path + "; GET /openapi.json lists what there is");
  }
  HttpResponse response = problem(405, method + " is not what " + path + " takes");
  response.headers.push_back({.name = "Allow", .value = allowed});
  return response;
}

}  // namespace agentaudit
