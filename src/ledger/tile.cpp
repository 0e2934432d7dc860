#include "ledger/tile.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>

#include "core/bytes.h"
#include "core/whole_number.h"

namespace agentaudit {
namespace {

constexpr int level_max = 63;
constexpr std::uint64_t group = 1000;  // three digits of an index are a path's element

void append_three_digits(std::string& out, std::uint64_t number) {
  out += static_cast<char>('0' + number / 100);
  out += static_cast<char>('0' + number / 10 % 10);
  out += static_cast<char>('0' + number % 10);
}

void append_index(std::string& out, std::uint64_t index) {
  std::uint64_t unit = 1;
  while (index / unit >= group) unit *= group;
  for (; unit > 1; unit /= group) {
    out += 'x';
    append_three_digits(out, index / unit % group);
    out += '/';
  }
  append_three_digits(out, index % group);
}

std::string path_below(std::string folder, const Tile& tile) {
  append_index(folder, tile.index);
  if (tile.width < tile_width) folder += ".p/" + std::to_string(tile.width);
  return folder;
}

}  // namespace

std::vector<TileLevel> tile_levels(std::uint64_t size) {
  std::vector<TileLevel> levels;
  for (int level = 0; hashes_of_level(level, size) > 0; ++level) {
    const std::uint64_t hashes = hashes_of_level(level, size);
    levels.push_back(
        {.level = level, .full_tiles = hashes / tile_width, .partial_width = hashes % tile_width});
  }
  return levels;
}

std::string tile_path(const Tile& tile) {
  return path_below("tile/" + std::to_string(tile.level) + '/', tile);
}

Result<std::string> tile_bytes(const Tile& tile, HashReader& reader) {
  if (tile.level < 0 || tile.level > level_max || tile.width == 0 || tile.width > tile_width ||
      tile.index >= tree_size_max / tile_width) {
    return fail(ErrorCode::invalid_argument, "there is no tile " + tile_path(tile));
  }
  std::vector<Hash> hashes(static_cast<std::size_t>(tile.width));
  if (auto read = reader.read(tile.level, tile.index * tile_width, hashes); !read) {
    return fail(std::move(read.error()));
  }
  std::string bytes;
  bytes.reserve(hashes.size() * sizeof(Hash));
  for (const Hash& hash : hashes) {
    bytes += view_of(hash);
  }
  return bytes;
}

std::string entry_bundle_path(const Tile& tile) { return path_below("tile/entries/", tile); }

std::optional<TilePath> parse_tile_path(std::string_view path) {
  constexpr std::string_view root = "tile/";
  constexpr std::string_view entries = "entries/";
  constexpr std::string_view partial = ".p/";
  // The longest: a level of two digits and an index of eighteen.
  constexpr std::size_t path_bytes_max = 48;
  const std::string_view whole = path;
  if (path.size() > path_bytes_max || !path.starts_with(root)) return std::nullopt;
  path.remove_prefix(root.size());
  TilePath parsed{.tile = {}, .is_entries = path.starts_with(entries)};
  if (parsed.is_entries) {
    path.remove_prefix(entries.size());
  } else {
    const auto level = whole_number(path.substr(0, path.find('/')));
    if (!level || *level < 0 || *level > level_max) return std::nullopt;
    parsed.tile.level = static_cast<int>(*level);
    path.remove_prefix(std::min(path.find('/') + 1, path.size()));
  }
  if (const std::size_t at = path.find(partial); at != std::string_view::npos) {
    const auto width = whole_number(path.substr(at + partial.size()));
    if (!width || *width < 1) return std::nullopt;
    parsed.tile.width = static_cast<std::uint64_t>(*width);
    path = path.substr(0, at);
  }
  std::string digits;
  std::copy_if(path.begin(), path.end(), std::back_inserter(digits),
               [](char c) { return c >= '0' && c <= '9'; });
  const auto index = whole_number(digits);
  if (!index) return std::nullopt;
  parsed.tile.index = static_cast<std::uint64_t>(*index);
  // Any other way to write the same is no path.
  const std::string again =
      parsed.is_entries ? entry_bundle_path(parsed.tile) : tile_path(parsed.tile);
  if (again != whole) return std::nullopt;
  return parsed;
}

Result<void> append_to_bundle(std::string& bundle, std::string_view entry) {
  if (entry.size() > bundled_entry_bytes_max) {
    return fail(ErrorCode::too_large, "an entry of " + std::to_string(entry.size()) +
                                          " bytes is longer than a bundle can say (" +
                                          std::to_string(bundled_entry_bytes_max) + ")");
  }
  bundle += static_cast<char>(entry.size() >> 8U);
  bundle += static_cast<char>(entry.size() & 0xFFU);
  bundle += entry;
  return {};
}

}  // namespace agentaudit
