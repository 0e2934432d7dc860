// JsonWriter: appends JSON to a string, member by member.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "agentaudit/core/event_json.h"
#include "agentaudit/core/timestamp.h"

namespace agentaudit {

// Puts the commas; the caller keeps brackets in pairs. Borrows `out`. Not thread-safe.
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  void open(char bracket) {
    separate();
    out_ += bracket;
    first_ = true;
  }
  void close(char bracket) {
    out_ += bracket;
    first_ = false;
  }
  void name(std::string_view name) {
    separate();
    append_json_string(out_, name);
    out_ += ':';
    first_ = true;
  }
  void value(const char* text) { value(std::string_view(text)); }
  void value(std::string_view text) {
    separate();
    append_json_string(out_, text);
  }
  void value(std::int64_t number) { raw(std::to_string(number)); }
  void value(bool truth) { raw(truth ? "true" : "false"); }
  void value(Timestamp timestamp) {
    separate();
    out_ += '"';
    timestamp.append_to(out_);
    out_ += '"';
  }
  void null() { raw("null"); }
  // Text that is JSON already.
  void raw(std::string_view json) {
    separate();
    out_ += json;
  }
  // Call it, then append one value to the string directly.
  void separate() {
    if (!first_) out_ += ',';
    first_ = false;
  }

  template <typename Value>
  void member(std::string_view member_name, Value member_value) {
    name(member_name);
    value(member_value);
  }

 private:
  std::string& out_;
  bool first_ = true;
};

}  // namespace agentaudit
