#include "project/source_rules.h"

#include <algorithm>
#include <array>
#include <regex>
#include <sstream>
#include <utility>

namespace agentaudit::project {
namespace {

constexpr std::string_view umbrella = "agentaudit/agentaudit.h";

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

std::vector<std::string> includes_between(std::string_view source, char open, char close) {
  std::vector<std::string> names;
  for (std::string_view line : lines_of(source)) {
    constexpr std::string_view directive = "#include ";
    if (!line.starts_with(directive)) continue;
    line.remove_prefix(directive.size());
    if (line.empty() || line.front() != open) continue;
    const std::size_t end = line.find(close, 1);
    if (end != std::string_view::npos) names.emplace_back(line.substr(1, end - 1));
  }
  return names;
}

// The first folder below src/ or include/agentaudit/, or of an include's name.
std::string_view folder_of(std::string_view path) {
  for (const std::string_view root : {"src/", "include/agentaudit/", "agentaudit/"}) {
    if (path.starts_with(root)) {
      path.remove_prefix(root.size());
      break;
    }
  }
  const std::size_t slash = path.find('/');
  return slash == std::string_view::npos ? std::string_view{} : path.substr(0, slash);
}

// The code of a line without its // comment and without the text of its strings.
std::string code_of(std::string_view line) {
  std::string code;
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (quoted && line[i] == '\\') {
      ++i;
    } else if (!quoted && line.substr(i).starts_with(R"('"')")) {
      i += 2;
    } else if (line[i] == '"') {
      quoted = !quoted;
      code += '"';
    } else if (!quoted && line.substr(i).starts_with("//")) {
      break;
    } else if (!quoted) {
      code += line[i];
    }
  }
  return code;
}

// The source with the text of its raw strings blanked, line ends kept.
std::string without_raw_strings(const std::string& source) {
  static const std::regex opening(R"re((^|\W)R"(\w{0,16})\()re");
  std::string out;
  auto position = source.begin();
  std::smatch match;
  while (std::regex_search(position, source.end(), match, opening)) {
    out.append(position, match[0].second);
    const std::string closing = ')' + match[2].str() + '"';
    const auto end = std::search(match[0].second, source.end(), closing.begin(), closing.end());
    out.append(static_cast<std::size_t>(std::count(match[0].second, end, '\n')), '\n');
    position = end;
  }
  return out.append(position, source.end());
}

std::string finding(std::string_view path, std::size_t line, std::string_view what) {
  return std::string(path) + ':' + std::to_string(line) + ": " + std::string(what);
}

}  // namespace

std::vector<std::string> quoted_includes(std::string_view source) {
  return includes_between(source, '"', '"');
}

std::vector<std::string> angled_includes(std::string_view source) {
  return includes_between(source, '<', '>');
}

std::optional<int> floor_of(std::string_view folder) {
  constexpr std::array<std::pair<std::string_view, int>, 9> floors = {{{"core", 0},
                                                                       {"emit", 1},
                                                                       {"ingest", 1},
                                                                       {"ledger", 1},
                                                                       {"ledger", 1},
                                                                       {"redact", 1},
                                                                       {"render", 1},
                                                                       {"store", 2},
                                                                       {"server", 3}}};
  constexpr int cli_floor = 4;
  if (folder == "cli") return cli_floor;
  const auto* const floor = std::find_if(floors.begin(), floors.end(),
                                         [&](const auto& entry) { return entry.first == folder; });
  if (floor == floors.end()) return std::nullopt;
  return floor->second;
}

Findings upward_includes(std::string_view path, std::string_view source) {
  Findings findings;
  const bool is_public = path.starts_with("include/");
  // The umbrella header is the library's roof: it may include all of it, and only
  // what stands on the roof may include it.
  if (is_public && path.ends_with(umbrella)) return findings;
  const std::string_view folder = folder_of(path);
  const auto floor = floor_of(folder);
  if (!floor) {
    findings.push_back(std::string(path) + " is in no folder that has a floor");
    return findings;
  }
  for (const std::string& name : quoted_includes(source)) {
    const std::string_view other = folder_of(name);
    const auto other_floor = name == umbrella ? floor_of("server") : floor_of(other);
    if (!other_floor) {
      findings.push_back(std::string(path) + " includes \"" + name +
                         "\", which is no header of this project");
    } else if (other != folder && *other_floor >= *floor) {
      findings.push_back(std::string(path) + " includes \"" + name +
                         "\", which is not on a lower floor");
    } else if (is_public && !name.starts_with("agentaudit/")) {
      findings.push_back(std::string(path) + " is public and includes the private \"" + name + '"');
    }
  }
  return findings;
}

Findings misplaced_uses(std::string_view path, std::string_view source) {
  Findings findings;
  const std::string_view folder = folder_of(path);
  const bool in_cli = folder == "cli";
  const bool is_header = path.ends_with(".h");
  for (const std::string& name : angled_includes(source)) {
    const bool fmt_allowed = !is_header && (in_cli || folder == "render");
    if (name.starts_with("fmt/") && !fmt_allowed) {
      findings.push_back(std::string(path) + " includes <" + name + '>');
    }
    if (name.starts_with("nlohmann/") && (is_header || !in_cli)) {
      findings.push_back(std::string(path) + " includes <" + name + '>');
    }
  }
  static const std::regex service(
      R"((^|[^\w.>])(std::)?(getenv|secure_getenv|abort|exit|_exit|quick_exit|printf|puts)\s*\(|std::(cout|cerr|clog|terminate)\b|\bstd(out|err)\b)");
  // The settings of toml++ are macros.
  static const std::regex macro(R"(^\s*#\s*define\b(?!\s+TOML_))");
  const std::string text = without_raw_strings(std::string(source));
  std::size_t number = 0;
  for (const std::string_view line : lines_of(text)) {
    ++number;
    const std::string code = code_of(line);
    if (std::regex_search(code, macro)) findings.push_back(finding(path, number, "a macro"));
    if (!in_cli && std::regex_search(code, service)) {
      findings.push_back(finding(path, number,
                                 "the library prints, ends the process or reads "
                                 "the environment"));
    }
  }
  return findings;
}

Findings unregistered_tests(const std::vector<std::string>& tests, std::string_view cmake_lists) {
  // The words within each list of a folder's, of which there may be several.
  const auto is_listed = [&](const std::string& folder, const std::string& file) {
    const std::string head = "agentaudit_test(" + folder;
    for (std::size_t at = cmake_lists.find(head); at != std::string_view::npos;
         at = cmake_lists.find(head, at + 1)) {
      const std::string list(
          cmake_lists.substr(at + head.size(), cmake_lists.find(')', at) - at - head.size()));
      std::istringstream words(list);
      const bool is_of_folder = !list.empty() && (list[0] == ' ' || list[0] == '\n');
      for (std::string word; is_of_folder && words >> word;) {
        if (word == file) return true;
      }
    }
    return false;
  };
  Findings findings;
  for (const std::string& test : tests) {
    if (cmake_lists.find(' ' + test) != std::string_view::npos) continue;
    const std::size_t slash = test.find('/');
    if (!is_listed(test.substr(0, slash), test.substr(slash + 1))) {
      findings.push_back("tests/" + test + " is not in tests/CMakeLists.txt");
    }
  }
  return findings;
}

Findings too_long(std::string_view path, std::string_view source) {
  const auto lines = std::count(source.begin(), source.end(), '\n');
  if (lines <= lines_max ||
      source.find("// This file is long because ") != std::string_view::npos) {
    return {};
  }
  return {std::string(path) + " has " + std::to_string(lines) + " lines, more than " +
          std::to_string(lines_max) + ", and does not say why"};
}

Findings unfinished_work(std::string_view path, std::string_view text) {
  // In two parts, so that this file passes its own rule.
  static const std::regex word(
      "\\b(TO"
      "DO|FIX"
      "ME|XX"
      "X|HA"
      "CK)\\b");
  Findings findings;
  std::size_t number = 0;
  for (const std::string_view line : lines_of(text)) {
    ++number;
    if (std::regex_search(line.begin(), line.end(), word)) {
      findings.push_back(finding(path, number, "unfinished work"));
    }
  }
  return findings;
}

Findings machine_paths(std::string_view path, std::string_view text) {
  static const std::regex machine(
      "(^|[^\\w./])/(wo"
      "rk|ro"
      "ot|ho"
      "me/[a-z])[a-z0-9_-]*/");
  Findings findings;
  std::size_t number = 0;
  for (const std::string_view line : lines_of(text)) {
    ++number;
    if (std::regex_search(line.begin(), line.end(), machine)) {
      findings.push_back(finding(path, number, "a path of one machine"));
    }
  }
  return findings;
}

Findings vague_names(std::string_view path) {
  static const std::regex vague(
      R"((^|/|_)(utils?|helpers?|commons?|managers?|misc|stuff)(/|_|\.))");
  if (!std::regex_search(path.begin(), path.end(), vague)) return {};
  return {std::string(path) + " has a name that says nothing"};
}

std::vector<std::string> linked_files(std::string_view markdown) {
  static const std::regex link(R"(\]\(([^)\s]+)\))");
  static const std::regex code_span("`[^`]*`");
  std::vector<std::string> files;
  bool fenced = false;
  for (const std::string_view line : lines_of(markdown)) {
    if (line.starts_with("```")) fenced = !fenced;
    if (fenced) continue;
    const std::string text = std::regex_replace(std::string(line), code_span, "");
    for (std::sregex_iterator match(text.begin(), text.end(), link);
         match != std::sregex_iterator(); ++match) {
      std::string target = (*match)[1];
      target.resize(std::min(target.size(), target.find('#')));
      if (!target.empty() && target.find("://") == std::string::npos) files.push_back(target);
    }
  }
  return files;
}

}  // namespace agentaudit::project
