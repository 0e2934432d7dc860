// PostgresStore does what every store has to do.

#include <atomic>

#include "store/postgres_server.h"
#include "store/store_conformance.h"

namespace agentaudit {
namespace {

// A schema of the test's own, named as its directory.
std::string schema_of(const std::filesystem::path& scratch) {
  std::string name;
  for (const char c : scratch.filename().string()) {
    name.push_back(std::isalnum(static_cast<unsigned char>(c)) != 0
                       ? static_cast<char>(std::tolower(static_cast<unsigned char>(c)))
                       : '_');
  }
  return "t_" + name + "_" + std::to_string(std::hash<std::string>()(scratch.string()) % 100'000);
}

Result<std::shared_ptr<Store>> open_schema(const std::filesystem::path& scratch,
                                           const OpenStoreOptions& options) {
  PostgresServer* const server = PostgresServer::shared();
  if (server == nullptr) {
    return fail(ErrorCode::unsupported, "PostgreSQL 15 is not installed (postgresql-15)");
  }
  return open_store(server->url(schema_of(scratch)), options);
}

StoreFactory postgres_factory() {
  return {.name = "Server", .make = open_schema, .reopen = open_schema};
}

INSTANTIATE_TEST_SUITE_P(Postgres, StoreConformance, testing::Values(postgres_factory()),
                         store_name);

}  // namespace
}  // namespace agentaudit
