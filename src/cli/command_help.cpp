#include "cli/command_help.h"

#include <algorithm>
#include <vector>

#include "render/terminal_text.h"

namespace agentaudit {
namespace {

constexpr std::size_t help_columns = 80;
// Where the options' help starts; a longer heading gets a line of its own.
constexpr std::size_t option_columns = 26;

// One command, or several of a kind with a summary of their own.
struct CommandRow {
  // Implicit on purpose: most rows are a name.
  CommandRow(const char* name)  // NOLINT(google-explicit-constructor)
      : names(name), summary(find_command(name)->summary) {}
  CommandRow(const char* several, const char* what) : names(several), summary(what) {}

  std::string_view names;
  std::string_view summary;
};

struct CommandGroup {
  std::string_view title;
  std::vector<CommandRow> commands;
};

const std::vector<CommandGroup>& groups() {
  static const std::vector<CommandGroup> all = {
      {"Record",
       {"record",
        "hook",
        {"mcp, mcp-server", "Record what passes over MCP; answer an MCP client's questions"},
        "serve",
        "token",
        "connect",
        "import"}},
      {"Read",
       {{"list, search", "Show events, newest first; those with a text in them"},
        "show",
        "tail",
        "top",
        "stats",
        "histogram",
        "conversations",
        "trails",
        "trace",
        "pending",
        "export"}},
      {"Prove", {"verify", "prove", "bundle", "key", "checkpoint", "anchor", "tiles"}},
      {"Keep",
       {"prune",
        "retention",
        "hold",
        "redact",
        "doctor",
        "seal",
        "migrate",
        "repair",
        {"ship, schema", "Bring a trail elsewhere; print a database's tables"},
        "bench"}},
      {"More",
       {{"help, version", "Explain a command; print the version"},
        {"completion, man", "Print the completions for a shell; print the man page"}}}};
  return all;
}

void append_padded(std::string& out, std::string_view text, std::size_t columns) {
  out += text;
  const std::size_t width = terminal_columns(text);
  out.append(columns > width ? columns - width : 0, ' ');
}

std::string option_help(const OptionSpec& spec) {
  const std::string heading = "  " + spec.heading();
  const std::string indent(option_columns, ' ');
  std::string text = wrapped(spec.help, help_columns, indent);
  if (terminal_columns(heading) + 2 > option_columns) return heading + '\n' + text;
  std::string out;
  append_padded(out, heading, option_columns);
  return out += text.substr(option_columns);
}

std::string examples_of(std::string_view examples) {
  std::string out;
  while (!examples.empty()) {
    const std::size_t end = std::min(examples.find('\n'), examples.size());
    out.append("  ").append(examples.substr(0, end)) += '\n';
    examples.remove_prefix(std::min(end + 1, examples.size()));
  }
  return out;
}

}  // namespace

std::string wrapped(std::string_view text, std::size_t columns, std::string_view indent) {
  std::string out;
  std::string line(indent);
  bool line_empty = true;
  const auto end_line = [&] {
    if (!line_empty) out += line;
    out += '\n';
    line = indent;
    line_empty = true;
  };
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(" \n"), text.size());
    const std::string_view word = text.substr(0, end);
    if (!line_empty && terminal_columns(line) + 1 + terminal_columns(word) > columns) end_line();
    if (!word.empty()) {
      if (!line_empty) line += ' ';
      line += word;
      line_empty = false;
    }
    if (end < text.size() && text[end] == '\n') end_line();
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  if (!line_empty) end_line();
  return out;
}

std::string usage_of(const CommandEntry& entry, const CommandLine& line) {
  std::string usage = "agentaudit " + std::string(entry.name);
  const auto& options = line.options();
  const auto is_option = [](const OptionSpec& spec) { return !spec.names.empty(); };
  if (std::any_of(options.begin(), options.end(), is_option)) usage += " [OPTIONS]";
  for (const OptionSpec& spec : options) {
    if (is_option(spec)) continue;
    usage += spec.required ? " " + spec.heading() : " [" + spec.heading() + "]";
  }
  return usage;
}

std::string help_of_all() {
  std::string out =
      "agentaudit, the flight recorder for AI agents\n\n"
      "Usage: agentaudit COMMAND …, or agentaudit help COMMAND for its options\n";
  for (const CommandGroup& group : groups()) {
    out.append("\n").append(group.title) += '\n';
    for (const CommandRow& row : group.commands) {
      out += "  ";
      append_padded(out, row.names, 17);
      out.append(row.summary) += '\n';
    }
  }
  out += "\nEvents go to $AGENTAUDIT_STORE, or to audit.db in your data directory.\n";
  return out;
}

std::string help_of(const CommandEntry& entry) {
  const DeclaredCommand declared(entry);
  std::string out = std::string(entry.summary) + ".\n\nUsage: " + usage_of(entry, declared.line);
  out += '\n';
  if (!entry.text.empty()) out += '\n' + wrapped(entry.text, help_columns, "");
  for (const bool named : {false, true}) {
    std::string rows;
    for (const OptionSpec& spec : declared.line.options()) {
      if (spec.names.empty() != named) rows += option_help(spec);
    }
    if (!rows.empty()) out += (named ? "\nOptions\n" : "\nArguments\n") + rows;
  }
  if (!entry.examples.empty()) out += "\nExamples\n" + examples_of(entry.examples);
  return out;
}

}  // namespace agentaudit
