#include "store/postgres_checkpoints.h"

#include <utility>

#include "store/postgres_ledger.h"
#include "store/postgres_sql.h"

namespace agentaudit {
namespace {

using postgres_sql::int64;
using postgres_sql::literal;

// Of the server: those of its clients may disagree.
constexpr std::string_view now_sql = "(extract(epoch FROM clock_timestamp()) * 1000000000)::bigint";

}  // namespace

Result<std::vector<std::string>> read_checkpoints(PostgresConnection& connection) {
  const auto rows = connection.ask("SELECT note FROM agentaudit_checkpoints ORDER BY size");
  if (!rows) return fail(rows.error());
  std::vector<std::string> notes;
  notes.reserve(static_cast<std::size_t>(rows->size()));
  for (int i = 0; i < rows->size(); ++i) notes.push_back(rows->row(i).text());
  return notes;
}

Result<void> note_anchor(PostgresWriter& writer, std::string_view place) {
  if (auto begun = writer.begin(); !begun) return begun;
  const auto noted = writer.connection().number(
      "WITH noted AS (UPDATE agentaudit_checkpoints SET anchored = " + literal(place) +
      " WHERE size = (SELECT max(size) FROM agentaudit_checkpoints) RETURNING 1)"
      " SELECT count(*) FROM noted");
  if (!noted) return fail(noted.error());
  if (*noted > 0) return {};
  return fail(ErrorCode::not_found, "the trail has no checkpoint");
}

Result<std::optional<NewCheckpoint>> sign_snapshot(PostgresConnection& connection,
                                                   CheckpointSigner& signer,
                                                   std::int64_t age_least_ns) {
  const auto row = connection.ask("SELECT last_id, " + std::string(now_sql) +
                                  " - coalesce((SELECT max(signed_at) FROM agentaudit_checkpoints),"
                                  " 0) FROM agentaudit_trail");
  if (!row) return fail(row.error());
  PostgresRows::Row columns = row->row(0);
  const auto size = static_cast<std::uint64_t>(columns.number());
  if (size == 0 || signer.has_signed(size) || columns.number() < age_least_ns) return std::nullopt;
  auto notes = read_checkpoints(connection);
  if (!notes) return fail(notes.error());
  PostgresHashes tree(connection);
  auto note = signer.sign(size, tree, std::move(*notes));
  if (!note) return fail(note.error());
  if (!*note) return std::nullopt;
  return NewCheckpoint{.size = size, .note = std::move(**note)};
}

Result<void> store_checkpoint(PostgresWriter& writer, const NewCheckpoint& checkpoint,
                              std::string_view public_key) {
  if (auto begun = writer.begin(); !begun) return begun;
  const std::string size = int64(static_cast<std::int64_t>(checkpoint.size));
  const std::string key = literal(public_key);
  // Another store may have signed more meanwhile, which stays.
  return writer.connection().run(
      "DELETE FROM agentaudit_checkpoints WHERE anchored IS NULL AND size < " + size +
      ";INSERT INTO agentaudit_checkpoints(size, note, signed_at) VALUES (" + size + ", " +
      literal(checkpoint.note) + ", " + std::string(now_sql) +
      ") ON CONFLICT (size) DO UPDATE SET note = excluded.note, signed_at = excluded.signed_at"
      ";UPDATE agentaudit_trail SET sealed_by = " +
      key + " WHERE sealed_by IS DISTINCT FROM " + key);
}

}  // namespace agentaudit
