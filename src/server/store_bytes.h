// How much a trail takes on this machine's disk.
#pragma once

#include <cstdint>

#include "agentaudit/store/store.h"

namespace agentaudit {

// Of the trail's file and its logs; 0 where a server keeps it. Thread-safe.
[[nodiscard]] std::int64_t store_bytes(const Store& store);

}  // namespace agentaudit
