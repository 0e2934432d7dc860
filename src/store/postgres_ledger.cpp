#include "store/postgres_ledger.h"

#include <algorithm>
#include <cstring>

#include "store/postgres_sql.h"

namespace agentaudit {
namespace {

// An answer of 2 MiB.
constexpr std::int64_t tiles_per_question = 256;

std::string_view bytes_of(std::span<const Hash> hashes) {
  return {reinterpret_cast<const char*>(hashes.data()), hashes.size_bytes()};
}

}  // namespace

Result<void> PostgresLedger::begin(PostgresConnection& connection, std::uint64_t size) {
  if (known_ && levels_[0].count == size) return {};
  known_ = false;
  full_.clear();
  auto loaded = load(connection, size);
  broken_ = !loaded && loaded.error().code == ErrorCode::corrupt;
  if (!loaded && !broken_) return loaded;
  known_ = true;
  return {};
}

Result<void> PostgresLedger::load(PostgresConnection& connection, std::uint64_t size) {
  for (int level = 0; level < levels; ++level) {
    Level& of = levels_[static_cast<std::size_t>(level)];
    of.count = hashes_of_level(level, size);
    of.tile.resize(of.count % tile_width);
    of.grew = false;
    if (of.tile.empty()) continue;
    PostgresHashes hashes(connection);
    auto read = hashes.read(level, of.count - of.tile.size(), of.tile);
    if (!read) {
      levels_[0].count = size;
      return read;
    }
  }
  return {};
}

void PostgresLedger::add(const Hash& leaf) {
  if (broken_) {
    ++levels_[0].count;
    return;
  }
  Hash node = leaf;
  for (int level = 0; level < levels; ++level) {
    Level& of = levels_[static_cast<std::size_t>(level)];
    of.tile.push_back(node);
    of.grew = true;
    if (++of.count % tile_width != 0) return;
    node = subtree_hash(of.tile);
    full_.push_back(
        {.level = level, .tile = of.count / tile_width - 1, .hashes = std::move(of.tile)});
    of.tile.clear();
    of.grew = false;
  }
}

void PostgresLedger::finish(std::string& sql) {
  for (int level = 0; level < levels; ++level) {
    Level& of = levels_[static_cast<std::size_t>(level)];
    if (of.grew)
      full_.push_back({.level = level, .tile = of.count / tile_width, .hashes = of.tile});
    of.grew = false;
  }
  if (full_.empty()) return;
  std::string_view before = "INSERT INTO agentaudit_tiles(level, tile, hashes) VALUES (";
  for (const Tile& tile : full_) {
    sql.append(before).append(std::to_string(tile.level)).append(", ");
    sql.append(std::to_string(tile.tile)).append(", ");
    sql.append(postgres_sql::bytea(bytes_of(tile.hashes))).append(")");
    before = ", (";
  }
  sql += " ON CONFLICT (level, tile) DO UPDATE SET hashes = excluded.hashes;";
  full_.clear();
}

std::string PostgresHashes::lack_text(int level, std::uint64_t from) {
  return "the ledger's tree lacks hashes of level " + std::to_string(level) + " from " +
         std::to_string(from) + " on";
}

Result<void> PostgresHashes::read(int level, std::uint64_t first, std::span<Hash> out) {
  const auto there = read_some(level, first, out);
  if (!there) return fail(there.error());
  if (*there < out.size()) return fail(ErrorCode::corrupt, lack_text(level, first + *there));
  return {};
}

Result<std::uint64_t> PostgresHashes::read_some(int level, std::uint64_t first,
                                                std::span<Hash> out) {
  std::size_t done = 0;
  while (done < out.size()) {
    const std::uint64_t at = first + done;
    const auto tile = static_cast<std::int64_t>(at / tile_width);
    const auto last = static_cast<std::int64_t>((first + out.size() - 1) / tile_width);
    const auto rows = connection_.ask(
        "SELECT tile, hashes FROM agentaudit_tiles WHERE level = " + std::to_string(level) +
        " AND tile BETWEEN " + postgres_sql::int64(tile) + " AND " +
        postgres_sql::int64(std::min(last, tile + tiles_per_question - 1)) + " ORDER BY tile");
    if (!rows) return fail(rows.error());
    for (int row = 0; row < rows->size() && done < out.size(); ++row) {
      const std::uint64_t from = first + done;
      PostgresRows::Row columns = rows->row(row);
      const std::int64_t stored_tile = columns.number();
      const std::string_view hashes = columns.bytes();
      const std::size_t skipped = from % tile_width;
      const std::size_t some = std::min<std::size_t>(out.size() - done, tile_width - skipped);
      if (stored_tile != static_cast<std::int64_t>(from / tile_width) ||
          hashes.size() < (skipped + some) * sizeof(Hash)) {
        break;
      }
      std::memcpy(out[done].data(), &hashes[skipped * sizeof(Hash)], some * sizeof(Hash));
      done += some;
    }
    if (first + done == at) break;
  }
  return done;
}

}  // namespace agentaudit
