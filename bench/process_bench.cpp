#include <array>
#include <chrono>
#include <string>
#include <vector>

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agentaudit/core/event_json.h"
#include "event_generator.h"
#include "groups.h"

namespace agentaudit::bench {
namespace {

struct Exit {
  double milliseconds = 0;  // from start to exit
  double mebibytes = 0;     // the most memory it held (maximum resident set)
};

// A child process with a file as its stdin, and its stdout discarded.
class Process {
 public:
  // `input` stays the caller's.
  Process(const std::vector<std::string>& command, int input) {
    std::vector<char*> arguments;
    for (const std::string& argument : command) {
      arguments.push_back(const_cast<char*>(argument.c_str()));
    }
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions{};
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    started_ = std::chrono::steady_clock::now();
    if (posix_spawn(&pid_, arguments[0], &actions, nullptr, arguments.data(), environ) != 0) {
      give_up("cannot start " + command.front());
    }
    posix_spawn_file_actions_destroy(&actions);
  }

  Exit wait() const {
    rusage usage{};
    int status = 0;
    if (wait4(pid_, &status, 0, &usage) != pid_ || status != 0) give_up("a process failed");
    const std::chrono::duration<double, std::milli> took =
        std::chrono::steady_clock::now() - started_;
    return {.milliseconds = took.count(), .mebibytes = static_cast<double>(usage.ru_maxrss) / 1024};
  }

 private:
  pid_t pid_ = 0;
  std::chrono::steady_clock::time_point started_;
};

// A file descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int descriptor) : descriptor_(descriptor) {
    if (descriptor < 0) give_up("cannot open a file");
  }
  ~Descriptor() { close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  void close() {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = -1;
  }
  [[nodiscard]] int get() const { return descriptor_; }

 private:
  int descriptor_;
};

void write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written <= 0) give_up("cannot write");
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

constexpr std::string_view payload =
    R"({"session_id":"2bd58de8-2ab7-4d08-b69c-e83958d6b9f6","cwd":"/srv/demo/project",)"
    R"("hook_event_name":"PreToolUse","tool_name":"Bash","tool_input":{"command":"ls -l",)"
    R"("description":"List the files"},"tool_use_id":"toolu_00000046"})";

std::vector<Row> measure_hook(const Settings& settings) {
  const std::filesystem::path input = settings.directory / "payload.json";
  write_all(Descriptor(::open(input.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600)).get(), payload);
  const std::string trail = (settings.directory / "hook.db").native();
  const auto run = [&](const std::vector<std::string>& command) {
    const Descriptor opened(::open(input.c_str(), O_RDONLY));
    return Process(command, opened.get()).wait().milliseconds;
  };
  const Descriptor synced(
      ::open((settings.directory / "synced").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600));
  const std::string page(16U << 10U, 'x');
  const auto sync = [&] {
    return seconds_of([&] {
             write_all(synced.get(), page);
             if (fdatasync(synced.get()) != 0) give_up("cannot sync");
           }) *
           1e3;
  };

  std::vector<double> hooks;
  std::vector<double> bare;
  std::vector<double> syncs;
  const std::vector<std::string> hook = {settings.agentaudit.native(), "hook", "--store", trail};
  run(hook);  // makes the trail
  for (std::size_t i = 0; i < settings.scaled(500); ++i) {
    hooks.push_back(run(hook));
    bare.push_back(run({"/bin/true"}));
    syncs.push_back(sync());
  }
  const double floor = median(bare) + median(syncs);
  const double value = median(hooks);
  return {{.name = "hook, start to exit, p50 (floor: bare process and a sync)",
           .value = value,
           .unit = "ms",
           .floor = floor,
           .ratio = value / floor,
           .goal = value_at_most(10)},
          {.name = "hook, start to exit, p99", .value = percentile(hooks, 0.99), .unit = "ms"},
          {.name = "a bare process (/bin/true), p50", .value = median(bare), .unit = "ms"},
          {.name = "a sync of 16 KiB, p50", .value = median(syncs), .unit = "ms"}};
}

// Feeds the command events in JSON Lines through a pipe, made as they are written.
Exit fed(const std::vector<std::string>& command, std::size_t events) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) give_up("cannot make a pipe");
  Descriptor reading(ends[0]);
  Descriptor writing(ends[1]);
  const Process process(command, reading.get());
  reading.close();
  EventGenerator generator(3);
  std::string lines;
  for (std::size_t i = 0; i < events; ++i) {
    append_json(lines, generator.next());
    lines += '\n';
    if (lines.size() < (64U << 10U)) continue;
    write_all(writing.get(), lines);
    lines.clear();
  }
  write_all(writing.get(), lines);
  writing.close();
  return process.wait();
}

}  // namespace

// The system counts what a process shared with its parent before it became itself, so
// this group has to run before others fill this process' memory.
std::vector<Row> measure_processes(const Settings& settings) {
  std::vector<Row> rows = measure_hook(settings);
  const std::string trail = (settings.directory / "record.db").native();
  const std::size_t events = settings.scaled(200'000);
  const double bare = fed({"/bin/cat"}, events).mebibytes;
  const Exit recorded = fed({settings.agentaudit.native(), "record", "--store", trail}, events);
  rows.push_back({.name = "record " + std::to_string(events) + " lines, peak memory (floor: cat)",
                  .value = recorded.mebibytes,
                  .unit = "MiB",
                  .floor = bare,
                  .ratio = recorded.mebibytes / bare,
                  .goal = value_at_most(48)});
  rows.push_back({.name = "record, lines from a pipe to durable",
                  .value = static_cast<double>(events) / recorded.milliseconds * 1e3,
                  .unit = "events/s"});
  const Descriptor nothing(::open("/dev/null", O_RDONLY));
  const Exit listed =
      Process({settings.agentaudit.native(), "list", "--json", "--store", trail}, nothing.get())
          .wait();
  rows.push_back({.name = "list, peak memory",
                  .value = listed.mebibytes,
                  .unit = "MiB",
                  .goal = value_at_most(32)});
  rows.push_back({.name = "list of a fresh process", .value = listed.milliseconds, .unit = "ms"});
  return rows;
}

}  // namespace agentaudit::bench
