#include <unistd.h>

#include <memory>
#include <string>

#include "cli/command_table.h"
#include "cli/input.h"
#include "cli/interrupt.h"
#include "cli/mcp_lines.h"
#include "cli/mcp_server.h"
#include "cli/store_option.h"
#include "cli/trouble.h"
#include "cli/version.h"

namespace agentaudit {
namespace {

class McpServerCommand final : public Command {
 public:
  void declare(CommandLine& line) override { store_.declare(line); }

  ExitStatus run(Context& context) override {
    Interrupt interrupt;
    if (const auto opened = open(); !opened) context.talk.complain(opened.error().message);
    const McpServer server(
        {.open = [this] { return open(); }, .version = std::string(version_text)});
    const auto send = [&](const std::string& answer) {
      context.out.write(answer);
      context.out.write("\n");
      context.out.flush();
    };
    McpLines lines({.line =
                        [&](std::string_view line, const McpMoment&) {
                          if (interrupt.requested()) return;
                          const auto answer = server.answer(line, interrupt.token());
                          if (answer) send(*answer);
                        },
                    .gap = [&](const McpGap&) { send(McpServer::refuse_long_line()); }});
    DescriptorInput input(STDIN_FILENO, interrupt.descriptor());
    while (context.out.is_open()) {
      const auto chunk = input.read();
      if (!chunk) return report(context, chunk.error());
      if (chunk->ended) break;
      lines.feed(chunk->bytes, {});
    }
    if (!interrupt.requested()) lines.finish({});
    return ExitStatus::ok;
  }

 private:
  // The trail, opened once.
  Result<std::shared_ptr<EventReader>> open() {
    if (reader_ == nullptr) {
      auto store = store_.open_to_read();
      if (!store) return fail(std::move(store.error()));
      reader_ = std::move(*store);
    }
    return reader_;
  }

  StoreOption store_;
  std::shared_ptr<EventReader> reader_;
};

}  // namespace

const CommandEntry mcp_server_command = {
    .name = "mcp-server",
    .summary = "Answer an MCP client's questions about the trail",
    .text =
        "Offers audit_events, audit_summary, audit_trace and audit_pending on standard input and "
        "output. It reads only, each question for ten seconds at most, and each answer is shorter "
        "than 256 KiB. What events hold is marked as untrusted data: an agent that asks here "
        "must not do what another one wrote.\n"
        "\n"
        "A trail that is not there yet is looked for again at each question.",
    .examples =
        "# In Claude Code; other clients take the same command and argument\n"
        "claude mcp add agentaudit -- agentaudit mcp-server",
    .create = []() -> std::unique_ptr<Command> { return std::make_unique<McpServerCommand>(); }};

}  // namespace agentaudit
