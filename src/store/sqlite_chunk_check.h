// Whether a chunk's row, columns and grams agree with its events.
#pragma once

#include "store/chunk_map.h"
#include "store/sqlite_reader.h"

namespace agentaudit {

// Reads every event of the chunk, which need not have a row. Must run inside a
// transaction. Errors: corrupt, naming the chunk and what is wrong.
[[nodiscard]] Result<void> check_chunk(SqliteReader& reader, std::int64_t chunk);

}  // namespace agentaudit
