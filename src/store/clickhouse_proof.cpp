#include "store/clickhouse_proof.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "store/bundle_maker.h"
#include "store/clickhouse_leaf.h"
#include "store/clickhouse_questions.h"
#include "store/clickhouse_sql.h"
#include "store/proof_source.h"
#include "store/row_binary.h"
#include "store/tile_writer.h"

namespace agentaudit {
namespace {

using clickhouse_sql::int64;

// Without readers.
Result<ProofSource> read_source(const ClickhouseClient& client, const std::stop_token& stop) {
  ProofSource source;
  source.trail_id = client.address().trails.front();
  const auto last_id =
      ClickhouseQuestion(client, ClickhouseQuestion::Repeats::none, stop).last_id();
  if (!last_id) return fail(last_id.error());
  source.size = static_cast<std::uint64_t>(std::max<EventId>(*last_id, 0));
  const auto notes = client.query(
      "SELECT DISTINCT size, note" + clickhouse_sql::from_trail(client.address(), "checkpoints") +
          " AND size <= " + int64(*last_id) + " ORDER BY size, note FORMAT RowBinary",
      stop);
  if (!notes) return fail(notes.error());
  RowBinaryReader rows(*notes);
  while (!rows.at_end()) {
    (void)rows.number();
    source.notes.emplace_back(rows.text());
  }
  if (!rows.ok()) return fail(client.unreadable());
  return source;
}

}  // namespace

Result<std::string> clickhouse_bundle(const ClickhouseClient& client, ClickhouseTree& tree,
                                      const BundleOpts& opts) {
  if (auto checked = check_bundle(opts); !checked) return fail(checked.error());
  auto source = read_source(client, {});
  if (!source) return fail(source.error());
  ClickhouseHashes hashes(tree, {});
  ClickhouseLeaves leaves(client, {});
  source->tree = &hashes;
  source->leaves = &leaves;
  return make_bundle(std::move(*source), opts);
}

Result<TileCounts> clickhouse_tiles(const ClickhouseClient& client, ClickhouseTree& tree,
                                    const TileOpts& opts, const std::stop_token& stop) {
  auto source = read_source(client, stop);
  if (!source) return fail(source.error());
  ClickhouseHashes hashes(tree, stop);
  ClickhouseLeaves leaves(client, stop);
  source->tree = &hashes;
  source->leaves = &leaves;
  return write_tiles(std::move(*source), opts);
}

}  // namespace agentaudit
