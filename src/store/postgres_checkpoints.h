// The signed checkpoints of a trail in PostgreSQL: making them, and keeping the newest.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/checkpoint_signer.h"
#include "store/postgres_connection.h"
#include "store/postgres_writer.h"

namespace agentaudit {

// The notes that the trail keeps, smallest first.
[[nodiscard]] Result<std::vector<std::string>> read_checkpoints(PostgresConnection& connection);

// Notes where a copy of the newest was put. Leaves a transaction open. Errors: not_found (there
// is none).
[[nodiscard]] Result<void> note_anchor(PostgresWriter& writer, std::string_view place);

struct NewCheckpoint {
  std::uint64_t size = 0;
  std::string note;
};

// Signs what the connection's snapshot has; nothing where the newest checkpoint covers that, or
// where it was signed less than `age_least_ns` ago by the server's clock. Nobody waits for it.
// Errors: those of CheckpointSigner::sign.
[[nodiscard]] Result<std::optional<NewCheckpoint>> sign_snapshot(PostgresConnection& connection,
                                                                 CheckpointSigner& signer,
                                                                 std::int64_t age_least_ns);

// What was anchored stays; of the others the newest is enough. Leaves a transaction open.
[[nodiscard]] Result<void> store_checkpoint(PostgresWriter& writer, const NewCheckpoint& checkpoint,
                                            std::string_view public_key);

}  // namespace agentaudit
