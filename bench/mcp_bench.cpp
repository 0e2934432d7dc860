// What the proxy adds to the way of a line from an MCP client to its server and back.
#include <array>
#include <csignal>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "groups.h"
#include "process.h"

namespace agentaudit::bench {
namespace {

// A process that answers each line that it gets with a line.
class LineServer {
 public:
  explicit LineServer(const std::vector<std::string>& command) {
    std::array<int, 2> in{};
    std::array<int, 2> out{};
    if (::pipe2(in.data(), O_CLOEXEC) != 0 || ::pipe2(out.data(), O_CLOEXEC) != 0) {
      give_up("cannot make a pipe");
    }
    std::vector<char*> words;
    for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(in[0], STDIN_FILENO);
      ::dup2(out[1], STDOUT_FILENO);
      ::execv(words[0], words.data());
      ::_exit(127);
    }
    ::close(in[0]);
    ::close(out[1]);
    input_ = in[1];
    output_ = out[0];
  }
  ~LineServer() {
    ::close(input_);
    ::close(output_);
    ::waitpid(pid_, nullptr, 0);
  }
  LineServer(const LineServer&) = delete;
  LineServer& operator=(const LineServer&) = delete;

  void ask(const std::string& line) const {
    write_all(input_, line);
    std::array<char, 4'096> piece{};
    for (char last = 0; last != '\n';) {
      const ssize_t bytes = ::read(output_, piece.data(), piece.size());
      if (bytes <= 0) give_up("the server ended");
      last = piece[static_cast<std::size_t>(bytes) - 1];
    }
  }

 private:
  pid_t pid_ = 0;
  int input_ = -1;
  int output_ = -1;
};

}  // namespace

std::vector<Row> measure_mcp(const Settings& settings) {
  const std::string trail = (settings.directory / "mcp.db").native();
  const LineServer direct({"/bin/cat"});
  const LineServer proxied(
      {settings.agentaudit.native(), "mcp", "--store", trail, "--", "/bin/cat"});
  const std::string call =
      R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"read_file",)"
      R"("arguments":{"path":"src/store/sqlite_store.cpp","lines":120}}})"
      "\n";
  const auto median_ms = [&](const LineServer& server) {
    std::vector<double> times;
    for (std::size_t i = 0; i < settings.scaled(1'000); ++i) {
      times.push_back(1e3 * seconds_of([&] { server.ask(call); }));
    }
    return median(std::move(times));
  };
  Row row = compared(
      "MCP line to a server and back through the proxy (floor: without)", "ms", settings.runs,
      [&] { return median_ms(proxied); }, [&] { return median_ms(direct); }, std::nullopt);
  Row added{.name = "MCP proxy, latency added, median",
            .value = row.value - row.floor.value_or(0),
            .unit = "ms",
            .goal = value_at_most(1)};
  return {std::move(row), std::move(added)};
}

}  // namespace agentaudit::bench
