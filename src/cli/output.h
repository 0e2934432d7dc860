// Output: data on standard output. Talk: words on standard error.
#pragma once

#include <string>
#include <string_view>

#include "agentaudit/core/result.h"

namespace agentaudit {

// Buffers what is written to a file descriptor, which it borrows. Not thread-safe.
// Once the reader has gone (EPIPE) or a write fails, the rest is discarded: a command
// that prints much asks is_open from time to time.
class Output {
 public:
  explicit Output(int descriptor) : descriptor_(descriptor) {}
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  // What is still in the buffer is lost: call flush.
  ~Output() = default;

  void write(std::string_view text);
  void flush();

  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
  [[nodiscard]] bool is_open() const noexcept { return open_; }
  // Why a write failed. Empty: none did; a reader that went away is not a failure.
  [[nodiscard]] const std::string& failure() const noexcept { return failure_; }

 private:
  int descriptor_;
  std::string buffer_;
  bool open_ = true;
  std::string failure_;
};

// Writes each line at once. Its text may quote what others wrote: it is made safe for
// a terminal. Safe from any thread but for use_json.
class Talk {
 public:
  explicit Talk(int descriptor) : descriptor_(descriptor) {}

  // From now on each line is a JSON object: `time`, `level` (`info`, `error`), `message`, and
  // what else is told.
  void use_json() noexcept { json_ = true; }

  // `agentaudit: TEXT` on a line of its own.
  void complain(std::string_view text);
  // TEXT on a line of its own.
  void say(std::string_view text);
  // The same, with members of a JSON object that are told only there: `"status":200`.
  void tell(std::string_view text, std::string_view members);
  // TEXT without a line end; it may hold escape sequences of our own.
  void show(std::string_view text);

  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

 private:
  void log(std::string_view level, std::string_view text, std::string_view members);

  int descriptor_;
  bool json_ = false;
};

}  // namespace agentaudit
