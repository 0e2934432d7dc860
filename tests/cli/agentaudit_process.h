// Runs the real command in a directory of its own.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace agentaudit {

struct Finished {
  int status = -1;  // exit status; 128 + signal if one ended it
  std::string out;
  std::string err;
};

// A directory that vanishes with the object, with a trail in it.
class TrailDirectory {
 public:
  TrailDirectory();
  ~TrailDirectory();
  TrailDirectory(const TrailDirectory&) = delete;
  TrailDirectory& operator=(const TrailDirectory&) = delete;

  [[nodiscard]] std::filesystem::path path() const { return path_; }
  [[nodiscard]] std::filesystem::path trail() const { return path_ / "trail" / "audit.db"; }
  std::filesystem::path file(std::string_view name, std::string_view content) const;

  // Runs the command to its end, with `input` on standard input.
  [[nodiscard]] Finished run(const std::vector<std::string>& arguments,
                             std::string_view input = "") const;
  // The same on a terminal of that many columns; out holds what it showed. What is typed
  // comes when `after` was shown.
  [[nodiscard]] Finished run_on_terminal(const std::vector<std::string>& arguments,
                                         unsigned short columns = 80, std::string_view typed = "",
                                         std::string_view after = "") const;
  // Runs a script of the shell, in which "$AGENTAUDIT" is the command.
  [[nodiscard]] Finished run_script(const std::string& script, std::string_view input = "") const;
  // Events as JSON Lines, recorded.
  void record(std::string_view lines) const;

 private:
  [[nodiscard]] Finished run_program(std::vector<std::string> words, std::string_view input) const;

  std::filesystem::path path_;
};

// The command while it runs, with pipes to talk to it.
class Running {
 public:
  Running(const TrailDirectory& directory, const std::vector<std::string>& arguments);
  // Ends the process if it still runs.
  ~Running();
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  void write(std::string_view text) const;
  void close_input();
  void close_output();
  // The next line of standard output, without its end; empty when none came in ten seconds.
  [[nodiscard]] std::string read_line();
  // The next line of standard error, likewise.
  [[nodiscard]] std::string read_error_line();
  void signal(int number) const;
  // Waits for its end, at most ten seconds; -1: it still runs.
  [[nodiscard]] int wait();

 private:
  [[nodiscard]] static std::string take_line(int descriptor, std::string& buffer);

  pid_t pid_ = -1;
  int input_ = -1;
  int output_ = -1;
  int error_ = -1;
  std::string buffer_;
  std::string error_buffer_;
  int status_ = -1;
};

// The port of loopback that `serve` says it listens on, in its next line of standard error.
[[nodiscard]] std::uint16_t port_of(Running& daemon);

}  // namespace agentaudit
