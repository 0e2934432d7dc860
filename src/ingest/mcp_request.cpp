#include "ingest/mcp_request.h"

#include <algorithm>
#include <utility>

#include "agentaudit/core/names.h"
#include "ingest/derived_id.h"
#include "ingest/mcp_detail.h"
#include "ingest/one_line.h"

namespace agentaudit {
namespace {

// Of what was asked, so that the error stays in sight.
constexpr std::size_t words_bytes_before_error_max = 80;

std::string_view text_at(const JsonValue* object, std::string_view name) {
  return object != nullptr ? object->string_at(name) : std::string_view();
}

// Empty: the server, or it is known only with the answer.
std::string target_of(McpTarget target, const JsonValue* params, const McpRequest* within) {
  switch (target) {
    case McpTarget::tool: return mcp_name(text_at(params, "name"));
    case McpTarget::uri: return mcp_name(text_at(params, "uri"));
    case McpTarget::reference: {
      const JsonValue* const reference = object_at(params, "ref");
      const std::string_view name = text_at(reference, "name");
      return mcp_name(name.empty() ? text_at(reference, "uri") : name);
    }
    case McpTarget::asker: return within != nullptr ? within->event.target : std::string();
    default: return {};
  }
}

void give_ids(Event& event, const McpMeta& meta, const McpSurroundings& surroundings) {
  const Event* const outer = surroundings.within != nullptr ? &surroundings.within->event : nullptr;
  event.conversation_id = meta.conversation;
  if (event.conversation_id.empty() && outer != nullptr) {
    event.conversation_id = outer->conversation_id;
  }
  if (event.conversation_id.empty()) event.conversation_id = surroundings.connection;
  event.span_id = derived_id(span_id_bytes,
                             {"mcp", surroundings.connection, std::to_string(surroundings.number)});

  if (!meta.trace_id.empty()) {
    event.trace_id = meta.trace_id;
    event.parent_span_id = meta.parent_span_id;
  } else if (outer != nullptr) {
    event.trace_id = outer->trace_id;
    event.parent_span_id = outer->span_id;
  } else {
    // As the hooks of the same conversation and call have it.
    event.trace_id = derived_id(trace_id_bytes, {"trace", event.conversation_id});
    if (!meta.conversation.empty() && !meta.tool_call_id.empty()) {
      event.parent_span_id =
          derived_id(span_id_bytes, {"call", meta.conversation, meta.tool_call_id});
    }
  }
}

bool is_true(const JsonValue* value) { return value != nullptr && value->raw == "true"; }

McpOutcome outcome_of_answer(const JsonValue* result) {
  const std::string_view answer = text_at(result, "action");
  if (answer == "accept") return {.status = status::ok, .action = "approve", .result = result};
  if (answer == "decline" || answer == "cancel") {
    return {.status = status::denied, .action = "deny", .reason = answer, .result = result};
  }
  return {.status = status::error, .reason = "no answer that is known", .result = result};
}

// What went wrong, for the summary.
std::string_view error_text(const McpOutcome& outcome) {
  if (outcome.error != nullptr) {
    const std::string_view message = text_at(outcome.error, "message");
    return message.empty() ? outcome.error->raw : message;
  }
  if (!outcome.reason.empty()) return outcome.reason;
  if (outcome.status == status::ok || outcome.result == nullptr) return {};
  return mcp_content_text(*outcome.result);
}

std::string summary_of(const McpRequest& request, std::string_view error) {
  std::string summary = request.event.target;
  const auto add = [&](std::string_view text) {
    if (text.empty()) return;
    if (!summary.empty()) summary += summary.ends_with(':') ? " " : ": ";
    summary += text;
  };
  if (request.event.category == category::mcp) add(request.method);
  add(error.empty() ? request.words : one_line(request.words, words_bytes_before_error_max));
  add(error);
  return one_line(summary);
}

std::string detail_of(const McpRequest& request, const McpOutcome& outcome,
                      std::string_view server) {
  std::string members;
  const std::size_t around = 256;
  members.reserve(around + request.asked.size() +
                  (outcome.result != nullptr ? outcome.result->raw.size() : 0));
  append_mcp_text(members, "server", server);
  if (request.is(McpMeaning::sampling)) {
    append_mcp_text(members, "model", text_at(outcome.result, "model"));
  }
  append_mcp_text(members, "reason", outcome.reason);
  if (outcome.error != nullptr) append_mcp_member(members, "error", outcome.error->raw);
  if (!request.asked.empty()) {
    if (!members.empty()) members += ',';
    members += request.asked;
  }
  if (outcome.result != nullptr) append_mcp_member(members, "result", outcome.result->raw);
  return "{" + members + "}";
}

}  // namespace

std::size_t McpRequest::bytes() const noexcept {
  constexpr std::size_t overhead = 1'024;
  return overhead + asked.size() + event.target.size();
}

McpRequest open_mcp_request(std::string_view method, std::string_view request_id,
                            const JsonValue* params, const McpSurroundings& surroundings) {
  const McpMethod& row = mcp_method(method);
  const McpMeta meta = read_mcp_meta(params);
  McpRequest request;
  request.row = &row;
  request.method = mcp_name(method);
  request.task = text_at(params, "taskId");
  request.asked = mcp_asked_members({.method = method,
                                     .request_id = request_id,
                                     .tool_call_id = meta.tool_call_id,
                                     .params = params},
                                    row.meaning);
  request.words = mcp_telling_part(params, row.meaning);
  request.started = surroundings.at.steady;

  Event& event = request.event;
  event.timestamp = surroundings.at.time;
  event.category = row.category;
  event.action = row.action.empty() ? request.method : row.action;
  event.agent = surroundings.agent;
  event.source = "mcp";
  event.target = target_of(row.target, params, surroundings.within);
  give_ids(event, meta, surroundings);
  return request;
}

McpOutcome mcp_outcome(const McpRequest& request, const JsonValue* result, const JsonValue* error) {
  if (error != nullptr) return {.status = status::error, .error = error};
  if (request.is(McpMeaning::elicitation)) return outcome_of_answer(result);
  const bool failed = result != nullptr && is_true(result->find("isError"));
  return {.status = failed ? status::error : status::ok, .result = result};
}

Event pending_mcp_event(const McpRequest& request, std::string_view server) {
  McpRequest copy = request;
  if (copy.event.target.empty()) copy.event.target = server;
  copy.event.status = status::pending;
  copy.event.summary = summary_of(copy, "");
  copy.event.detail = detail_of(copy, {}, server);
  return std::move(copy.event);
}

Event finished_mcp_event(McpRequest request, const McpOutcome& outcome, std::string_view server,
                         McpMoment at) {
  using std::chrono::milliseconds;
  Event& event = request.event;
  if (request.row->target == McpTarget::model) {
    event.target = mcp_name(text_at(outcome.result, "model"));
  }
  if (event.target.empty()) event.target = server;
  event.status = outcome.status;
  if (!outcome.action.empty()) event.action = outcome.action;
  event.duration = std::max(milliseconds(0),
                            std::chrono::duration_cast<milliseconds>(at.steady - request.started));
  event.summary = summary_of(request, error_text(outcome));
  event.detail = detail_of(request, outcome, server);
  return std::move(event);
}

}  // namespace agentaudit
