#include "cli/store_option.h"

#include <system_error>

#include "cli/environment.h"

namespace agentaudit {
namespace {

constexpr std::string_view file_scheme = "sqlite:";

Result<std::filesystem::path> default_path() {
  const auto data = data_directory("name the trail with --store PATH");
  if (!data) return fail(data.error());
  return *data / "audit.db";
}

}  // namespace

void StoreOption::declare(CommandLine& line) {
  OptionSpec& option =
      line.option({"--store"}, "PATH", store_,
                  "The trail; else $AGENTAUDIT_STORE, else the one in your data directory");
  option.value = OptionSpec::Value::file;
  option.environment = "AGENTAUDIT_STORE";
}

Result<std::filesystem::path> StoreOption::path() const {
  std::string name = store_.empty() ? environment("AGENTAUDIT_STORE") : store_;
  if (name.empty()) return default_path();
  if (name.starts_with(file_scheme)) name.erase(0, file_scheme.size());
  if (name.empty() || name == ":memory:" || name.find("://") != std::string::npos) {
    return fail(ErrorCode::unsupported,
                "\"" + name + "\" cannot be used here; --store takes the path of a file");
  }
  return name;
}

Result<std::shared_ptr<SqliteStore>> StoreOption::open_to_read(
    std::chrono::milliseconds query_timeout) const {
  const auto file = path();
  if (!file) return fail(file.error());
  auto store = SqliteStore::open(
      *file, {.read_only = true, .create = false, .query_timeout = query_timeout});
  std::error_code ignored;
  if (!store && store.error().code == ErrorCode::not_found &&
      !std::filesystem::exists(*file, ignored)) {
    return fail(ErrorCode::not_found,
                "there is no trail at " + file->string() +
                    " yet. Record a first event with: echo "
                    "'{\"category\":\"session\",\"summary\":\"hello\"}' | agentaudit record");
  }
  return store;
}

Result<std::shared_ptr<SqliteStore>> StoreOption::open_to_write(
    const SqliteStoreOptions& options) const {
  const auto file = path();
  if (!file) return fail(file.error());
  return SqliteStore::open(*file, options);
}

}  // namespace agentaudit
