// SqliteStore passes the conformance suite, on a file and in memory.

#include "agentaudit/store/sqlite_store.h"
#include "store/store_conformance.h"

namespace agentaudit {
namespace {

StoreFactory sqlite_file() {
  const auto open = [](const std::filesystem::path& scratch, const OpenStoreOptions& options) {
    return open_store((scratch / "audit.db").native(), options);
  };
  return {.name = "File", .make = open, .reopen = open};
}

StoreFactory sqlite_memory() {
  const auto make = [](const std::filesystem::path&, const OpenStoreOptions& options) {
    return open_store(":memory:", options);
  };
  return {.name = "Memory", .make = make, .reopen = {}};
}

INSTANTIATE_TEST_SUITE_P(Sqlite, StoreConformance, testing::Values(sqlite_file(), sqlite_memory()),
                         store_name);

}  // namespace
}  // namespace agentaudit
