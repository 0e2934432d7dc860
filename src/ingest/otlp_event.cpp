#include "ingest/otlp_event.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <utility>

#include "agentaudit/core/names.h"
#include "core/bytes.h"
#include "core/hex.h"
#include "core/json_value.h"
#include "core/sha256.h"
#include "core/utf8.h"
#include "ingest/one_line.h"
#include "ingest/otlp_detail.h"
#include "ingest/otlp_status.h"

namespace agentaudit {
namespace {

constexpr std::string_view otlp_source = "otlp";
constexpr std::size_t reasons_max = 10;
constexpr std::int64_t span_error = 2;
constexpr auto time_max = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());

// What is of the resource is in each of its events, so it may be less.
constexpr std::size_t resource_name_bytes_max = 256;

std::string name_of(std::string_view text, std::size_t bytes_max = limits::otlp_name_bytes_max) {
  return std::string(utf8_prefix(text, bytes_max));
}

// False: another number of bytes, or nothing but zeros, which stands for no id.
template <std::size_t Size>
bool read_id(std::string_view bytes, std::array<char, Size>& id) {
  if (bytes.size() != Size) return false;
  std::copy(bytes.begin(), bytes.end(), id.begin());
  return id != std::array<char, Size>{};
}

template <std::size_t Size>
std::string_view view_of_id(const std::array<char, Size>& id) {
  return {id.data(), id.size()};
}

template <std::size_t Size>
std::string hex_of(const std::array<char, Size>& id) {
  return id == std::array<char, Size>{} ? std::string() : to_hex(view_of_id(id));
}

std::chrono::milliseconds duration_of(std::uint64_t start_ns, std::uint64_t end_ns) {
  constexpr std::uint64_t ns_per_ms = 1'000'000;
  if (start_ns == 0 || end_ns <= start_ns) return std::chrono::milliseconds(0);
  return std::chrono::milliseconds((end_ns - start_ns + ns_per_ms / 2) / ns_per_ms);
}

// The string of that member of a JSON object.
std::string member_of(std::string_view json, std::string_view name) {
  if (json.find(name) == std::string_view::npos) return {};
  const auto document = JsonDocument::parse(json, 1);
  return document ? std::string(document->root().string_at(name)) : std::string();
}

std::string own_agent(const OtlpFields& fields) {
  if (const auto agent = fields.text(OtlpField::agent); !agent.empty()) return name_of(agent);
  if (const auto metadata = fields.text(OtlpField::metadata); !metadata.empty()) {
    if (auto agent = member_of(metadata, "lc_agent_name"); !agent.empty()) return name_of(agent);
  }
  return {};
}

std::string exception_message(const OtlpSpan& span) {
  for (const OtlpSpanEvent& event : span.events) {
    if (event.name != "exception") continue;
    const OtlpFields fields(event.attributes);
    if (const auto text = fields.text(OtlpField::error_text); !text.empty()) {
      return std::string(text);
    }
  }
  return {};
}

// What went wrong, in the words of whoever says most.
std::string error_of(const OtlpFields& fields, std::string_view status_message,
                     std::string exception) {
  if (const auto text = fields.text(OtlpField::error_text); !text.empty()) {
    return std::string(text);
  }
  if (!status_message.empty()) return std::string(status_message);
  if (!exception.empty()) return exception;
  return std::string(fields.text(OtlpField::error_type));
}

// Codex tells of an error as of any other result.
std::string error_of_log(const OtlpFields& fields) {
  std::string error = error_of(fields, {}, {});
  return error.empty() ? one_line(fields.text(OtlpField::result)) : error;
}

std::string words_of_object(const JsonValue& arguments) {
  // Words of a shell command would be taken for names of tools by who reads summaries;
  // its description says what it is for.
  const std::string_view description = arguments.string_at("description");
  if (!description.empty() && !arguments.string_at("command").empty()) {
    return std::string(description);
  }
  return telling_part(arguments);
}

std::string words_of_arguments(const OtlpFields& fields, std::string_view category) {
  // A longer one need not be parsed for one line.
  constexpr std::size_t parsed_bytes_max = 4'096;
  const OtlpValue* const arguments = fields.value(OtlpField::arguments);
  if (arguments == nullptr) {
    const std::string_view told = fields.text(OtlpField::told);
    const bool is_answer = told.empty() && category == category::session;
    return std::string(is_answer ? fields.text(OtlpField::result).substr(0, parsed_bytes_max)
                                 : told);
  }
  std::string json;
  std::string_view text = arguments->words();
  if (arguments->kind == OtlpValue::Kind::map) {
    append_json(json, *arguments);
    text = json;
  }
  if (text.starts_with('{') && text.size() <= parsed_bytes_max) {
    const auto document = JsonDocument::parse(text, 1);
    if (document) return words_of_object(document->root());
  }
  return std::string(text.substr(0, summary_bytes_max + 1));
}

std::string words_of_tokens(const OtlpFields& fields) {
  const auto count = [&](OtlpField field) {
    const OtlpValue* const value = fields.value(field);
    return value != nullptr ? value->to_int64() : std::nullopt;
  };
  const auto input = count(OtlpField::input_tokens);
  const auto output = count(OtlpField::output_tokens);
  if (!input && !output) return {};
  return std::to_string(input.value_or(0)) + " tokens in, " + std::to_string(output.value_or(0)) +
         " out";
}

std::string summary_of(const Event& event, const OtlpFields& fields, std::string_view error) {
  constexpr std::size_t before_error_bytes_max = 80;
  std::string summary = event.target.empty() ? event.action : event.target;
  const auto add = [&](std::string_view text) {
    if (!text.empty()) summary += ": ";
    summary += text;
  };
  const bool is_call = event.category == category::tool_call || event.category == category::llm;
  if (!is_call && !event.target.empty()) add(event.action);
  const std::string words = event.category == category::llm
                                ? words_of_tokens(fields)
                                : words_of_arguments(fields, event.category);
  add(error.empty() ? words : one_line(words, before_error_bytes_max));
  add(error);
  return one_line(summary);
}

// Claude Code calls all tools of MCP servers alike in its log records, and names them
// beside; as they are named here, its hooks and spans name them.
void name_mcp_tool(const OtlpFields& fields, Event& event, std::string& server) {
  const std::string_view parameters = fields.text(OtlpField::tool_parameters);
  if (event.target != "mcp_tool" || parameters.empty()) return;
  const std::string tool = member_of(parameters, "mcp_tool_name");
  if (tool.empty()) return;
  server = member_of(parameters, "mcp_server_name");
  event.target = name_of("mcp__" + server + "__" + tool);
}

class Digest {
 public:
  void add(std::string_view part) {
    add(part.size());
    hash_.update(part);
  }
  void add(std::uint64_t number) {
    std::array<std::uint8_t, 8> bytes{};
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      bytes[i] = static_cast<std::uint8_t>(number >> (8 * i));
    }
    hash_.update(view_of(bytes));
  }
  std::string take() {
    constexpr std::size_t bytes_kept = 16;
    return std::string(view_of(hash_.digest()).substr(0, bytes_kept));
  }

 private:
  Sha256 hash_;
};

}  // namespace

void OtlpEvents::on_resource(const OtlpScope& scope) {
  const OtlpFields fields(scope.resource);
  common_ = {};
  common_.service = "unknown";
  for (const OtlpAttribute& attribute : scope.resource) {
    if (attribute.key == "service.name" && !attribute.value.words().empty()) {
      common_.service = name_of(attribute.value.words(), resource_name_bytes_max);
    }
  }
  const auto text = [&](OtlpField field) {
    return name_of(fields.text(field), resource_name_bytes_max);
  };
  common_.agent = text(OtlpField::agent);
  if (common_.agent.empty()) common_.agent = common_.service;
  common_.conversation = text(OtlpField::conversation);
  common_.principal = text(OtlpField::principal);
  common_.detail = otlp_resource_detail(scope.resource);
}

void OtlpEvents::on_bad(std::string reason) {
  ++batch_.rejected;
  if (batch_.reasons.size() < reasons_max) batch_.reasons.push_back(std::move(reason));
}

bool OtlpEvents::count_record() {
  ++batch_.records;
  if (taken_ < limits::otlp_records_max) {
    ++taken_;
    return true;
  }
  on_bad("more than " + std::to_string(limits::otlp_records_max) + " records in one body");
  return false;
}

Event OtlpEvents::event_of(const OtlpFields& fields, const OtlpMeaning& meaning,
                           std::string_view status) const {
  Event event;
  event.category = meaning.category;
  event.action = name_of(meaning.action);
  if (meaning.status == OtlpStatus::of_decision) {
    event.action = status == status::denied ? "deny" : "approve";
  }
  event.status = status;
  event.source = otlp_source;
  if (meaning.target != OtlpField::count) event.target = name_of(fields.text(meaning.target));
  const auto principal = fields.text(OtlpField::principal);
  event.principal = principal.empty() ? common_.principal : name_of(principal);
  return event;
}

void OtlpEvents::on_span(const OtlpScope& scope, const OtlpSpan& span) {
  if (!count_record()) return;
  OtlpContext context;
  if (!read_id(span.trace_id, context.id.trace) || !read_id(span.span_id, context.id.span)) {
    on_bad("a span without a trace id of 16 bytes and a span id of 8");
    return;
  }
  if (span.start_ns > time_max || span.end_ns > time_max) {
    on_bad("span " + hex_of(context.id.span) + ": a time that is none, or after the year 2262");
    return;
  }
  if (read_id(span.parent_span_id, context.parent.span)) context.parent.trace = context.id.trace;

  const OtlpFields fields(span.attributes);
  const auto meaning = meaning_of(span, fields);
  context.conversation = name_of(fields.text(OtlpField::conversation));
  context.agent = meaning && meaning->is_coding_agent ? common_.service : own_agent(fields);
  if (meaning) finish_span(scope, span, fields, *meaning, context);
  batch_.contexts.push_back(std::move(context));
}

void OtlpEvents::finish_span(const OtlpScope& scope, const OtlpSpan& span, const OtlpFields& fields,
                             const OtlpMeaning& meaning, OtlpContext& context) {
  const std::string_view status = otlp_status(meaning, fields, span.status_code == span_error);
  const bool failed = status == status::error || status == status::denied;
  const std::string error =
      failed ? error_of(fields, span.status_message, exception_message(span)) : std::string();
  if (meaning.role == OtlpRole::end_of_call) {
    batch_.outcomes.push_back({.call = context.parent, .error = failed ? "failed" : ""});
    if (!error.empty()) batch_.outcomes.back().error = error;
    return;
  }

  OtlpEvent made;
  Event& event = made.keyed.event;
  event = event_of(fields, meaning, status);
  const bool is_named_by_span =
      event.target.empty() && meaning.target != OtlpField::count && !span.name.empty();
  if (is_named_by_span) event.target = name_of(span.name);
  event.timestamp = Timestamp::from_ns(
      static_cast<std::int64_t>(span.start_ns != 0 ? span.start_ns : span.end_ns));
  event.duration = duration_of(span.start_ns, span.end_ns);
  event.trace_id = hex_of(context.id.trace);
  event.span_id = hex_of(context.id.span);
  event.parent_span_id = hex_of(context.parent.span);
  event.agent = context.agent;
  event.conversation_id = context.conversation;
  event.summary = summary_of(event, fields, error);
  event.detail = otlp_detail({.fields = fields,
                              .attributes = span.attributes,
                              .name = span.name,
                              .scope = scope.name,
                              .resource = common_.detail,
                              .error = error,
                              .server = fields.text(OtlpField::server),
                              .events = &span.events,
                              .left_out = span.left_out});

  made.keyed.origin_key = std::string(view_of_id(context.id.trace));
  made.keyed.origin_key += view_of_id(context.id.span);
  made.span = context.id;
  made.ancestor = context.parent;
  made.agent_default = common_.agent;
  made.conversation_default = common_.conversation.empty() ? event.trace_id : common_.conversation;
  made.awaits_outcome = meaning.role == OtlpRole::call_without_end;
  made.awaits_records = event.category == category::llm && !meaning.is_coding_agent &&
                        fields.find(OtlpField::genai_operation) != nullptr &&
                        fields.find(OtlpField::messages) == nullptr &&
                        fields.find(OtlpField::arguments) == nullptr;
  made.may_repeat_the_call = meaning.role == OtlpRole::inner_call;
  if (event.category == category::tool_call) context.tool = event.target;
  if (meaning.status == OtlpStatus::of_decision && status == status::denied) {
    batch_.outcomes.push_back(
        {.call = context.parent,
         .error = "refused: " + std::string(fields.text(OtlpField::decision))});
  }
  batch_.events.push_back(std::move(made));
}

void OtlpEvents::on_log_record(const OtlpScope& scope, const OtlpLogRecord& record) {
  if (!count_record()) return;
  const OtlpFields fields(record.attributes);
  const auto meaning = meaning_of(record, fields);
  if (!meaning) return;
  const std::uint64_t written_ns = record.time_ns != 0 ? record.time_ns : record.observed_ns;
  if (written_ns > time_max) {
    on_bad("a log record with a time that is none, or after the year 2262");
    return;
  }
  OtlpEvent made;
  const bool has_trace = read_id(record.trace_id, made.span.trace);
  if (!has_trace || !read_id(record.span_id, made.span.span)) made.span.span = {};
  if (!has_trace) made.span.trace = {};

  const std::string_view status = otlp_status(*meaning, fields, false);
  const bool failed = status == status::error || status == status::denied;
  const std::string error = failed ? error_of_log(fields) : std::string();
  Event& event = made.keyed.event;
  event = event_of(fields, *meaning, status);
  std::string server(fields.text(OtlpField::server));
  name_mcp_tool(fields, event, server);
  const OtlpValue* const duration_ms = fields.value(OtlpField::duration_ms);
  event.duration = std::chrono::milliseconds(
      std::clamp<std::int64_t>(duration_ms != nullptr ? duration_ms->to_int64().value_or(0) : 0, 0,
                               static_cast<std::int64_t>(written_ns / 1'000'000)));
  event.timestamp = Timestamp::from_ns(static_cast<std::int64_t>(written_ns)).minus(event.duration);
  event.trace_id = hex_of(made.span.trace);
  event.parent_span_id = hex_of(made.span.span);
  event.agent = meaning->is_coding_agent ? common_.service : own_agent(fields);
  event.conversation_id = name_of(fields.text(OtlpField::conversation));
  event.summary = summary_of(event, fields, error);
  event.detail = otlp_detail({.fields = fields,
                              .attributes = record.attributes,
                              .name = log_record_name(record, fields),
                              .scope = scope.name,
                              .resource = common_.detail,
                              .error = error,
                              .server = server,
                              .body = &record.body,
                              .left_out = record.left_out});

  made.keyed.origin_key = digest(scope, record);
  made.ancestor = made.span;
  made.agent_default = common_.agent;
  made.conversation_default = common_.conversation.empty() ? event.trace_id : common_.conversation;
  made.is_last_part = meaning->role == OtlpRole::last_part_of_span;
  made.is_part_of_span =
      made.span.is_set() && (made.is_last_part || meaning->role == OtlpRole::part_of_span);
  batch_.events.push_back(std::move(made));
}

std::string OtlpEvents::digest(const OtlpScope& scope, const OtlpLogRecord& record) {
  if (common_.identity.empty()) append_json(common_.identity, scope.resource);
  std::string json;
  Digest digest;
  digest.add(common_.identity);
  for (const std::string_view part :
       {scope.name, record.trace_id, record.span_id, record.event_name, record.severity_text}) {
    digest.add(part);
  }
  digest.add(record.time_ns);
  digest.add(record.observed_ns);
  digest.add(static_cast<std::uint64_t>(record.severity_number));
  append_json(json, record.body);
  digest.add(json);
  json.clear();
  append_json(json, record.attributes);
  digest.add(json);
  return digest.take();
}

}  // namespace agentaudit
