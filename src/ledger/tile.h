// Tiles: the tree in pieces of up to 256 hashes, and the entries in bundles of up to 256,
// as files for others to read (C2SP tlog-tiles).
//
// Errors: invalid_argument, and those of the reader. Safe from any thread if the reader is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agentaudit/core/result.h"
#include "ledger/merkle_tree.h"

namespace agentaudit {

// The `index`-th 256 hashes of a level, or their first `width`.
struct Tile {
  int level = 0;  // from 0 to 63
  std::uint64_t index = 0;
  std::uint64_t width = tile_width;  // from 1; fewer than tile_width: a partial tile

  friend bool operator==(const Tile&, const Tile&) = default;
};

// The tiles of a level: those with the indices from 0 are full; after them, unless its width
// is 0, comes a partial one. Level 0's are also the bundles of entries.
struct TileLevel {
  int level = 0;
  std::uint64_t full_tiles = 0;
  std::uint64_t partial_width = 0;

  friend bool operator==(const TileLevel&, const TileLevel&) = default;
};

// Every level that has a tile in a tree of that size, from 0 on.
[[nodiscard]] std::vector<TileLevel> tile_levels(std::uint64_t size);

// `tile/<L>/<N>[.p/<W>]`, e.g. `tile/0/x001/x234/067.p/8`.
[[nodiscard]] std::string tile_path(const Tile& tile);
// The hashes one after the other. Errors: invalid_argument (a level or width that no tile
// has).
[[nodiscard]] Result<std::string> tile_bytes(const Tile& tile, HashReader& reader);

// `tile/entries/<N>[.p/<W>]`: where the entries of a tile of level 0 belong.
[[nodiscard]] std::string entry_bundle_path(const Tile& tile);
// What a path is of, exactly as those two write it.
struct TilePath {
  Tile tile;
  bool is_entries = false;
};
// nullopt: no path of theirs.
[[nodiscard]] std::optional<TilePath> parse_tile_path(std::string_view path);
inline constexpr std::size_t bundled_entry_bytes_max = 65'535;
// Appends an entry to the bytes of a bundle. Errors: too_large.
[[nodiscard]] Result<void> append_to_bundle(std::string& bundle, std::string_view entry);

}  // namespace agentaudit
