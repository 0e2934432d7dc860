#include "cli/completion_script.h"

#include <vector>

#include "cli/command_table.h"
#include "cli/shell_words.h"

namespace agentaudit {
namespace {

using Value = OptionSpec::Value;

std::string joined(const std::vector<std::string>& words, std::string_view separator) {
  std::string out;
  for (const std::string& word : words) {
    if (!out.empty()) out += separator;
    out += word;
  }
  return out;
}

std::vector<std::string> command_names() {
  std::vector<std::string> names;
  for (const CommandEntry* const entry : command_table()) names.emplace_back(entry->name);
  return names;
}

// The values that complete a word after `option`, as a bash command; empty: none.
std::string bash_values(const OptionSpec& spec) {
  if (!spec.choices.empty()) {
    return "COMPREPLY=($(compgen -W " + single_quoted(joined(spec.choices, " ")) + " -- \"$cur\"))";
  }
  return spec.value == Value::file ? "COMPREPLY=($(compgen -f -- \"$cur\"))" : "COMPREPLY=()";
}

std::string bash_case(const CommandEntry& entry) {
  const DeclaredCommand declared(entry);
  std::string options = "--help";
  std::string values;
  std::string arguments;
  for (const OptionSpec& spec : declared.line.options()) {
    if (spec.names.empty()) {
      arguments = bash_values(spec);
      continue;
    }
    options += " " + joined(spec.names, " ");
    if (spec.value == Value::none) continue;
    values += "        " + joined(spec.names, "|") + ") " + bash_values(spec) + "; return ;;\n";
  }
  if (entry.name == "help") {
    arguments =
        "COMPREPLY=($(compgen -W " + single_quoted(joined(command_names(), " ")) + " -- \"$cur\"))";
  }
  if (arguments.empty()) arguments = "COMPREPLY=()";
  std::string out = "    " + std::string(entry.name) + ")\n";
  if (!values.empty()) out += "      case \"$prev\" in\n" + values + "      esac\n";
  out += "      if [[ $cur == -* ]]; then\n        COMPREPLY=($(compgen -W " +
         single_quoted(options) + " -- \"$cur\"))\n      else\n        " + arguments +
         "\n      fi ;;\n";
  return out;
}

// An option for zsh's _arguments, which wants `[` `]` and `:` escaped in its texts.
std::string zsh_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string zsh_values(const OptionSpec& spec) {
  if (!spec.choices.empty()) return "(" + joined(spec.choices, " ") + ")";
  return spec.value == Value::file ? "_files" : " ";
}

std::string zsh_option(const OptionSpec& spec) {
  if (spec.names.empty()) {
    return "      " + single_quoted("*:" + zsh_text(spec.value_name) + ":" + zsh_values(spec)) +
           " \\\n";
  }
  std::string out;
  for (const std::string& name : spec.names) {
    std::string word = spec.repeatable ? "*" : "";
    word += name + "[" + zsh_text(spec.help) + "]";
    if (spec.value != Value::none) {
      word += ":" + zsh_text(spec.value_name) + ":" + zsh_values(spec);
    }
    out += "      " + single_quoted(word) + " \\\n";
  }
  return out;
}

std::string fish_option(const CommandEntry& entry, const OptionSpec& spec) {
  std::string out =
      "complete -c agentaudit -n '__fish_seen_subcommand_from " + std::string(entry.name) + "'";
  for (const std::string& name : spec.names) {
    out += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
  }
  if (spec.value != Value::none && !spec.names.empty()) out += " -r";
  if (spec.value == Value::file) out += " -F";
  if (!spec.choices.empty()) out += " -x -a " + single_quoted(joined(spec.choices, " "));
  return out + " -d " + single_quoted(spec.help) + "\n";
}

}  // namespace

std::string bash_completion() {
  std::string out =
      "# bash completion for agentaudit\n"
      "_agentaudit() {\n"
      "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
      "  COMPREPLY=()\n"
      "  if (( COMP_CWORD == 1 )); then\n"
      "    COMPREPLY=($(compgen -W " +
      single_quoted(joined(command_names(), " ")) +
      " -- \"$cur\"))\n"
      "    return\n"
      "  fi\n"
      "  case \"${COMP_WORDS[1]}\" in\n";
  for (const CommandEntry* const entry : command_table()) out += bash_case(*entry);
  return out + "  esac\n}\ncomplete -F _agentaudit agentaudit\n";
}

std::string zsh_completion() {
  std::string out =
      "#compdef agentaudit\n"
      "local -a commands=(\n";
  for (const CommandEntry* const entry : command_table()) {
    out += "  " + single_quoted(std::string(entry->name) + ":" + zsh_text(entry->summary)) + "\n";
  }
  out +=
      ")\n"
      "if (( CURRENT == 2 )); then\n"
      "  _describe command commands\n"
      "  return\n"
      "fi\n"
      "local command=$words[2]\n"
      "shift words\n"
      "(( CURRENT-- ))\n"
      "case $command in\n";
  for (const CommandEntry* const entry : command_table()) {
    const DeclaredCommand declared(*entry);
    out += "  " + std::string(entry->name) + ")\n    _arguments \\\n";
    for (const OptionSpec& spec : declared.line.options()) out += zsh_option(spec);
    out += "      '--help[Explain the command]' ;;\n";
  }
  return out + "esac\n";
}

std::string fish_completion() {
  std::string out = "# fish completion for agentaudit\ncomplete -c agentaudit -f\n";
  for (const CommandEntry* const entry : command_table()) {
    out += "complete -c agentaudit -n __fish_use_subcommand -a " + std::string(entry->name) +
           " -d " + single_quoted(entry->summary) + "\n";
    const DeclaredCommand declared(*entry);
    for (const OptionSpec& spec : declared.line.options()) {
      const bool plain_argument =
          spec.names.empty() && spec.value != Value::file && spec.choices.empty();
      if (!plain_argument) out += fish_option(*entry, spec);
    }
  }
  return out;
}

}  // namespace agentaudit
