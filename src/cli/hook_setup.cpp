#include "cli/hook_setup.h"

#include <algorithm>
#include <string_view>

#include "cli/confirmation.h"
#include "cli/environment.h"
#include "cli/hook_settings.h"
#include "cli/interrupt.h"
#include "cli/own_path.h"
#include "cli/shell_words.h"
#include "cli/terminal.h"
#include "cli/trouble.h"
#include "cli/unified_diff.h"
#include "render/json_writer.h"

namespace agentaudit {
namespace {

constexpr std::string_view install_word = "install";
constexpr std::string_view uninstall_word = "uninstall";

}  // namespace

Result<std::string> hook_shell_command(const StoreOption& store) {
  const auto program = own_path();
  if (!program) return fail(program.error());
  std::string command = shell_quoted(program->native()) + " hook";
  if (!store.is_given()) return command;
  const auto trail = store.path();
  if (!trail) return fail(trail.error());
  std::error_code error;
  const auto absolute = std::filesystem::absolute(*trail, error);
  if (error) return fail(ErrorCode::io, "cannot find the current directory: " + error.message());
  return command + " --store " + shell_quoted(absolute.lexically_normal().native());
}

std::string hook_settings_text(const HookAgent& agent, const std::string& command) {
  return with_our_hooks({}, agent, command).value_or("");
}

bool HookSetup::is_meant(std::span<const char* const> arguments) {
  return std::any_of(arguments.begin(), arguments.end(), [](std::string_view word) {
    return word == install_word || word == uninstall_word;
  });
}

void HookSetup::declare(CommandLine& line) {
  line.flag({"--project"}, project_, "install: into the settings of the project you are in");
  line.flag({"--dry-run"}, dry_run_, "install, uninstall: only show what would change");
  line.flag({"-y", "--yes"}, yes_, "install, uninstall: do not ask");
  line.flag({"--json"}, json_, "install, uninstall: print what was done as a JSON object");
}

ExitStatus HookSetup::run(Context& context, std::span<const std::string> words,
                          const StoreOption& store) const {
  const bool install = !words.empty() && words.front() == install_word;
  if (!install && (words.empty() || words.front() != uninstall_word)) {
    return report_wrong_use(context, "say install or uninstall first, then the agent");
  }
  if (words.size() != 2) {
    return report_wrong_use(context, words.front() + " takes one agent: " + hook_agent_names());
  }
  const HookAgent* const agent = find_hook_agent(words.back());
  if (agent == nullptr) {
    return report_wrong_use(context, "\"" + words.back() + "\" is none of " + hook_agent_names());
  }
  const auto path = settings_path(*agent);
  if (!path) return report(context, path.error());
  const auto file = SettingsFile::read(*path);
  if (!file) return report(context, file.error());
  std::string command;
  if (install) {
    auto own = hook_shell_command(store);
    if (!own) return report(context, own.error());
    command = std::move(*own);
  }
  Result<std::string> text = file->text();
  if (install) {
    text = with_our_hooks(file->text(), *agent, command);
  } else if (file->exists()) {
    text = without_our_hooks(file->text(), *agent);
  }
  if (!text) return refuse(context, *agent, *file, text.error(), command);
  return change(context, *agent, *file, *text, command);
}

Result<std::filesystem::path> HookSetup::settings_path(const HookAgent& agent) const {
  std::error_code error;
  const auto lost = [&error] {
    return fail(ErrorCode::io, "cannot find the current directory: " + error.message());
  };
  if (project_) {
    const auto here = std::filesystem::current_path(error);
    if (error) return lost();
    return here / agent.directory / agent.file;
  }
  if (!agent.directory_variable.empty()) {
    const std::string directory = environment(std::string(agent.directory_variable).c_str());
    if (!directory.empty()) {
      const auto path = std::filesystem::absolute(directory, error);
      if (error) return lost();
      return path / agent.file;
    }
  }
  const std::string home = environment("HOME");
  if (home.empty()) {
    return fail(ErrorCode::invalid_argument, "HOME is not set; it is where the settings are");
  }
  return std::filesystem::path(home) / agent.directory / agent.file;
}

ExitStatus HookSetup::refuse(Context& context, const HookAgent& agent, const SettingsFile& file,
                             const Error& why, const std::string& command) const {
  const std::string what = why.code == ErrorCode::parse
                               ? "it has comments or is no JSON (" + why.message + ")"
                               : why.message;
  const bool install = !command.empty();
  context.talk.complain(
      file.path().native() + " was not changed: " + what + ". " +
      (install ? "Put this into it yourself:" : "Take out yourself what runs `agentaudit hook`."));
  if (install) context.out.write(hook_settings_text(agent, command));
  return ExitStatus::refused;
}

ExitStatus HookSetup::change(Context& context, const HookAgent& agent, const SettingsFile& file,
                             const std::string& text, const std::string& command) const {
  const bool install = !command.empty();
  const std::string& name = file.path().native();
  if (text == file.text()) {
    if (json_) print_json(context, agent, file, command, {}, {}, false);
    context.talk.say((install ? "already installed in " : "nothing to take out of ") + name);
    return ExitStatus::ok;
  }
  const TerminalStyle style =
      json_ ? TerminalStyle() : terminal_style(context.out.descriptor(), "auto");
  const std::string diff =
      unified_diff({.name = file.exists() ? name : "/dev/null", .text = file.text()},
                   {.name = name, .text = text}, style);
  if (!json_) context.out.write(diff);
  if (dry_run_) {
    if (json_) print_json(context, agent, file, command, {}, diff, false);
    return ExitStatus::ok;
  }
  if (!yes_) {
    context.out.flush();
    Interrupt interrupt;
    const ExitStatus answer =
        confirm(context, "Change " + name + " so?", "change " + name, interrupt.descriptor());
    if (answer == ExitStatus::refused) context.talk.say("nothing was changed");
    if (answer != ExitStatus::ok) return answer;
  }
  const auto backup = file.replace(text, Timestamp::now());
  if (!backup) return report(context, backup.error());
  if (json_) print_json(context, agent, file, command, *backup, diff, true);
  context.out.flush();
  context.talk.say((install ? "installed in " : "taken out of ") + name +
                   (backup->empty() ? "" : "; what it was is in " + backup->native()));
  if (install && !agent.after_install.empty()) context.talk.say(agent.after_install);
  return ExitStatus::ok;
}

void HookSetup::print_json(Context& context, const HookAgent& agent, const SettingsFile& file,
                           const std::string& command, const std::filesystem::path& backup,
                           const std::string& diff, bool changed) const {
  std::string line;
  JsonWriter json(line);
  json.open('{');
  json.member("agent", agent.name);
  json.member("file", std::string_view(file.path().native()));
  json.member("changed", changed);
  json.name("backup");
  if (backup.empty()) {
    json.null();
  } else {
    json.value(std::string_view(backup.native()));
  }
  if (!command.empty()) json.member("command", std::string_view(command));
  json.member("diff", std::string_view(diff));
  json.close('}');
  context.out.write(line + '\n');
}

}  // namespace agentaudit
