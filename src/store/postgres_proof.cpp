#include "store/postgres_proof.h"

#include <functional>
#include <utility>

#include "store/bundle_maker.h"
#include "store/postgres_checkpoints.h"
#include "store/postgres_leaf.h"
#include "store/postgres_ledger.h"
#include "store/proof_source.h"
#include "store/tile_writer.h"

namespace agentaudit {
namespace {

template <typename T>
Result<T> prove(PostgresConnection& connection, const std::function<Result<T>(ProofSource)>& work) {
  const auto row = connection.ask("SELECT trail_id, last_id FROM agentaudit_trail");
  if (!row) return fail(row.error());
  PostgresRows::Row columns = row->row(0);
  std::string trail_id = columns.text();
  const auto size = static_cast<std::uint64_t>(columns.number());
  auto notes = read_checkpoints(connection);
  if (!notes) return fail(notes.error());
  PostgresHashes tree(connection);
  PostgresLeaves leaves(connection);
  return work({.trail_id = std::move(trail_id),
               .size = size,
               .notes = std::move(*notes),
               .tree = &tree,
               .leaves = &leaves});
}

}  // namespace

Result<std::string> postgres_bundle(PostgresConnection& connection, const BundleOpts& opts) {
  if (auto checked = check_bundle(opts); !checked) return fail(checked.error());
  return prove<std::string>(
      connection, [&](ProofSource source) { return make_bundle(std::move(source), opts); });
}

Result<TileCounts> postgres_tiles(PostgresConnection& connection, const TileOpts& opts) {
  return prove<TileCounts>(
      connection, [&](ProofSource source) { return write_tiles(std::move(source), opts); });
}

}  // namespace agentaudit
