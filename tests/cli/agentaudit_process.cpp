#include "cli/agentaudit_process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <thread>
#include <utility>

namespace agentaudit {
namespace {

constexpr std::chrono::seconds patience{10};

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> out;
  for (std::string& word : words) out.push_back(word.data());
  out.push_back(nullptr);
  return out;
}

// The command and its arguments.
std::vector<std::string> command(const std::vector<std::string>& arguments) {
  std::vector<std::string> words = {AGENTAUDIT_COMMAND};
  words.insert(words.end(), arguments.begin(), arguments.end());
  return words;
}

// Becomes the program. Only what may be called after fork, but for the environment.
[[noreturn]] void become(const TrailDirectory& directory, std::vector<std::string> words) {
  ::setenv("AGENTAUDIT", AGENTAUDIT_COMMAND, 1);
  ::setenv("AGENTAUDIT_STORE", directory.trail().c_str(), 1);
  ::setenv("HOME", directory.path().c_str(), 1);
  for (const char* const name :
       {"XDG_CONFIG_HOME", "XDG_DATA_HOME", "AGENTAUDIT_CONFIG", "AGENTAUDIT_KEY", "AGENTAUDIT_URL",
        "AGENTAUDIT_TOKEN", "CLAUDE_CONFIG_DIR", "CODEX_HOME"}) {
    ::unsetenv(name);
  }
  ::setenv("TERM", "xterm-256color", 1);
  ::unsetenv("NO_COLOR");
  ::signal(SIGPIPE, SIG_DFL);
  ::execv(words.front().c_str(), pointers(words).data());
  ::_exit(127);
}

int exit_status(int wait_status) {
  return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 128 + WTERMSIG(wait_status);
}

std::string read_all(int descriptor) {
  std::string text;
  std::array<char, 65'536> buffer;
  while (true) {
    const ssize_t bytes = ::read(descriptor, buffer.data(), buffer.size());
    // A terminal whose other side has closed answers EIO.
    if (bytes <= 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(bytes));
  }
}

std::array<int, 2> make_pipe() {
  std::array<int, 2> ends{};
  EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  return ends;
}

void write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t bytes = ::write(descriptor, text.data(), text.size());
    if (bytes <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(bytes));
  }
}

}  // namespace

TrailDirectory::TrailDirectory() {
  std::string name = (std::filesystem::temp_directory_path() / "agentaudit-test-XXXXXX").string();
  EXPECT_NE(::mkdtemp(name.data()), nullptr);
  path_ = name;
  std::filesystem::create_directory(path_ / "trail");
  // A command that ends early must not end the test that writes to it.
  ::signal(SIGPIPE, SIG_IGN);
}

TrailDirectory::~TrailDirectory() {
  std::error_code ignored;
  std::filesystem::permissions(path_ / "trail", std::filesystem::perms::owner_all, ignored);
  std::filesystem::remove_all(path_, ignored);
}

std::filesystem::path TrailDirectory::file(std::string_view name, std::string_view content) const {
  const auto path = path_ / name;
  std::ofstream(path, std::ios::binary) << content;
  return path;
}

Finished TrailDirectory::run(const std::vector<std::string>& arguments,
                             std::string_view input) const {
  return run_program(command(arguments), input);
}

Finished TrailDirectory::run_script(const std::string& script, std::string_view input) const {
  return run_program({"/bin/sh", "-c", script}, input);
}

Finished TrailDirectory::run_program(std::vector<std::string> words, std::string_view input) const {
  const auto in = make_pipe();
  const auto out = make_pipe();
  const auto err = make_pipe();
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::dup2(in[0], STDIN_FILENO);
    ::dup2(out[1], STDOUT_FILENO);
    ::dup2(err[1], STDERR_FILENO);
    become(*this, std::move(words));
  }
  ::close(in[0]);
  ::close(out[1]);
  ::close(err[1]);
  Finished finished;
  // Each pipe has a thread of its own: whichever fills up first must not stop the others.
  std::thread writer([&] {
    write_all(in[1], input);
    ::close(in[1]);
  });
  std::thread reader([&] { finished.err = read_all(err[0]); });
  finished.out = read_all(out[0]);
  writer.join();
  reader.join();
  ::close(out[0]);
  ::close(err[0]);
  int status = 0;
  ::waitpid(pid, &status, 0);
  finished.status = exit_status(status);
  return finished;
}

Finished TrailDirectory::run_on_terminal(const std::vector<std::string>& arguments,
                                         unsigned short columns, std::string_view typed,
                                         std::string_view after) const {
  const winsize size{.ws_row = 24, .ws_col = columns, .ws_xpixel = 0, .ws_ypixel = 0};
  int terminal = -1;
  const pid_t pid = ::forkpty(&terminal, nullptr, nullptr, &size);
  if (pid == 0) become(*this, command(arguments));
  Finished finished;
  while (finished.out.find(after) == std::string::npos) {
    std::array<char, 4'096> bytes;
    const ssize_t got = ::read(terminal, bytes.data(), bytes.size());
    if (got <= 0) break;
    finished.out.append(bytes.data(), static_cast<std::size_t>(got));
  }
  write_all(terminal, typed);
  finished.out += read_all(terminal);
  ::close(terminal);
  int status = 0;
  ::waitpid(pid, &status, 0);
  finished.status = exit_status(status);
  return finished;
}

void TrailDirectory::record(std::string_view lines) const {
  const Finished recorded = run({"record"}, lines);
  ASSERT_EQ(recorded.status, 0) << recorded.err;
}

Running::Running(const TrailDirectory& directory, const std::vector<std::string>& arguments) {
  const auto in = make_pipe();
  const auto out = make_pipe();
  const auto err = make_pipe();
  pid_ = ::fork();
  if (pid_ == 0) {
    ::dup2(in[0], STDIN_FILENO);
    ::dup2(out[1], STDOUT_FILENO);
    ::dup2(err[1], STDERR_FILENO);
    become(directory, command(arguments));
  }
  ::close(in[0]);
  ::close(out[1]);
  ::close(err[1]);
  input_ = in[1];
  output_ = out[0];
  error_ = err[0];
}

Running::~Running() {
  if (status_ < 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  close_input();
  close_output();
  ::close(error_);
}

void Running::write(std::string_view text) const { write_all(input_, text); }

void Running::close_input() {
  if (input_ >= 0) ::close(input_);
  input_ = -1;
}

void Running::close_output() {
  if (output_ >= 0) ::close(output_);
  output_ = -1;
}

std::string Running::take_line(int descriptor, std::string& buffer) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (true) {
    if (const std::size_t end = buffer.find('\n'); end != std::string::npos) {
      const std::string line = buffer.substr(0, end);
      buffer.erase(0, end + 1);
      return line;
    }
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    pollfd waiting{.fd = descriptor, .events = POLLIN, .revents = 0};
    if (left.count() <= 0 || ::poll(&waiting, 1, static_cast<int>(left.count())) <= 0) return {};
    std::array<char, 4'096> bytes;
    const ssize_t got = ::read(descriptor, bytes.data(), bytes.size());
    if (got <= 0) return {};
    buffer.append(bytes.data(), static_cast<std::size_t>(got));
  }
}

std::string Running::read_line() { return take_line(output_, buffer_); }

std::string Running::read_error_line() { return take_line(error_, error_buffer_); }

void Running::signal(int number) const { ::kill(pid_, number); }

int Running::wait() {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (status_ < 0 && std::chrono::steady_clock::now() < deadline) {
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) == pid_) {
      status_ = exit_status(status);
    } else {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  }
  return status_;
}

std::uint16_t port_of(Running& daemon) {
  const std::string line = daemon.read_error_line();
  EXPECT_NE(line.find("listening on http://127.0.0.1:"), std::string::npos) << line;
  return static_cast<std::uint16_t>(std::stoi(line.substr(line.rfind(':') + 1)));
}

}  // namespace agentaudit
