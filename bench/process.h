// Child processes, measured from start to exit, and the file descriptors they need.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace agentaudit::bench {

struct Exit {
  double milliseconds = 0;  // from start to exit
  double mebibytes = 0;     // the most memory it held (maximum resident set)
};

// A child process with a file as its stdin, and its stdout discarded.
class Process {
 public:
  // `input` stays the caller's.
  Process(const std::vector<std::string>& command, int input);

  // Ends the program if the child fails.
  [[nodiscard]] Exit wait() const;

 private:
  pid_t pid_ = 0;
  std::chrono::steady_clock::time_point started_;
};

// Runs the command with an empty stdin.
[[nodiscard]] Exit run_process(const std::vector<std::string>& command);

// A file descriptor that closes itself.
class Descriptor {
 public:
  // Ends the program if `descriptor` is none.
  explicit Descriptor(int descriptor);
  ~Descriptor() { close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  void close();
  [[nodiscard]] int get() const { return descriptor_; }

 private:
  int descriptor_;
};

// All of the bytes, or the end of the program.
void write_all(int descriptor, std::string_view bytes);

}  // namespace agentaudit::bench
