// Evidence bundles out of a SQLite trail. See SqliteStore::bundle.
#pragma once

#include <string>

#include "agentaudit/store/sqlite_store.h"
#include "store/sqlite_connection.h"

namespace agentaudit {

[[nodiscard]] Result<std::string> sqlite_bundle(SqliteConnection& connection,
                                                const BundleOpts& opts);

}  // namespace agentaudit
