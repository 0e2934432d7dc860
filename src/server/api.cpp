#include "server/api.h"

#include <algorithm>
#include <chrono>
#include <system_error>
#include <utility>
#include <vector>

#include "agentaudit/core/event_json.h"
#include "agentaudit/core/limits.h"
#include "agentaudit/core/names.h"
#include "agentaudit/render/answer_json.h"
#include "core/ascii.h"
#include "core/percent.h"
#include "core/sha256.h"
#include "core/whole_number.h"
#include "ledger/leaf.h"
#include "redact/redaction_mark.h"
#include "render/filter_json.h"
#include "render/json_writer.h"
#include "server/api_parameters.h"
#include "server/assets.h"
#include "server/event_body.h"
#include "server/event_keys.h"
#include "server/export_source.h"
#include "server/http_problem.h"
#include "server/openapi.h"
#include "server/store_bytes.h"
#include "store/bundle_ids.h"
#include "store/shipped_again.h"

namespace agentaudit {
namespace {

HttpResponse text_response(std::string_view content_type, std::string body) {
  HttpResponse response;
  response.headers.push_back({.name = "Content-Type", .value = std::string(content_type)});
  response.body = std::move(body);
  return response;
}

// An answer to a question, or what is wrong with it.
template <typename Opts, typename Ask>
HttpResponse answered(const Result<Opts>& opts, const Ask& ask) {
  if (!opts) return problem(400, opts.error().message);
  const auto result = ask(*opts);
  if (!result) return problem(result.error());
  std::string body;
  append_json(body, *result);
  return json_response(200, std::move(body));
}

Result<EventId> event_id_of(std::string_view text) {
  const auto id = whole_number(text);
  if (id && *id > 0) return *id;
  return fail(ErrorCode::invalid_argument,
              "\"" + std::string(text) + "\" is no event's id; ids are 1, 2, 3 …");
}

void add_default_headers(HttpResponse& response) {
  const auto has = [&](std::string_view name) {
    return std::any_of(
        response.headers.begin(), response.headers.end(),
        [&](const HttpHeader& header) { return equal_ignoring_case(header.name, name); });
  };
  // What an agent wrote must not become a page, nor stay where others look.
  response.headers.push_back({.name = "X-Content-Type-Options", .value = "nosniff"});
  if (!has("Content-Security-Policy")) {
    response.headers.push_back(
        {.name = "Content-Security-Policy", .value = "default-src 'none'; frame-ancestors 'none'"});
  }
  if (!has("Cache-Control")) {
    response.headers.push_back({.name = "Cache-Control", .value = "no-store"});
  }
}

}  // namespace

Api::Api(std::shared_ptr<Store> store, ApiOptions options)
    : store_(std::move(store)),
      fleet_(store_),
      guard_(std::move(options.guard)),
      audit_reads_(options.audit_reads),
      on_request_(std::move(options.on_request)),
      gate_(std::move(options.tokens)),
      redactor_(std::move(options.redactor)),
      live_(store_, options.live),
      fleet_live_(options.live),
      commits_(store_,
               [this](std::chrono::steady_clock::duration took) {
                 metrics_.count_commit(took);
                 live_.wake();
               }),
      otlp_(store_, redactor_, options.otlp, metrics_, [this] { live_.wake(); }),
      verifier_(store_, options.verify_options),
      fleet_verifiers_(std::move(options.verify_options)) {}

void Api::stop() {
  otlp_.stop();
  live_.stop();
  fleet_live_.stop();
  verifier_.stop();
  fleet_verifiers_.stop();
}

HttpResponse Api::handle(const HttpRequest& request) {
  const auto start = std::chrono::steady_clock::now();
  std::string_view route = "none";
  Caller caller;
  HttpResponse response = answer(request, route, caller);
  // In the metrics and the log this is no trouble of the daemon's.
  if (response.status == 503 && request.gone.stop_requested()) response.status = 499;
  add_default_headers(response);
  metrics_.count_request(route, response.status);
  if (on_request_) {
    on_request_({.method = request.method,
                 .path = request.path,
                 .peer = request.peer,
                 .token_id = caller.token_id,
                 .status = response.status,
                 .duration = std::chrono::steady_clock::now() - start});
  }
  return response;
}

HttpResponse Api::answer(const HttpRequest& request, std::string_view& route, Caller& caller) {
  if (auto refusal = guard_.refusal(request)) return std::move(*refusal);
  const auto path = percent_decoded(request.path, false);
  if (!path) return problem(400, path.error().message);
  std::string_view id;
  const Route* const found = find_route(*path, request.method, id);
  if (found == nullptr) return no_route(*path, request.method);
  route = found->path;
  auto query = QueryString::parse(request.query);
  if (!query) return problem(400, query.error().message);
  Request of{.http = request, .id = id, .query = std::move(*query)};
  auto refused = gate_.refusal(request, found->scope, of.caller);
  caller = of.caller;
  if (refused) return std::move(*refused);
  const bool takes_trails = found->takes("trail");
  auto store = fleet_.of(takes_trails ? of.query.take_list("trail") : std::vector<std::string>());
  if (!store) return problem(store.error());
  of.store = std::move(*store);
  // Exporters of OpenTelemetry may be given an address with a query; nobody asks by it.
  const bool takes_more = found->parameters.size() > (takes_trails ? 1 : 0);
  if (!takes_more && !found->path.starts_with("/v1/")) {
    if (auto taken = of.query.all_taken(); !taken) return problem(taken.error());
  }
  if (audit_reads_ && found->gives_details) {
    if (auto recorded = record_read(of, *found); !recorded) return problem(recorded.error());
  }
  return (this->*found->answer)(of);
}

Result<void> Api::record_read(const Request& request, const Route& route) {
  const HttpRequest& http = request.http;
  Event event;
  event.category = category::audit;
  event.action = "read";
  event.agent = "agentaudit";
  event.source = "serve";
  event.principal = request.caller.name.empty() ? request.caller.token_id : request.caller.name;
  event.target = route.path;
  event.summary = "read " + http.path + (http.query.empty() ? "" : "?" + http.query);
  JsonWriter json(event.detail);
  json.open('{');
  json.member("peer", std::string_view(http.peer.empty() ? "unix" : http.peer));
  if (!request.caller.token_id.empty()) {
    json.member("token", std::string_view(request.caller.token_id));
  }
  json.member("path", std::string_view(http.path));
  json.member("query", std::string_view(http.query));
  json.close('}');
  const KeyedView view(event, {});
  return commits_.insert_new({&view, 1}).map([](const auto&) {});
}

HttpResponse Api::post_events(Request& request) {
  DoorCounters& counters = metrics_.door(Door::http);
  const std::string_view type = request.http.header("Content-Type").value_or("");
  const bool lines = is_media_type(type, "application/x-ndjson");
  if (!lines && !is_media_type(type, "application/json")) {
    return problem(415, "\"" + std::string(type) +
                            "\" is not taken here; application/json and application/x-ndjson are");
  }
  const auto keys = EventKeys::of(request.http, request.caller.source);
  if (!keys) return problem(keys.error());
  if (!keys->trail_id().empty()) {
    const auto own = store_->trail_id();
    if (own && *own == keys->trail_id()) {
      return problem(409, "a trail cannot be shipped into itself");
    }
  }
  const auto unpacked = unpacked_body(request.http, limits::body_bytes_max);
  if (!unpacked) return body_problem(unpacked.error());
  auto body =
      read_event_body((*unpacked)->text,
                      lines ? EventBodyFormat::json_lines : EventBodyFormat::json, redactor_.get());
  if (!body) return problem(body.error());
  metrics_.count_redacted(body->redacted);
  const auto offered = static_cast<std::int64_t>(body->events.size() + body->refused);
  counters.offered += offered;
  if (body->refused > 0) {
    counters.refused += offered;
    return problem(400,
                   std::to_string(body->refused) + " of " + std::to_string(offered) +
                       " events cannot be read; none was stored",
                   body->errors);
  }
  if (!request.caller.source.empty()) {
    for (Event& event : body->events) event.source = request.caller.source;
  }
  const auto origins = keys->of_events(body->events);
  if (!origins) {
    counters.refused += offered;
    return problem(origins.error());
  }
  std::vector<KeyedView> keyed;
  keyed.reserve(body->events.size());
  for (std::size_t i = 0; i < body->events.size(); ++i) {
    keyed.emplace_back(body->events[i], (*origins)[i]);
  }
  const auto inserted = commits_.insert_new(keyed);
  if (!inserted) {
    counters.dropped += offered;
    return problem(inserted.error());
  }
  counters.durable += inserted->stored;
  counters.repeated += offered - inserted->stored;
  if (!keys->trail_id().empty() && inserted->stored < offered) {
    auto same = check_again(keys->trail_id(), body->events, *inserted);
    if (!same) {
      return same.error().code == ErrorCode::corrupt ? problem(409, same.error().message)
                                                     : problem(same.error());
    }
  }
  std::string answer = "{\"ids\":";
  char separator = '[';
  for (const EventId id : inserted->ids) {
    answer += separator + std::to_string(id);
    separator = ',';
  }
  return json_response(201, answer + "]}");
}

// Whoever takes secrets out of texts may have had other rules before.
Result<void> Api::check_again(std::string_view trail_id, std::span<const Event> events,
                              const InsertedNew& inserted) {
  const auto erased = [](const std::string& text, std::string_view mark) {
    return text == mark || !find_marks(text).empty() ? std::string(mark) : std::string();
  };
  std::vector<RecordedEvent> comes(events.size());
  for (std::size_t i = 0; i < events.size(); ++i) {
    comes[i].event = events[i];
    comes[i].erased_summary = erased(events[i].summary, redacted_summary);
    comes[i].erased_detail = erased(events[i].detail, redacted_detail);
  }
  return check_shipped_again(*store_, trail_id, comes, inserted);
}

HttpResponse Api::otlp_traces(Request& request) {
  return otlp_.take(OtlpSignal::traces, request.http, request.caller.source);
}

HttpResponse Api::otlp_logs(Request& request) {
  return otlp_.take(OtlpSignal::logs, request.http, request.caller.source);
}

HttpResponse Api::otlp_metrics(Request& request) {
  return otlp_.take(OtlpSignal::metrics, request.http, request.caller.source);
}

HttpResponse Api::list(Request& request) {
  const auto brief = flag_of(request.query, "brief");
  if (!brief) return problem(brief.error());
  // Before the page, so that who follows from there misses nothing.
  const auto last_id = request.store->last_id();
  const bool is_fleet = !last_id && last_id.error().code == ErrorCode::unsupported;
  if (!last_id && !is_fleet) return problem(last_id.error());
  HttpResponse response =
      answered(list_opts_of(std::move(request.query)), [&](const ListOpts& opts) {
        auto page = request.store->list(opts, request.http.gone);
        if (page && *brief) {
          for (Event& event : page->events) event.detail.clear();
        }
        return page;
      });
  if (response.status != 200) return response;
  const std::string tag = "\"" + sha256_hex(response.body).substr(0, 32) + "\"";
  const std::string_view known = request.http.header("If-None-Match").value_or("");
  // Behind a proxy that compresses, a strong tag becomes a weak one.
  const bool same = lists_token(known, tag) || lists_token(known, "W/" + tag) || known == "*";
  if (same) {
    response.status = 304;
    response.body.clear();
  }
  response.headers.push_back({.name = "ETag", .value = tag});
  if (last_id) {
    response.headers.push_back({.name = "Last-Event-ID", .value = std::to_string(*last_id)});
  }
  response.headers.push_back({.name = "Cache-Control", .value = "private, no-cache"});
  return response;
}

HttpResponse Api::stats(Request& request) {
  return answered(stats_opts_of(std::move(request.query)), [&](const StatsOpts& opts) {
    return request.store->stats(opts, request.http.gone);
  });
}

HttpResponse Api::histogram(Request& request) {
  return answered(histogram_opts_of(std::move(request.query)),
                  [&](const StatsOpts& opts) -> Result<std::vector<HistogramBucket>> {
                    auto stats = request.store->stats(opts, request.http.gone);
                    if (!stats) return fail(stats.error());
                    return std::move(stats->histogram);
                  });
}

HttpResponse Api::groups(Request& request) {
  return answered(groups_opts_of(std::move(request.query)), [&](const GroupsOpts& opts) {
    return request.store->groups(opts, request.http.gone);
  });
}

HttpResponse Api::conversations(Request& request) {
  return answered(conversations_opts_of(std::move(request.query)),
                  [&](const ConversationsOpts& opts) {
                    return request.store->conversations(opts, request.http.gone);
                  });
}

HttpResponse Api::pending(Request& request) {
  return answered(open_intents_opts_of(std::move(request.query)), [&](const OpenIntentsOpts& opts) {
    return request.store->open_intents(opts, request.http.gone);
  });
}

HttpResponse Api::trails(Request& request) {
  constexpr std::chrono::hours silent_after{1};
  const auto trails = request.store->trails(request.http.gone, silent_after);
  const bool is_fleet = trails || trails.error().code != ErrorCode::unsupported;
  if (!trails && is_fleet) return problem(trails.error());
  std::string body = std::string("{\"fleet\":") + (is_fleet ? "true" : "false") + ",\"trails\":[";
  for (std::size_t i = 0; is_fleet && i < trails->size(); ++i) {
    if (i > 0) body += ',';
    append_json(body, (*trails)[i]);
  }
  return json_response(200, body + "]}");
}

HttpResponse Api::stream(Request& request) {
  std::optional<EventId> after;
  const auto parameter = request.query.take("last_event_id");
  if (!parameter) return problem(parameter.error());
  const auto header = request.http.header("Last-Event-ID");
  std::string last = *parameter ? **parameter : std::string();
  if (header && !header->empty()) last = *header;
  if (!last.empty()) {
    const auto id = last == "0" ? Result<EventId>(0) : event_id_of(last);
    if (!id) return problem(400, "last_event_id: " + id.error().message);
    after = *id;
  }
  auto filter = filters_of(std::move(request.query));
  if (!filter) return problem(400, filter.error().message);
  auto follower = request.store == store_
                      ? live_.follow(std::move(*filter), after)
                      : fleet_live_.follow(request.store, std::move(*filter), after);
  if (!follower) return problem(follower.error());
  HttpResponse response;
  response.headers.push_back({.name = "Content-Type", .value = "text/event-stream"});
  response.headers.push_back({.name = "X-Accel-Buffering", .value = "no"});
  response.source = std::move(*follower);
  return response;
}

HttpResponse Api::export_events(Request& request) {
  const auto name = request.query.take("format");
  if (!name) return problem(name.error());
  const auto format = event_format_of(name->value_or("jsonl"));
  if (!format) return problem(400, "format: \"" + **name + "\" is none of jsonl, csv, ocsf");
  auto filter = filters_of(std::move(request.query));
  if (!filter) return problem(400, filter.error().message);
  HttpResponse response;
  const bool csv = *format == EventFormat::csv;
  response.headers.push_back(
      {.name = "Content-Type", .value = csv ? "text/csv; charset=utf-8" : "application/x-ndjson"});
  response.headers.push_back(
      {.name = "Content-Disposition",
       .value = std::string("attachment; filename=\"audit.") + (csv ? "csv" : "jsonl") + "\""});
  response.source =
      std::make_unique<ExportSource>(request.store, std::move(*filter), *format, request.http.gone);
  return response;
}

HttpResponse Api::proof(Request& request) {
  const auto id = event_id_of(request.id);
  if (!id) return problem(id.error());
  BundleOpts opts;
  opts.ids = {*id};
  opts.query = "{\"id\":" + std::to_string(*id) + "}";
  auto bundle = request.store->bundle(opts);
  return bundle ? json_response(200, std::move(*bundle)) : problem(bundle.error());
}

HttpResponse Api::get(Request& request) {
  const auto id = event_id_of(request.id);
  if (!id) return problem(id.error());
  const auto event = request.store->get(*id);
  return event ? json_response(200, to_json(*event)) : problem(event.error());
}

HttpResponse Api::verification(Request& request) {
  const auto fresh = flag_of(request.query, "fresh");
  if (!fresh) return problem(fresh.error());
  if (auto taken = request.query.all_taken(); !taken) return problem(taken.error());
  if (request.store == store_) {
    // A fleet's trails are verified each by itself.
    const auto trail = store_->trail_id();
    if (!trail && trail.error().code == ErrorCode::unsupported) return problem(trail.error());
    return json_response(200, verifier_.answer(*fresh));
  }
  auto answer = fleet_verifiers_.answer(request.store, *fresh);
  return answer ? json_response(200, std::move(*answer)) : problem(answer.error());
}

HttpResponse Api::bundle(Request& request) {
  const auto filter = filters_of(std::move(request.query));
  if (!filter) return problem(400, filter.error().message);
  BundleOpts opts;
  opts.query = filter_json(*filter);
  auto ids = bundle_ids(*request.store, *filter, request.http.gone);
  if (!ids) return problem(ids.error());
  opts.ids = std::move(*ids);
  if (opts.ids.empty()) return problem(404, "no events match");
  auto bundle = request.store->bundle(opts);
  if (!bundle) return problem(bundle.error());
  HttpResponse response = json_response(200, std::move(*bundle));
  response.headers.push_back(
      {.name = "Content-Disposition", .value = "attachment; filename=\"audit.evidence.json\""});
  return response;
}

HttpResponse Api::checkpoint(Request& request) {
  auto note = request.store->checkpoint();
  return note ? text_response("text/plain; charset=utf-8", std::move(*note))
              : problem(note.error());
}

HttpResponse Api::tile(Request& request) {
  HttpResponse response;
  TileOpts opts;
  opts.only = "tile/" + std::string(request.id);
  opts.write = [&](const std::string& /*path*/, std::string_view bytes) -> Result<void> {
    response.body = bytes;
    return {};
  };
  if (const auto written = store_->tiles(opts, request.http.gone); !written)
    return problem(written.error());
  response.headers = {{.name = "Content-Type", .value = "application/octet-stream"},
                      // A tile never changes; a redaction changes no entry either.
                      {.name = "Cache-Control", .value = "private, max-age=31536000, immutable"}};
  return response;
}

HttpResponse Api::metrics(Request& /*request*/) {
  const auto last = store_->last_id();
  return text_response("text/plain; version=0.0.4; charset=utf-8",
                       metrics_.text({.store_bytes = store_bytes(*store_),
                                      .last_id = last.value_or(0),
                                      .followers = live_.followers() + fleet_live_.followers(),
                                      .otlp_held = otlp_.held_events(),
                                      .commit_queue = commits_.queue_depth()}));
}

HttpResponse Api::healthz(Request& /*request*/) { return json_response(200, R"({"status":"ok"})"); }

HttpResponse Api::readyz(Request& /*request*/) {
  const auto last = store_->last_id();
  const bool is_fleet = !last && last.error().code == ErrorCode::unsupported;
  return last || is_fleet ? json_response(200, R"({"status":"ok"})") : problem(last.error());
}

HttpResponse Api::openapi(Request& /*request*/) {
  return json_response(200, openapi_document(routes()));
}

HttpResponse Api::page(Request& request) { return page_response(request.http); }

HttpResponse Api::asset(Request& request) { return asset_response(request.http, request.id); }

}  // namespace agentaudit
