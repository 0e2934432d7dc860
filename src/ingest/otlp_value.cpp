#include "ingest/otlp_value.h"

#include <array>
#include <charconv>
#include <cmath>

#include <simdjson.h>

#include "agentaudit/core/event_json.h"
#include "agentaudit/core/limits.h"
#include "agentaudit/ingest/otlp.h"

namespace agentaudit {
namespace {

void append_number(std::string& out, auto number) {
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

void append_real(std::string& out, double real) {
  if (std::isfinite(real)) {
    append_number(out, real);
  } else if (std::isnan(real)) {
    out += R"("NaN")";
  } else {
    out += real > 0 ? R"("Infinity")" : R"("-Infinity")";
  }
}

void append_base64(std::string& out, std::string_view bytes) {
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  while (!bytes.empty()) {
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      group = group << 8U | (i < bytes.size() ? static_cast<std::uint8_t>(bytes[i]) : 0U);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      out += i <= bytes.size() ? digits[group >> (18U - 6U * i) & 0x3FU] : '=';
    }
    bytes.remove_prefix(std::min<std::size_t>(bytes.size(), 3));
  }
}

// Whether the text is an object or array and nothing else: simdjson's document parser
// checks all of it.
bool is_json_container(std::string_view text) {
  constexpr std::string_view white_space = " \t\r\n";
  const std::size_t first = text.find_first_not_of(white_space);
  if (first == std::string_view::npos) return false;
  const char last = text[text.find_last_not_of(white_space)];
  const bool looks_so = (text[first] == '{' && last == '}') || (text[first] == '[' && last == ']');
  // What is longer than an event is cut anyway.
  if (!looks_so || text.size() > limits::event_bytes_max) return false;
  // It copies the text into a padded buffer, which it keeps for the next.
  thread_local simdjson::dom::parser parser = [] {
    simdjson::dom::parser made;
    // Without memory now it has the limits that it is made with, and tries again then.
    static_cast<void>(made.allocate(std::size_t{1} << 16U, limits::json_depth_max / 2) ==
                      simdjson::SUCCESS);
    return made;
  }();
  return parser.parse(text.data(), text.size(), true).error() == simdjson::SUCCESS;
}

void append_value(std::string& out, const OtlpValue& value, int depth);

void append_members(std::string& out, const std::vector<OtlpAttribute>& members, int depth) {
  char before = '{';
  for (const OtlpAttribute& member : members) {
    out += before;
    before = ',';
    append_json_string(out, member.key);
    out += ':';
    append_value(out, member.value, depth);
  }
  if (members.empty()) out += before;
  out += '}';
}

void append_items(std::string& out, const std::vector<OtlpValue>& items, int depth) {
  char before = '[';
  for (const OtlpValue& item : items) {
    out += before;
    before = ',';
    append_value(out, item, depth);
  }
  if (items.empty()) out += before;
  out += ']';
}

void append_value(std::string& out, const OtlpValue& value, int depth) {
  switch (value.kind) {
    case OtlpValue::Kind::none: out += "null"; return;
    case OtlpValue::Kind::text: append_text_or_json(out, value.text); return;
    case OtlpValue::Kind::boolean: out += value.boolean ? "true" : "false"; return;
    case OtlpValue::Kind::integer: append_number(out, value.integer); return;
    case OtlpValue::Kind::real: append_real(out, value.real); return;
    case OtlpValue::Kind::bytes:
      out += '"';
      append_base64(out, value.text);
      out += '"';
      return;
    case OtlpValue::Kind::list: append_items(out, value.items, depth + 1); return;
    case OtlpValue::Kind::map: append_members(out, value.members, depth + 1); return;
  }
}

}  // namespace

std::optional<std::int64_t> OtlpValue::to_int64() const noexcept {
  if (kind == Kind::integer) return integer;
  if (kind == Kind::real) {
    // 2^63 is the first double beyond the range.
    constexpr double beyond = 9'223'372'036'854'775'808.0;
    if (real < beyond && real >= -beyond) return std::llround(real);
    return std::nullopt;
  }
  if (kind != Kind::text) return std::nullopt;
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number);
  if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  return number;
}

std::optional<bool> OtlpValue::to_bool() const noexcept {
  if (kind == Kind::boolean) return boolean;
  if (words() == "true") return true;
  if (words() == "false") return false;
  return std::nullopt;
}

void append_json(std::string& out, const OtlpValue& value) { append_value(out, value, 1); }

void append_json(std::string& out, const std::vector<OtlpAttribute>& attributes) {
  append_members(out, attributes, 1);
}

void append_text_or_json(std::string& out, std::string_view text) {
  if (is_json_container(text)) {
    out += text;
  } else {
    append_json_string(out, text);
  }
}

}  // namespace agentaudit
