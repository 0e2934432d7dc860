// What JsonDocument reads is what nlohmann reads, and nothing else is read but what
// docs/json.md allows beyond RFC 8259: bytes that are no UTF-8, surrogates alone, and numbers
// beyond a double.
#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>

#include "core/json_value.h"
#include "fuzz_check.h"

namespace {

using namespace agentaudit;

void append_number(std::string& out, double number) {
  char digits[32];
  const int length = std::snprintf(digits, sizeof digits, "%.17g ", number == 0 ? 0.0 : number);
  out.append(digits, static_cast<std::size_t>(length));
}

void append_text(std::string& out, std::string_view text) {
  out.append(std::to_string(text.size())).append(":").append(text).append(" ");
}

// Writes down what it hears, without a word of punctuation left to chance.
class Heard {
 public:
  using Json = nlohmann::json;

  bool null() { return add("null "); }
  bool boolean(bool value) { return add(value ? "true " : "false "); }
  bool number_integer(Json::number_integer_t value) { return number(static_cast<double>(value)); }
  bool number_unsigned(Json::number_unsigned_t value) { return number(static_cast<double>(value)); }
  bool number_float(Json::number_float_t value, const std::string& /*text*/) {
    return number(value);
  }
  bool string(std::string& value) {
    append_text(out_, value);
    return true;
  }
  bool binary(Json::binary_t& /*value*/) { return false; }
  bool start_object(std::size_t /*size*/) { return add("{ "); }
  bool key(std::string& name) { return string(name); }
  bool end_object() { return add("} "); }
  bool start_array(std::size_t /*size*/) { return add("[ "); }
  bool end_array() { return add("] "); }
  bool parse_error(std::size_t /*at*/, const std::string& /*token*/, const Json::exception& error) {
    constexpr int number_out_of_range = 406;
    is_beyond_double_ = error.id == number_out_of_range;
    return false;
  }

  [[nodiscard]] const std::string& text() const { return out_; }
  [[nodiscard]] bool is_beyond_double() const { return is_beyond_double_; }

 private:
  bool add(std::string_view text) {
    out_ += text;
    return true;
  }
  bool number(double value) {
    append_number(out_, value);
    return true;
  }

  std::string out_;
  bool is_beyond_double_ = false;
};

void append_value(std::string& out, const JsonValue& value) {
  switch (value.kind) {
    case JsonValue::Kind::null: out += "null "; break;
    case JsonValue::Kind::boolean: out.append(value.raw).append(" "); break;
    case JsonValue::Kind::number:
      append_number(out, std::strtod(std::string(value.raw).c_str(), nullptr));
      break;
    case JsonValue::Kind::string: append_text(out, value.string); break;
    case JsonValue::Kind::array:
      out += "[ ";
      for (const JsonValue& item : value.items) append_value(out, item);
      out += "] ";
      break;
    case JsonValue::Kind::object:
      out += "{ ";
      for (const JsonMember& member : value.members) {
        append_text(out, member.name);
        append_value(out, member.value);
      }
      out += "} ";
      break;
  }
}

// Whether a \u escape of half a pair is in it.
bool has_surrogate_escape(std::string_view text) {
  for (std::size_t at = text.find("\\u"); at != std::string_view::npos;
       at = text.find("\\u", at + 1)) {
    if (at + 2 < text.size() && (text[at + 2] == 'd' || text[at + 2] == 'D')) return true;
  }
  return false;
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = text_of(data, size);
  // nlohmann takes the byte zero for the end.
  if (text.find('\0') != std::string_view::npos) return 0;
  Heard theirs;
  const bool they_read = nlohmann::json::sax_parse(text, &theirs);
  const auto ours = JsonDocument::parse(text);
  if (!ours && ours.error().code == ErrorCode::too_large) return 0;
  if (they_read) {
    check(ours.has_value(), "what is JSON is read");
    std::string told;
    append_value(told, ours->root());
    check(told == theirs.text(), "what is read is what stands there");
  } else if (is_ascii(text) && !has_surrogate_escape(text) && !theirs.is_beyond_double()) {
    check(!ours.has_value(), "what is no JSON is not read");
  }
  return 0;
}
