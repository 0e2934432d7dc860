#include "core/json_value.h"

#include <charconv>
#include <cmath>
#include <limits>

#include <simdjson.h>

#include "agentaudit/core/limits.h"
#include "core/plain_text.h"
#include "core/utf8.h"

namespace agentaudit {
namespace {

namespace ondemand = simdjson::ondemand;

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

std::string_view without_space_at_end(std::string_view text) {
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

// Whether the text ends in a backslash that no other backslash escapes.
bool ends_in_escape(std::string_view text) {
  const std::size_t last = text.find_last_not_of('\\');
  const std::size_t backslashes = text.size() - (last == std::string_view::npos ? 0 : last + 1);
  return backslashes % 2 == 1;
}

// A copy in which each byte that is not UTF-8 is written as its \udcNN escape. Where
// that cannot be done the copy is no UTF-8, which the parser will say.
std::string with_bytes_escaped(std::string_view text) {
  constexpr std::string_view hex = "0123456789abcdef";
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  while (!text.empty()) {
    const CodePoint code_point = decode_utf8(text);
    if (code_point.bytes != 0) {
      out.append(text.substr(0, code_point.bytes));
      text.remove_prefix(code_point.bytes);
      continue;
    }
    // After a backslash the byte is a bad escape, and must not become a good one.
    if (ends_in_escape(out)) return std::string(text);
    const auto byte = static_cast<std::uint8_t>(text.front());
    out += "\\udc";
    out += hex[byte >> 4U];
    out += hex[byte & 0x0FU];
    text.remove_prefix(1);
  }
  return out;
}

std::optional<std::uint32_t> hex4(std::string_view text) {
  if (text.size() < 4) return std::nullopt;
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + 4, value, 16);
  if (error != std::errc() || end != text.data() + 4) return std::nullopt;
  return value;
}

// Takes one escape, the backslash already taken, off the front of `text`.
bool take_escape(std::string_view& text, std::string& out) {
  if (text.empty()) return false;
  const char kind = text.front();
  text.remove_prefix(1);
  switch (kind) {
    case '"':
    case '\\':
    case '/': out += kind; return true;
    case 'b': out += '\b'; return true;
    case 'f': out += '\f'; return true;
    case 'n': out += '\n'; return true;
    case 'r': out += '\r'; return true;
    case 't': out += '\t'; return true;
    case 'u': break;
    default: return false;
  }
  const auto unit = hex4(text);
  if (!unit) return false;
  text.remove_prefix(4);
  std::uint32_t code_point = *unit;
  if (code_point >= 0xD800 && code_point <= 0xDBFF && text.starts_with("\\u")) {
    const auto low = hex4(text.substr(2));
    if (low && *low >= 0xDC00 && *low <= 0xDFFF) {
      code_point = 0x10000 + ((code_point - 0xD800) << 10U) + (*low - 0xDC00);
      text.remove_prefix(6);
    }
  }
  if (code_point >= 0xDC80 && code_point <= 0xDCFF) {
    out += static_cast<char>(code_point & 0xFFU);  // a byte that was not UTF-8
  } else {
    append_utf8(out, code_point);
  }
  return true;
}

// Unescapes a string token, quotes included. False: not a JSON string.
bool unescape(std::string_view token, std::string& out) {
  if (token.size() < 2 || token.front() != '"' || token.back() != '"') return false;
  std::string_view text = token.substr(1, token.size() - 2);
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t plain = plain_bytes<PlainText::bytes>(text);
    out.append(text.substr(0, plain));
    text.remove_prefix(plain);
    if (text.empty()) break;
    if (text.front() != '\\') return false;  // a bare quote or control character
    text.remove_prefix(1);
    if (!take_escape(text, out)) return false;
  }
  return true;
}

// The grammar of RFC 8259, section 6. simdjson would refuse what no double holds.
bool is_number(std::string_view text) {
  const auto digits = [&] {
    std::size_t count = 0;
    while (count < text.size() && text[count] >= '0' && text[count] <= '9') ++count;
    return count;
  };
  if (text.starts_with('-')) text.remove_prefix(1);
  const std::size_t whole = digits();
  if (whole == 0 || (whole > 1 && text.front() == '0')) return false;
  text.remove_prefix(whole);
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    const std::size_t fraction = digits();
    if (fraction == 0) return false;
    text.remove_prefix(fraction);
  }
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
    const std::size_t exponent = digits();
    if (exponent == 0) return false;
    text.remove_prefix(exponent);
  }
  return text.empty();
}

Error parse_error(std::string what) {
  return {.code = ErrorCode::parse, .message = std::move(what)};
}

Error parse_error(simdjson::error_code code) {
  return parse_error(std::string("not valid JSON: ") + simdjson::error_message(code));
}

// Walks simdjson's lazy document and builds the tree. Everything is visited, so
// everything is validated.
class TreeBuilder {
 public:
  TreeBuilder(ondemand::document& document, std::string_view text, int depth_kept)
      : document_(document), text_(text), depth_kept_(depth_kept) {}

  Result<void> build(JsonValue& out) {
    ondemand::json_type type{};
    if (const auto error = document_.type().get(type)) return fail(parse_error(error));
    if (type != ondemand::json_type::array && type != ondemand::json_type::object) {
      std::string_view token;
      if (const auto error = document_.raw_json_token().get(token)) return fail(parse_error(error));
      // simdjson looks no further than the token; the value is all there may be.
      const char* const end = text_.data() + text_.size();
      return scalar({token.data(), static_cast<std::size_t>(end - token.data())}, out);
    }
    ondemand::value value;
    if (const auto error = document_.get_value().get(value)) return fail(parse_error(error));
    if (auto built = container(value, type, out, 1); !built) return built;
    const char* next = nullptr;
    if (document_.current_location().get(next) != simdjson::OUT_OF_BOUNDS) {
      return fail(parse_error("not valid JSON: text after the end of the value"));
    }
    return {};
  }

 private:
  Result<void> any(ondemand::value value, JsonValue& out, int depth) {
    ondemand::json_type type{};
    if (const auto error = value.type().get(type)) return fail(parse_error(error));
    if (type == ondemand::json_type::array || type == ondemand::json_type::object) {
      return container(value, type, out, depth);
    }
    // Left unconsumed: simdjson skips it when the loop around goes on. It would skip a
    // string before a colon as a key, even in an array.
    const std::string_view token = value.raw_json_token();
    const char* const next = token.data() + token.size();
    if (next != text_.data() + text_.size() && *next == ':') {
      return fail(parse_error("not valid JSON: a colon after a value"));
    }
    return scalar(token, out);
  }

  static Result<void> scalar(std::string_view token, JsonValue& out) {
    out.raw = without_space_at_end(token);
    if (out.raw.starts_with('"')) {
      out.kind = JsonValue::Kind::string;
      if (unescape(out.raw, out.string)) return {};
      return fail(
          parse_error("not valid JSON: a string with a bad escape or a bare control character"));
    }
    if (out.raw == "null") {
      out.kind = JsonValue::Kind::null;
    } else if (out.raw == "true" || out.raw == "false") {
      out.kind = JsonValue::Kind::boolean;
    } else if (is_number(out.raw)) {
      out.kind = JsonValue::Kind::number;
    } else {
      return fail(parse_error("not valid JSON: \"" + std::string(out.raw.substr(0, 32)) +
                              "\" is no value"));
    }
    return {};
  }

  Result<void> container(ondemand::value value, ondemand::json_type type, JsonValue& out,
                         int depth) {
    if (depth > limits::json_depth_max) {
      return fail(ErrorCode::too_large,
                  "JSON nested deeper than " + std::to_string(limits::json_depth_max) + " levels");
    }
    const char* const start = value.raw_json_token().data();
    auto built =
        type == ondemand::json_type::array ? array(value, out, depth) : object(value, out, depth);
    if (!built) return built;
    // Before the next token there is only white space and our closing bracket.
    const char* end = text_.data() + text_.size();
    const char* next = nullptr;
    if (document_.current_location().get(next) == simdjson::SUCCESS) end = next;
    out.raw = without_space_at_end(std::string_view(start, static_cast<std::size_t>(end - start)));
    return {};
  }

  Result<void> array(ondemand::value value, JsonValue& out, int depth) {
    out.kind = JsonValue::Kind::array;
    ondemand::array array;
    if (const auto error = value.get_array().get(array)) return fail(parse_error(error));
    JsonValue unkept;
    for (auto item : array) {
      ondemand::value child;
      if (const auto error = item.get(child)) return fail(parse_error(error));
      if (auto kept = count_kept(depth); !kept) return kept;
      JsonValue& slot = depth <= depth_kept_ ? out.items.emplace_back() : (unkept = {});
      if (auto built = any(child, slot, depth + 1); !built) return built;
    }
    return {};
  }

  Result<void> object(ondemand::value value, JsonValue& out, int depth) {
    out.kind = JsonValue::Kind::object;
    ondemand::object object;
    if (const auto error = value.get_object().get(object)) return fail(parse_error(error));
    JsonMember unkept;
    for (auto field : object) {
      ondemand::field child;
      if (const auto error = std::move(field).get(child)) return fail(parse_error(error));
      if (auto kept = count_kept(depth); !kept) return kept;
      JsonMember& slot = depth <= depth_kept_ ? out.members.emplace_back() : (unkept = {});
      if (!unescape(key_token(child.key().raw()), slot.name)) {
        return fail(
            parse_error("not valid JSON: a key with a bad escape or a bare control character"));
      }
      if (auto built = any(child.value(), slot.value, depth + 1); !built) return built;
    }
    return {};
  }

  // Counts one more value of a container at `depth`.
  Result<void> count_kept(int depth) {
    if (depth > depth_kept_ || ++values_kept_ <= limits::json_values_max) return {};
    return fail(ErrorCode::too_large,
                "JSON with more than " + std::to_string(limits::json_values_max) + " values");
  }

  // simdjson gives where a key starts; its end is the next quote that is not escaped.
  std::string_view key_token(const char* after_quote) const {
    const char* const end = text_.data() + text_.size();
    const char* close = after_quote;
    while (close < end && *close != '"') close += *close == '\\' ? 2 : 1;
    if (close >= end) return {};
    return {after_quote - 1, static_cast<std::size_t>(close - after_quote) + 2};
  }

  ondemand::document& document_;
  std::string_view text_;
  int depth_kept_;
  std::size_t values_kept_ = 0;
};

}  // namespace

const JsonValue* JsonValue::find(std::string_view name) const noexcept {
  for (const JsonMember& member : members) {
    if (member.name == name) return &member.value;
  }
  return nullptr;
}

std::string_view JsonValue::string_at(std::string_view name) const noexcept {
  const JsonValue* const value = find(name);
  return value != nullptr && value->kind == Kind::string ? std::string_view(value->string)
                                                         : std::string_view();
}

std::optional<std::int64_t> JsonValue::to_int64() const noexcept {
  if (kind != Kind::number) return std::nullopt;
  const char* const end = raw.data() + raw.size();
  std::int64_t whole = 0;
  if (const auto parsed = std::from_chars(raw.data(), end, whole);
      parsed.ec == std::errc() && parsed.ptr == end) {
    return whole;
  }
  double real = 0;
  if (const auto parsed = std::from_chars(raw.data(), end, real);
      parsed.ec != std::errc() || parsed.ptr != end) {
    return std::nullopt;
  }
  // 2^63 is the first double beyond the range.
  constexpr double beyond = 9'223'372'036'854'775'808.0;
  if (!(real < beyond && real >= -beyond)) return std::nullopt;
  return std::llround(real);
}

Result<JsonDocument> JsonDocument::parse(std::string_view text, int depth_kept) {
  if (text.size() > limits::line_bytes_max) {
    return fail(ErrorCode::too_large, std::to_string(text.size()) + " bytes of JSON, more than " +
                                          std::to_string(limits::line_bytes_max));
  }
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());

  JsonDocument document;
  document.text_ =
      std::make_unique<std::string>(is_utf8(text) ? std::string(text) : with_bytes_escaped(text));
  const std::size_t size = document.text_->size();
  document.text_->reserve(size + simdjson::SIMDJSON_PADDING);
  const std::string_view padded = *document.text_;
  // One parser a thread keeps its buffers between calls.
  thread_local ondemand::parser parser;
  ondemand::document tokens;
  if (const auto error =
          parser.iterate(padded.data(), size, document.text_->capacity()).get(tokens)) {
    return fail(parse_error(error));
  }
  if (auto built = TreeBuilder(tokens, padded, depth_kept).build(document.root_); !built) {
    return fail(std::move(built.error()));
  }
  return document;
}

}  // namespace agentaudit
