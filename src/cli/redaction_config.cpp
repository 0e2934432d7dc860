#include "cli/redaction_config.h"

#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>

namespace agentaudit {
namespace {

tl::unexpected<Error> wrong(const toml::source_region& at, const std::string& what) {
  return fail(ErrorCode::parse, "line " + std::to_string(at.begin.line) + ": " + what);
}

Result<void> read(const toml::node& value, std::string_view name, std::string& out) {
  const auto text = value.value<std::string>();
  if (!value.is_string() || !text) return wrong(value.source(), std::string(name) + " is a text");
  out = *text;
  return {};
}

Result<void> read(const toml::node& value, std::string_view name, std::vector<std::string>& out) {
  const toml::array* const list = value.as_array();
  if (list == nullptr) return wrong(value.source(), std::string(name) + " is a list of texts");
  for (const toml::node& item : *list) {
    if (auto done = read(item, "each of " + std::string(name), out.emplace_back()); !done) {
      return done;
    }
  }
  return {};
}

Result<void> read(const toml::node& value, std::string_view name, double& out) {
  const auto number = value.value<double>();
  if (!value.is_number() || !number) {
    return wrong(value.source(), std::string(name) + " is a number");
  }
  out = *number;
  return {};
}

Result<RedactionRule> rule_of(const toml::node& node) {
  const toml::table* const table = node.as_table();
  if (table == nullptr) return wrong(node.source(), "a rule is a table, [[redaction.rules]]");
  RedactionRule rule;
  for (const auto& [key, value] : *table) {
    Result<void> done;
    if (key == "kind") {
      done = read(value, key.str(), rule.kind);
    } else if (key == "keywords") {
      done = read(value, key.str(), rule.keywords);
    } else if (key == "pattern") {
      done = read(value, key.str(), rule.pattern);
    } else if (key == "entropy") {
      done = read(value, key.str(), rule.min_entropy);
    } else {
      done = wrong(key.source(),
                   "a rule has kind, keywords, pattern and entropy, not " + std::string(key.str()));
    }
    if (!done) return fail(std::move(done.error()));
  }
  return rule;
}

Result<void> read_rules(const toml::node& value, std::vector<RedactionRule>& rules) {
  const toml::array* const list = value.as_array();
  if (list == nullptr) return wrong(value.source(), "rules are tables, [[redaction.rules]]");
  for (const toml::node& item : *list) {
    auto rule = rule_of(item);
    if (!rule) return fail(std::move(rule.error()));
    rules.push_back(std::move(*rule));
  }
  return {};
}

}  // namespace

Result<void> read_redaction(const toml::table& redaction, RedactorOptions& options) {
  for (const auto& [key, value] : redaction) {
    Result<void> done;
    if (key == "disabled_kinds") {
      done = read(value, key.str(), options.disabled_kinds);
    } else if (key == "allow") {
      done = read(value, key.str(), options.allow);
    } else if (key == "rules") {
      done = read_rules(value, options.rules);
    } else {
      done = wrong(key.source(), "[redaction] has disabled_kinds, allow and rules, not " +
                                     std::string(key.str()));
    }
    if (!done) return done;
  }
  return {};
}

Result<void> read_redaction_file(const std::filesystem::path& path, RedactorOptions& options) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) return fail(ErrorCode::io, "cannot read " + path.native());
  const toml::parse_result parsed = toml::parse(text.str());
  Result<void> done;
  if (!parsed) {
    done = wrong(parsed.error().source(), std::string(parsed.error().description()));
  } else if (const toml::node* const found = parsed.table().get("redaction"); found != nullptr) {
    const toml::table* const redaction = found->as_table();
    done = redaction != nullptr ? read_redaction(*redaction, options)
                                : wrong(found->source(), "[redaction] is a table");
  } else {
    done = fail(ErrorCode::parse, "there is no table [redaction]");
  }
  if (done) return done;
  return fail(done.error().code, path.native() + ": " + done.error().message);
}

}  // namespace agentaudit
