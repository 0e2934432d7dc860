#include "cli/config_file.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include "cli/command_table.h"
#include "cli/environment.h"
#include "cli/toml.h"
#include "store/system_error.h"

namespace agentaudit {
namespace {

constexpr std::size_t file_bytes_max = 1U << 20U;
constexpr std::string_view redaction_table = "redaction";  // which is no command's

std::string place_of(const std::filesystem::path& path, const toml::source_region& source) {
  return path.native() + ":" + std::to_string(source.begin.line);
}

// As it would stand on the command line.
std::optional<std::string> value_of(const toml::node& node) {
  if (const auto* const text = node.as_string()) return text->get();
  if (const auto* const number = node.as_integer()) return std::to_string(number->get());
  return std::nullopt;
}

Result<OptionDefault> default_of(const toml::node& node, const std::string& place) {
  OptionDefault setting{.place = place};
  const auto wrong = [&] {
    return fail(ErrorCode::parse, place +
                                      ": a value is a text, a whole number, true, false, or "
                                      "a list of texts and numbers");
  };
  if (const auto* const flag = node.as_boolean()) {
    setting.is_flag = true;
    setting.is_on = flag->get();
  } else if (const auto* const list = node.as_array()) {
    for (const toml::node& item : *list) {
      auto value = value_of(item);
      if (!value) return wrong();
      setting.values.push_back(std::move(*value));
    }
  } else if (auto value = value_of(node)) {
    setting.values.push_back(std::move(*value));
  } else {
    return wrong();
  }
  return setting;
}

}  // namespace

Result<ConfigFile> ConfigFile::find() {
  const std::string named = environment("AGENTAUDIT_CONFIG");
  if (!named.empty()) return read(named);
  const auto directory = config_directory("");
  if (!directory) return ConfigFile();
  std::error_code ignored;
  const std::filesystem::path path = *directory / "config.toml";
  return std::filesystem::exists(path, ignored) ? read(path) : ConfigFile();
}

Result<ConfigFile> ConfigFile::read(const std::filesystem::path& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return fail(system_error(errno, path.native()));
  if (S_ISREG(status.st_mode) && (status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return fail(ErrorCode::permission,
                "others may write " + path.native() + ": chmod go-w " + path.native());
  }
  if (static_cast<std::size_t>(status.st_size) > file_bytes_max) {
    return fail(ErrorCode::too_large, path.native() + " is over 1 MiB");
  }
  std::ifstream stream(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  if (!stream) return fail(ErrorCode::io, "cannot read " + path.native());
  const toml::parse_result parsed = toml::parse(text, path.native());
  if (!parsed) {
    return fail(ErrorCode::parse, place_of(path, parsed.error().source()) + ": " +
                                      std::string(parsed.error().description()));
  }
  ConfigFile config;
  config.path_ = path;
  for (const auto& [key, node] : parsed.table()) {
    const toml::table* const table = node.as_table();
    if (table != nullptr && key.str() == redaction_table) {
      config.has_redaction_ = true;
      continue;
    }
    OptionDefaults& settings =
        table == nullptr ? config.of_all_ : config.commands_[std::string(key.str())];
    const auto add = [&](const toml::key& name, const toml::node& value) -> Result<void> {
      auto setting = default_of(value, place_of(path, name.source()));
      if (!setting) return fail(setting.error());
      settings.emplace(std::string(name.str()), std::move(*setting));
      return {};
    };
    if (table == nullptr) {
      if (auto added = add(key, node); !added) return fail(added.error());
      continue;
    }
    for (const auto& [name, value] : *table) {
      if (auto added = add(name, value); !added) return fail(added.error());
    }
  }
  return config;
}

OptionDefaults ConfigFile::of_command(std::string_view command) const {
  const auto found = commands_.find(command);
  return found == commands_.end() ? OptionDefaults() : found->second;
}

OptionDefaults ConfigFile::defaults_of(std::string_view command) const {
  OptionDefaults defaults = of_command(command);
  defaults.insert(of_all_.begin(), of_all_.end());
  return defaults;
}

Result<void> ConfigFile::check() const {
  OptionDefaults of_nobody = of_all_;
  std::vector<std::string> names;
  for (const CommandEntry* const entry : command_table()) {
    const DeclaredCommand declared(*entry);
    names.emplace_back(entry->name);
    if (auto known = declared.line.check(of_command(entry->name)); !known) return known;
    for (const OptionSpec& option : declared.line.options()) {
      for (const std::string& name : option.names) {
        of_nobody.erase(name.substr(std::min<std::size_t>(2, name.size())));
      }
    }
  }
  for (const auto& [command, settings] : commands_) {
    if (std::find(names.begin(), names.end(), command) != names.end()) continue;
    const std::string nearest = nearest_word(command, names);
    return fail(ErrorCode::invalid_argument,
                path_.native() + ": [" + command + "] is no command" +
                    (nearest.empty() ? "" : "; did you mean [" + nearest + "]?"));
  }
  if (of_nobody.empty()) return {};
  const auto& [name, setting] = *of_nobody.begin();
  return fail(ErrorCode::invalid_argument,
              setting.place + ": no command has an option \"" + name + "\"");
}

}  // namespace agentaudit
