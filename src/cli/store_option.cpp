#include "cli/store_option.h"

#include <system_error>

#include "cli/environment.h"
#include "core/sha256.h"
#include "ledger/note_signer.h"
#include "store/store_url.h"

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
                  "The trail, a file or a URL; else $AGENTAUDIT_STORE, else the one in your data "
                  "directory");
  option.value = OptionSpec::Value::file;
  option.environment = "AGENTAUDIT_STORE";
}

std::string StoreOption::name() const {
  return store_.empty() ? environment("AGENTAUDIT_STORE") : store_;
}

bool StoreOption::is_remote() const { return name().find("://") != std::string::npos; }

bool StoreOption::is_postgres() const { return is_postgres_url(name()); }

Result<std::filesystem::path> StoreOption::path() const {
  std::string file = name();
  if (file.empty()) return default_path();
  if (is_remote()) {
    // The rest of the URL may hold a password.
    return fail(ErrorCode::unsupported, "a trail of " + file.substr(0, file.find("://")) +
                                            ":// cannot be used here; --store takes the path of "
                                            "a file");
  }
  if (file.starts_with(file_scheme)) file.erase(0, file_scheme.size());
  if (file.empty() || file == ":memory:") {
    return fail(ErrorCode::unsupported,
                "\"" + file + "\" cannot be used here; --store takes the path of a file");
  }
  return file;
}

Result<std::filesystem::path> StoreOption::beside() const {
  constexpr std::size_t digits = 16;
  if (!is_remote()) return path();
  const auto data = data_directory("name it with XDG_DATA_HOME");
  if (!data) return fail(data.error());
  std::error_code error;
  std::filesystem::create_directories(*data, error);
  if (error) return fail(ErrorCode::io, "cannot make " + data->native() + ": " + error.message());
  // The URL may hold a password, and its digest none.
  return *data / ("remote-" + sha256_hex(name()).substr(0, digits));
}

Result<std::shared_ptr<Store>> StoreOption::open_to_read(
    std::chrono::milliseconds query_timeout) const {
  if (is_remote()) {
    return open_store(name(), {.read_only = true, .create = false, .query_timeout = query_timeout});
  }
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

Result<std::shared_ptr<Store>> StoreOption::open_to_write(const SqliteStoreOptions& options) const {
  if (!is_remote()) return open_file_to_write(options);
  OpenStoreOptions remote{.create = options.create,
                          .busy_timeout = options.busy_timeout,
                          .query_timeout = options.query_timeout,
                          .signing_key = options.signing_key,
                          .checkpoint_directory = options.checkpoint_directory};
  auto opened = open_store(name(), remote);
  wipe(remote.signing_key);
  return opened;
}

Result<std::shared_ptr<SqliteStore>> StoreOption::open_file_to_write(
    const SqliteStoreOptions& options) const {
  const auto file = path();
  if (!file) return fail(file.error());
  return SqliteStore::open(*file, options);
}

}  // namespace agentaudit
