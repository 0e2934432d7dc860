#include "cli/man_page.h"

#include <algorithm>
#include <string_view>

#include "cli/command_help.h"
#include "cli/command_table.h"
#include "cli/version.h"

namespace agentaudit {
namespace {

constexpr std::string_view page_date = "2026-11-24";

// Text for roff: no character is taken for a request or an escape.
std::string roff(std::string_view text) {
  constexpr std::string_view ellipsis = "…";
  std::string out;
  bool line_start = true;
  while (!text.empty()) {
    if (text.starts_with(ellipsis)) {
      out += "...";
      text.remove_prefix(ellipsis.size());
      continue;
    }
    const char c = text.front();
    text.remove_prefix(1);
    if (line_start && (c == '.' || c == '\'')) out += "\\&";
    switch (c) {
      case '\\': out += "\\e"; break;
      case '-': out += "\\-"; break;
      case '\'': out += "\\(aq"; break;
      case '`': out += "\\(ga"; break;
      case '^': out += "\\(ha"; break;
      case '~': out += "\\(ti"; break;
      default: out += c; break;
    }
    line_start = c == '\n';
  }
  return out;
}

// Paragraphs with blank lines between them.
std::string paragraphs(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find("\n\n"), text.size());
    out += roff(text.substr(0, end)) + '\n';
    text.remove_prefix(std::min(end + 2, text.size()));
    if (!text.empty()) out += ".PP\n";
  }
  return out;
}

std::string option_entry(const OptionSpec& spec) {
  std::string heading;
  for (const std::string& name : spec.names) {
    if (!heading.empty()) heading += ", ";
    heading += "\\fB" + roff(name) + "\\fR";
  }
  if (spec.value != OptionSpec::Value::none) {
    if (!heading.empty()) heading += ' ';
    heading += "\\fI" + roff(spec.value_name) + "\\fR";
    if (spec.names.empty() && spec.repeatable) heading += " ...";
  }
  return ".TP\n" + heading + '\n' + roff(spec.help) + ".\n";
}

std::string command_section(const CommandEntry& entry) {
  const DeclaredCommand declared(entry);
  std::string out = ".SS " + roff(entry.name) + "\n\\fB" + roff(usage_of(entry, declared.line)) +
                    "\\fR\n.PP\n" + roff(entry.summary) + ".\n";
  if (!entry.text.empty()) out += ".PP\n" + paragraphs(entry.text);
  for (const OptionSpec& spec : declared.line.options()) out += option_entry(spec);
  if (!entry.examples.empty()) {
    out += ".PP\nExamples:\n.PP\n.RS 4\n.nf\n" + roff(entry.examples) + "\n.fi\n.RE\n";
  }
  return out;
}

constexpr std::string_view times =
    ".SH TIMES\n"
    ".TP\n\\fB30s\\fR, \\fB15m\\fR, \\fB2h\\fR, \\fB7d\\fR, \\fB1w\\fR\nSo long ago.\n"
    ".TP\n\\fBnow\\fR, \\fBtoday\\fR, \\fByesterday\\fR\nThis instant; days in UTC.\n"
    ".TP\n\\fB2026\\-11\\-24\\fR\nThat day in UTC: its start for \\fB\\-\\-since\\fR, its end for "
    "\\fB\\-\\-until\\fR.\n"
    ".TP\n\\fB2026\\-11\\-24T08:00:00+01:00\\fR\nThat instant (RFC 3339).\n";

constexpr std::string_view exit_status =
    ".SH EXIT STATUS\n"
    ".TP\n\\fB0\\fR\nEverything was done.\n"
    ".TP\n\\fB1\\fR\nSome input was refused; what was asked for is not there; or\n"
    "\\fBdoctor\\fR found something wrong.\n"
    ".TP\n\\fB2\\fR\nThe command line is wrong.\n"
    ".TP\n\\fB3\\fR\nThe trail, or another file, could not be opened or used.\n"
    ".TP\n\\fB130\\fR\nInterrupted, after what was begun was finished.\n";

constexpr std::string_view environment_and_files =
    ".SH ENVIRONMENT\n"
    ".TP\n\\fBAGENTAUDIT_STORE\\fR\nThe trail, where \\fB\\-\\-store\\fR is not given.\n"
    ".TP\n\\fBAGENTAUDIT_URL\\fR, \\fBAGENTAUDIT_TOKEN\\fR\nThe daemon and its token, for "
    "\\fBconnect\\fR.\n"
    ".TP\n\\fBXDG_DATA_HOME\\fR, \\fBHOME\\fR\nWhere the default trail lies.\n"
    ".TP\n\\fBNO_COLOR\\fR\nNot empty: no colours.\n"
    ".SH FILES\n"
    ".TP\n\\fI~/.local/share/agentaudit/audit.db\\fR\nThe default trail, a SQLite database.\n"
    ".TP\n\\fIPATH\\-wal\\fR, \\fIPATH\\-shm\\fR, \\fIPATH.lock\\fR\nBelong to the trail while it "
    "is in use.\n"
    ".TP\n\\fIPATH.spool\\fR\nEvents of hooks that could not be stored yet.\n";

}  // namespace

std::string man_page() {
  std::string out = ".TH AGENTAUDIT 1 \"" + std::string(page_date) + "\" \"agentaudit " +
                    std::string(version_text) +
                    "\" \"User Commands\"\n"
                    ".SH NAME\n"
                    "agentaudit \\- the flight recorder for AI agents\n"
                    ".SH SYNOPSIS\n"
                    "\\fBagentaudit\\fR \\fICOMMAND\\fR [\\fIOPTIONS\\fR] [\\fIARGUMENTS\\fR]\n"
                    ".SH DESCRIPTION\n"
                    "Keeps one trail of what agents do: tool calls, approvals, model calls,\n"
                    "sessions and more. Events are durable when their recording is acknowledged.\n"
                    ".SH COMMANDS\n";
  for (const CommandEntry* const entry : command_table()) out += command_section(*entry);
  out += times;
  out += exit_status;
  return out += environment_and_files;
}

}  // namespace agentaudit
