#include "render/indented_json.h"

#include <algorithm>

#include "agentaudit/core/event_json.h"
#include "core/json_value.h"

namespace agentaudit {
namespace {

using Kind = JsonValue::Kind;

// A short list of plain values reads better on one line.
constexpr std::size_t inline_bytes_max = 60;
// Deeper levels are not indented further, or a hostile detail of a megabyte could
// become half a gigabyte of spaces.
constexpr std::size_t indented_levels_max = 32;

bool is_scalar(const JsonValue& value) {
  return value.kind != Kind::array && value.kind != Kind::object;
}

bool fits_one_line(const JsonValue& array) {
  std::size_t bytes = 0;
  for (const JsonValue& item : array.items) {
    if (!is_scalar(item)) return false;
    bytes += item.raw.size() + 2;
  }
  return bytes <= inline_bytes_max;
}

class Printer {
 public:
  Printer(std::string& out, std::string_view indent) : out_(out), indent_(indent) {}

  // Recursion is as deep as the JSON, which limits::json_depth_max bounds.
  void print(const JsonValue& value) {
    switch (value.kind) {
      case Kind::object: print_object(value); return;
      case Kind::array: print_array(value); return;
      case Kind::string: append_json_string(out_, value.string); return;
      default: out_ += value.raw; return;
    }
  }

 private:
  void new_line() {
    out_ += '\n';
    out_ += indent_;
    out_.append(2 * std::min(level_, indented_levels_max), ' ');
  }

  void print_object(const JsonValue& object) {
    if (object.members.empty()) {
      out_ += "{}";
      return;
    }
    out_ += '{';
    ++level_;
    for (const JsonMember& member : object.members) {
      if (&member != &object.members.front()) out_ += ',';
      new_line();
      append_json_string(out_, member.name);
      out_ += ": ";
      print(member.value);
    }
    --level_;
    new_line();
    out_ += '}';
  }

  void print_array(const JsonValue& array) {
    const bool one_line = fits_one_line(array);
    out_ += '[';
    ++level_;
    for (const JsonValue& item : array.items) {
      if (&item != &array.items.front()) out_ += one_line ? ", " : ",";
      if (!one_line) new_line();
      print(item);
    }
    --level_;
    if (!one_line) new_line();
    out_ += ']';
  }

  std::string& out_;
  const std::string_view indent_;
  std::size_t level_ = 0;
};

}  // namespace

bool append_indented_json(std::string& out, std::string_view json, std::string_view indent) {
  const auto document = JsonDocument::parse(json);
  if (!document || is_scalar(document->root())) return false;
  out += indent;
  Printer(out, indent).print(document->root());
  out += '\n';
  return true;
}

}  // namespace agentaudit
