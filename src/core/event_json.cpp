#include "agentaudit/core/event_json.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <vector>

#include "core/event_fields.h"
#include "core/json_value.h"
#include "core/plain_text.h"
#include "core/utf8.h"

namespace agentaudit {
namespace {

void append_unit(std::string& out, std::uint32_t unit) {
  constexpr std::string_view hex = "0123456789abcdef";
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += hex[(unit >> shift) & 0x0FU];
}

void append_escaped(std::string& out, std::uint32_t code_point) {
  switch (code_point) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\b': out += "\\b"; return;
    case '\f': out += "\\f"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default: break;
  }
  if (code_point < 0x10000) {
    append_unit(out, code_point);
    return;
  }
  const std::uint32_t offset = code_point - 0x10000;
  append_unit(out, 0xD800 + (offset >> 10U));
  append_unit(out, 0xDC00 + (offset & 0x3FFU));
}

void append_key(std::string& out, std::string_view name) {
  out += out.back() == '{' ? "\"" : ",\"";
  out += name;
  out += "\":";
}

void append_number(std::string& out, std::int64_t value) {
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.begin(), digits.end(), value).ptr;
  out.append(digits.begin(), end);
}

Error field_error(std::string_view name, std::string_view what) {
  return {.code = ErrorCode::parse,
          .message = "\"" + std::string(name) + "\" " + std::string(what)};
}

Result<void> read_timestamp(const JsonValue& value, Event& event) {
  using Kind = JsonValue::Kind;
  constexpr std::string_view go_zero_time = "0001-01-01T00:00:00Z";
  if (value.kind == Kind::null) return {};
  if (value.kind != Kind::string) {
    return fail(field_error(
        "timestamp", "must be a string in RFC 3339, not " + std::string(value.raw.substr(0, 32))));
  }
  if (value.string.empty() || value.string == go_zero_time) return {};
  auto timestamp = Timestamp::parse(value.string);
  if (!timestamp) {
    return fail(
        Error{.code = ErrorCode::parse, .message = "\"timestamp\": " + timestamp.error().message});
  }
  event.timestamp = *timestamp;
  return {};
}

Result<void> read_integer(std::string_view name, const JsonValue& value, std::int64_t& out) {
  if (value.kind == JsonValue::Kind::null) return {};
  const auto number = value.to_int64();
  if (!number) {
    return fail(field_error(name, "must be a number in the range of int64, not " +
                                      std::string(value.raw.substr(0, 32))));
  }
  out = *number;
  return {};
}

Result<void> read_string(std::string_view name, const JsonValue& value, std::string& out) {
  using Kind = JsonValue::Kind;
  if (value.kind == Kind::null) return {};
  if (value.kind == Kind::string) {
    out = value.string;
  } else if (name == "detail") {
    out = value.raw;
  } else {
    return fail(field_error(name, "must be a string, not " + std::string(value.raw.substr(0, 32))));
  }
  return {};
}

// Reads one member. False: the event has no such field.
Result<bool> read_member(const JsonMember& member, Event& event) {
  Result<void> read;
  if (member.name == "id") {
    read = read_integer("id", member.value, event.id);
  } else if (member.name == "timestamp") {
    read = read_timestamp(member.value, event);
  } else if (member.name == "duration_ms") {
    std::int64_t duration_ms = 0;
    read = read_integer("duration_ms", member.value, duration_ms);
    event.duration = std::chrono::milliseconds(duration_ms);
  } else {
    const auto* const field =
        std::find_if(string_fields.begin(), string_fields.end(),
                     [&](const StringField& f) { return f.name == member.name; });
    if (field == string_fields.end()) return false;
    read = read_string(field->name, member.value, event.*field->owned);
  }
  if (!read) return fail(std::move(read.error()));
  return true;
}

// A name that two members share, if there is one.
std::optional<std::string_view> repeated_name(const JsonValue& object) {
  std::vector<std::string_view> names;
  names.reserve(object.members.size());
  for (const JsonMember& member : object.members) names.push_back(member.name);
  std::sort(names.begin(), names.end());
  const auto repeated = std::adjacent_find(names.begin(), names.end());
  return repeated != names.end() ? std::optional(*repeated) : std::nullopt;
}

bool is_json_object(std::string_view text) {
  const auto document = JsonDocument::parse(text, 0);
  return document && document->root().kind == JsonValue::Kind::object;
}

// Adds `"unknown_fields":{…}` to a detail that is an object or empty; wraps any
// other detail as {"detail":…} first.
void add_unknown_fields(Event& event, std::string_view fields_json) {
  std::string& detail = event.detail;
  if (detail.empty()) {
    detail = "{}";
  } else if (!is_json_object(detail)) {
    std::string wrapped = R"({"detail":)";
    append_json_string(wrapped, detail);
    detail = wrapped + '}';
  }
  detail.resize(detail.rfind('}'));
  const std::size_t last = detail.find_last_not_of(" \t\r\n");
  if (detail[last] != '{') detail += ',';
  detail += R"("unknown_fields":{)";
  detail += fields_json;
  detail += "}}";
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const std::size_t plain = plain_bytes<PlainText::ascii>(text);
    out.append(text.substr(0, plain));
    text.remove_prefix(plain);
    if (text.empty()) break;
    const CodePoint code_point = decode_utf8(text);
    if (code_point.bytes == 0) {
      append_unit(out, 0xDC00 + static_cast<std::uint8_t>(text.front()));
      text.remove_prefix(1);
      continue;
    }
    if (code_point.value < 0x80 || is_unprintable(code_point.value)) {
      append_escaped(out, code_point.value);
    } else {
      out.append(text.substr(0, code_point.bytes));
    }
    text.remove_prefix(code_point.bytes);
  }
  out += '"';
}

void append_json(std::string& out, const EventView& event) {
  out += '{';
  append_key(out, "id");
  append_number(out, event.id);
  append_key(out, "timestamp");
  out += '"';
  event.timestamp.append_to(out);
  out += '"';
  for (const StringField& field : string_fields) {
    const std::string_view text = event.*field.view;
    if (field.omitted_when_empty && text.empty()) continue;
    append_key(out, field.name);
    append_json_string(out, text);
    if (field.view == &EventView::status) {
      append_key(out, "duration_ms");
      append_number(out, event.duration.count());
    }
  }
  out += '}';
}

std::string to_json(const EventView& event) {
  std::string out;
  append_json(out, event);
  return out;
}

Result<Event> event_from_json(std::string_view json) {
  const auto document = JsonDocument::parse(json, 1);
  if (!document) return fail(document.error());
  const JsonValue& root = document->root();
  if (root.kind != JsonValue::Kind::object) {
    return fail(ErrorCode::parse,
                "an event must be a JSON object, not " + std::string(root.raw.substr(0, 32)));
  }
  if (const auto name = repeated_name(root)) {
    return fail(field_error(name->substr(0, 64), "appears twice"));
  }
  Event event;
  std::string unknown;
  for (const JsonMember& member : root.members) {
    const auto known = read_member(member, event);
    if (!known) return fail(known.error());
    if (*known) continue;
    if (!unknown.empty()) unknown += ',';
    append_json_string(unknown, member.name);
    unknown += ':';
    unknown += member.value.raw;
  }
  if (event.category.empty()) return fail(ErrorCode::parse, "\"category\" is missing or empty");
  if (!unknown.empty()) add_unknown_fields(event, unknown);
  return event;
}

}  // namespace agentaudit
