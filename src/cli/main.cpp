// The command line: finds the command, has its options parsed, runs it.
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <exception>
#include <span>
#include <string_view>

#include "cli/command_help.h"
#include "cli/command_table.h"
#include "cli/config_file.h"
#include "cli/trouble.h"
#include "cli/unknown_command.h"

namespace agentaudit {
namespace {

using Arguments = std::span<const char* const>;

bool is_lenient(const CommandEntry& entry, Arguments arguments) {
  return entry.is_lenient != nullptr && entry.is_lenient(arguments);
}

bool asks_for_help(const CommandEntry& entry, Arguments arguments) {
  const auto is_help = [](std::string_view word) { return word == "--help" || word == "-h"; };
  // An agent may hand anything to a lenient command; only a person types just --help.
  if (is_lenient(entry, arguments)) return arguments.size() == 1 && is_help(arguments.front());
  const auto end = std::find(arguments.begin(), arguments.end(), std::string_view("--"));
  return std::any_of(arguments.begin(), end, is_help);
}

ExitStatus run_command(Context& context, const CommandEntry& entry, Arguments arguments) {
  if (asks_for_help(entry, arguments)) {
    context.out.write(help_of(entry));
    return ExitStatus::ok;
  }
  const bool lenient = is_lenient(entry, arguments);
  auto config = ConfigFile::find();
  if (!config && lenient) config = ConfigFile();
  if (!config) {
    context.talk.complain(config.error().message);
    return entry.wrong_use;
  }
  DeclaredCommand declared(entry);
  auto parsed = declared.line.check(config->of_command(entry.name));
  if (parsed || lenient) {
    parsed = declared.line.parse(arguments, lenient, config->defaults_of(entry.name));
  }
  if (!parsed) {
    context.talk.complain(parsed.error().message);
    context.talk.say("agentaudit help " + std::string(entry.name) + " has the options");
    return entry.wrong_use;
  }
  return declared.command->run(context);
}

ExitStatus run(Context& context, Arguments arguments) {
  if (arguments.empty()) {
    context.out.write(help_of_all());
    return ExitStatus::ok;
  }
  std::string_view name = arguments.front();
  if (name == "--help" || name == "-h") name = help_command.name;
  if (name == "--version" || name == "-V") name = version_command.name;
  const CommandEntry* const entry = find_command(name);
  if (entry == nullptr) return refuse_unknown_command(context, name);
  arguments = arguments.subspan(1);
  try {
    return run_command(context, *entry, arguments);
  } catch (const std::exception& error) {
    if (is_lenient(*entry, arguments)) return ExitStatus::ok;
    return report(context, {.code = ErrorCode::io, .message = error.what()});
  }
}

// Sends what is still buffered; a reader that has gone is no failure.
ExitStatus finish(Context& context, ExitStatus status) {
  context.out.flush();
  if (context.out.failure().empty()) return status;
  context.talk.complain("cannot write to standard output: " + context.out.failure());
  return status == ExitStatus::ok ? ExitStatus::unusable : status;
}

}  // namespace
}  // namespace agentaudit

int main(int argc, char** argv) {
  using agentaudit::Arguments, agentaudit::Context, agentaudit::ExitStatus;
  // A reader that goes away is told by write, not by a signal that ends us in the middle.
  static_cast<void>(std::signal(SIGPIPE, SIG_IGN));
  agentaudit::Output out(STDOUT_FILENO);
  agentaudit::Talk talk(STDERR_FILENO);
  Context context{.out = out, .talk = talk};
  const Arguments arguments(argv, static_cast<std::size_t>(argc));
  const ExitStatus status = agentaudit::run(context, arguments.subspan(arguments.empty() ? 0 : 1));
  return static_cast<int>(agentaudit::finish(context, status));
}
