#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cli/command_table.h"
#include "cli/forward_option.h"
#include "cli/key_option.h"
#include "cli/mcp_proxy.h"
#include "cli/mcp_recorder.h"
#include "cli/mcp_server_process.h"
#include "cli/redaction_option.h"
#include "cli/store_option.h"
#include "core/hex.h"
#include "core/random_bytes.h"

namespace agentaudit {
namespace {

constexpr std::chrono::milliseconds store_busy_max{2'000};
constexpr std::chrono::milliseconds request_timeout{10'000};
// What shells answer.
constexpr int not_runnable = 126;
constexpr int not_found = 127;

FileDescriptor open_nothing() { return FileDescriptor(::open("/dev/null", O_RDWR | O_CLOEXEC)); }

// Takes a standard descriptor over, so that closing it tells the other side, and leaves
// nothing in its place, so that no file gets its number.
FileDescriptor take_standard(int descriptor) {
  FileDescriptor taken(::fcntl(descriptor, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
  FileDescriptor nothing = open_nothing();
  if (nothing.is_open()) (void)::dup2(nothing.get(), descriptor);
  return taken.is_open() ? std::move(taken) : std::move(nothing);
}

// A number that is free is given to the next file that is opened: not this one.
void occupy_standard_error() {
  if (::fcntl(STDERR_FILENO, F_GETFD) >= 0) return;
  const FileDescriptor nothing = open_nothing();
  if (nothing.is_open() && nothing.get() != STDERR_FILENO) {
    (void)::dup2(nothing.get(), STDERR_FILENO);
  }
}

std::string new_connection() {
  std::array<char, 16> bytes{};
  (void)random_bytes(bytes);
  return to_hex({bytes.data(), bytes.size()});
}

std::string last_part(const std::string& path) {
  const std::size_t slash = path.find_last_of('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

class McpCommand final : public Command {
 public:
  void declare(CommandLine& line) override {
    store_.declare(line);
    forward_.declare(line);
    line.option({"--name"}, "NAME", name_, "The server's name; else the one that it gives itself");
    redaction_.declare(line);
    OptionSpec& command =
        line.argument("-- COMMAND", command_, "The server's command and its arguments");
    command.required = true;
  }

  ExitStatus run(Context& context) override {
    occupy_standard_error();
    FileDescriptor client_input = take_standard(STDIN_FILENO);
    FileDescriptor client_output = take_standard(STDOUT_FILENO);
    const PassedSignals signals;
    auto server = McpServerProcess::start(command_, signals.old_mask());
    McpRecorder recorder(recorder_options(context));
    if (!server) {
      context.talk.complain(server.error().message);
      recorder.finish({.error = server.error().message});
      return static_cast<ExitStatus>(server.error().code == ErrorCode::not_found ? not_found
                                                                                 : not_runnable);
    }
    McpProxyEnd end;
    {
      McpProxy proxy(std::move(*server),
                     {.client_input = std::move(client_input),
                      .client_output = std::move(client_output),
                      .observer = [&recorder](McpSender sender, std::string_view bytes) {
                        recorder.offer(sender, bytes);
                      }});
      end = proxy.run(signals);
      // The client's pipes are closed here: it need not wait until all is stored.
    }
    recorder.finish(end.server);
    return static_cast<ExitStatus>(end.exit_status);
  }

 private:
  McpRecorderOptions recorder_options(Context& context) const {
    return {.session = {.connection = new_connection(),
                        .server = name_,
                        .server_default = last_part(command_.front())},
            .open = [this, &context]() -> Result<std::shared_ptr<EventSink>> {
              if (forward_.is_set()) {
                return forward_.open(
                    store_, request_timeout, request_timeout,
                    [&context](const std::string& text) { context.talk.complain(text); });
              }
              auto store = open_to_write_signed(
                  context, store_, {.busy_timeout = store_busy_max, .record_sessions = true});
              if (!store) return fail(store.error());
              return *store;
            },
            .complain = [&context](const std::string& trouble) { context.talk.complain(trouble); },
            .redactor = redaction_.open_anyhow(
                [&context](const std::string& trouble) { context.talk.complain(trouble); })};
  }

  StoreOption store_;
  ForwardOption forward_;
  RedactionOption redaction_;
  std::string name_;
  std::vector<std::string> command_;
};

}  // namespace

const CommandEntry mcp_command = {
    .name = "mcp",
    .summary = "Record what an MCP client and a server on stdio say",
    .text =
        "Runs the server and passes every byte between it and the client on as it is, first; "
        "what they say is recorded beside it: a tool call with its answer is one event. "
        "Standard error, signals and the exit status are the server's. A trail that is slow, "
        "full or cannot be opened never holds up the server.",
    .examples =
        "# In the client's configuration, in place of the server's command\n"
        "agentaudit mcp -- npx -y @modelcontextprotocol/server-everything\n"
        "agentaudit mcp --name files -- my-server --root /srv",
    .create = []() -> std::unique_ptr<Command> { return std::make_unique<McpCommand>(); }};

}  // namespace agentaudit
