// Command: one word of the command line, `agentaudit WORD …`. Each has a file of its
// own and a row in command_table.cpp.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "cli/exit_status.h"
#include "cli/output.h"

namespace agentaudit {

class CommandLine;

// What a command talks through. Borrowed.
struct Context {
  Output& out;
  Talk& talk;
};

// Its options are its fields: declare binds them, run uses them.
class Command {
 public:
  Command() = default;
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;
  virtual ~Command() = default;

  virtual void declare(CommandLine& line) = 0;
  [[nodiscard]] virtual ExitStatus run(Context& context) = 0;
};

// What --help, the man page and the completions say of a command.
struct CommandEntry {
  std::string_view name;
  std::string_view summary;   // one line, no full stop
  std::string_view text;      // paragraphs, with blank lines between them; may be empty
  std::string_view examples;  // lines: a command, or `# ` and what the next one does
  std::unique_ptr<Command> (*create)();
  // Of which arguments wrong options are passed over, not refused; nullptr: of none.
  bool (*is_lenient)(std::span<const char* const> arguments) = nullptr;
  // Of a command line that is wrong.
  ExitStatus wrong_use = ExitStatus::usage;
};

}  // namespace agentaudit
