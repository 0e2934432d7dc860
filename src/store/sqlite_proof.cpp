#include "store/sqlite_proof.h"

#include <functional>
#include <utility>

#include "store/bundle_maker.h"
#include "store/proof_source.h"
#include "store/sqlite_checkpoints.h"
#include "store/sqlite_leaf.h"
#include "store/sqlite_schema.h"
#include "store/sqlite_tree.h"
#include "store/tile_writer.h"

namespace agentaudit {
namespace {

// Within one snapshot.
template <typename T>
Result<T> prove(SqliteConnection& connection, const std::function<Result<T>(ProofSource)>& work) {
  auto leaves = SqliteLeaves::make(connection);
  if (!leaves) return fail(leaves.error());
  auto hashes = sqlite_tree::Hashes::make(connection);
  if (!hashes) return fail(hashes.error());
  auto transaction = SqliteTransaction::begin_read(connection);
  if (!transaction) return fail(transaction.error());
  auto trail_id = sqlite_schema::trail_id(connection);
  if (!trail_id) return fail(trail_id.error());
  const auto size = sqlite_tree::size(connection);
  if (!size) return fail(size.error());
  auto notes = read_checkpoints(connection);
  if (!notes) return fail(notes.error());
  StoredTree tree(std::move(*hashes));
  return work({.trail_id = std::move(*trail_id),
               .size = *size,
               .notes = std::move(*notes),
               .tree = &tree,
               .leaves = &*leaves});
}

}  // namespace

Result<std::string> sqlite_bundle(SqliteConnection& connection, const BundleOpts& opts) {
  if (auto checked = check_bundle(opts); !checked) return fail(checked.error());
  return prove<std::string>(
      connection, [&](ProofSource source) { return make_bundle(std::move(source), opts); });
}

Result<TileCounts> sqlite_tiles(SqliteConnection& connection, const TileOpts& opts) {
  return prove<TileCounts>(
      connection, [&](ProofSource source) { return write_tiles(std::move(source), opts); });
}

}  // namespace agentaudit
