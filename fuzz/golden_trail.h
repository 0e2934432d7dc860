// A small trail that is signed, with a prune, a redaction and a hold: tests/golden/store/v4.db.
#pragma once

#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "agentaudit/store/sqlite_store.h"
#include "store/scratch_directory.h"

namespace agentaudit {

// A copy of its own, removed with the object.
class GoldenTrail {
 public:
  // Who signed it. Nobody has the private key.
  static constexpr const char* public_key =
      "golden.example+712e323e+Ab240svUyHvTO5yxTVU6aPiAohHRcPOiyGKW0UEN3PEn";

  GoldenTrail() {
    std::filesystem::copy_file(
        std::filesystem::path(AGENTAUDIT_SOURCE_DIR) / "tests" / "golden" / "store" / "v4.db",
        path());
  }

  [[nodiscard]] std::filesystem::path path() const { return directory_ / "trail.db"; }

  [[nodiscard]] std::string bytes() const {
    std::ostringstream out;
    out << std::ifstream(path(), std::ios::binary).rdbuf();
    return std::move(out).str();
  }

  [[nodiscard]] Result<std::shared_ptr<SqliteStore>> open() const {
    return SqliteStore::open(path(), {.read_only = true, .query_threads = 1});
  }

 private:
  ScratchDirectory directory_;
};

}  // namespace agentaudit
