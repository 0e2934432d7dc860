// Whether the options of a store are within their limits.
#pragma once

#include "agentaudit/store/sqlite_store.h"

namespace agentaudit {

// Errors: invalid_argument, naming the option, its value and what is allowed.
[[nodiscard]] Result<void> check_options(const SqliteStoreOptions& options);

}  // namespace agentaudit
