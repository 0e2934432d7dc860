#include "store/tile_writer.h"

#include <utility>
#include <vector>

#include "core/bytes.h"
#include "ledger/checkpoint.h"
#include "ledger/tile.h"

namespace agentaudit {
namespace {

Result<Checkpoint> checkpoint_of(std::string_view note) {
  const auto parsed = parse_note(note);
  if (!parsed) return fail(parsed.error());
  return parse_checkpoint(parsed->text);
}

// Nothing is written that does not follow from the checkpoint's root: each full tile is
// compared with the hash above it, and the root is computed from the partial ones.
class TileWriting {
 public:
  TileWriting(ProofSource source, const TileOpts& opts) : source_(std::move(source)), opts_(opts) {}

  Result<TileCounts> run() {
    if (auto chosen = choose_tree(); !chosen) return fail(std::move(chosen.error()));
    if (!opts_.only.empty()) return write_one();
    if (auto compared = compare_with_written(); !compared) {
      return fail(std::move(compared.error()));
    }
    for (const TileLevel& level : tile_levels(checkpoint_.size)) {
      if (auto done = write_level(level); !done) return fail(std::move(done.error()));
    }
    // What it stands for is there before it is.
    if (note_ != opts_.written) {
      if (auto done = opts_.write("checkpoint", note_); !done) return fail(std::move(done.error()));
    }
    return counts_;
  }

 private:
  Result<TileCounts> write_one() {
    const auto path = parse_tile_path(opts_.only);
    const auto is_there = [&](const Tile& tile) {
      const std::uint64_t hashes = hashes_of_level(tile.level, checkpoint_.size);
      return tile.index < hashes / tile_width ||
             (tile.index == hashes / tile_width && tile.width <= hashes % tile_width);
    };
    if (path && is_there(path->tile)) {
      if (auto done = write_tile(path->tile); !done) return fail(std::move(done.error()));
      if ((path->is_entries ? counts_.bundles : counts_.tiles) > 0) return counts_;
    }
    return fail(ErrorCode::not_found, "there is no " + opts_.only +
                                          " in the tree that is signed: it is not that large, "
                                          "its events were pruned, or that is no path");
  }

  // Hands it out if it is wanted.
  Result<void> write(const std::string& path, std::string_view bytes) const {
    return opts_.only.empty() || path == opts_.only ? opts_.write(path, bytes) : Result<void>();
  }

  Result<void> choose_tree() {
    if (source_.notes.empty()) return fail(ErrorCode::not_found, "the trail has no checkpoint");
    note_ = std::move(source_.notes.back());
    auto checkpoint = checkpoint_of(note_);
    if (!checkpoint) {
      return fail(ErrorCode::corrupt,
                  "the trail's checkpoint cannot be read: " + checkpoint.error().message);
    }
    checkpoint_ = std::move(*checkpoint);
    counts_.size = static_cast<std::int64_t>(checkpoint_.size);
    const auto root =
        checkpoint_.size <= source_.size ? root_of(checkpoint_.size, tree()) : Result<Hash>(Hash{});
    if (!root) return fail(root.error());
    if (*root == checkpoint_.root) return {};
    return fail(ErrorCode::corrupt,
                "the trail is not what was signed; `agentaudit verify` tells more");
  }

  Result<void> compare_with_written() {
    if (opts_.written.empty()) return {};
    const auto written = checkpoint_of(opts_.written);
    if (!written) {
      return fail(ErrorCode::invalid_argument,
                  "what was written before is no checkpoint: " + written.error().message);
    }
    if (written->origin != checkpoint_.origin) {
      return fail(ErrorCode::invalid_argument, "what was written before is of " + written->origin +
                                                   ", and this trail's checkpoint of " +
                                                   checkpoint_.origin);
    }
    if (written->size > checkpoint_.size) {
      return fail(ErrorCode::corrupt, "what was written before has " +
                                          std::to_string(written->size) +
                                          " events, and the trail's checkpoint is over " +
                                          std::to_string(checkpoint_.size));
    }
    const auto root = root_of(written->size, tree());
    if (!root) {
      return fail(root.error().code,
                  "whether the trail has grown out of what was written before cannot be told: " +
                      root.error().message);
    }
    if (*root != written->root) {
      return fail(ErrorCode::corrupt, "what was written before is of another history");
    }
    written_size_ = written->size;
    return {};
  }

  Result<void> write_level(const TileLevel& level) {
    const std::uint64_t written = hashes_of_level(level.level, written_size_);
    for (std::uint64_t i = written / tile_width; i < level.full_tiles; ++i) {
      if (auto done = write_tile({.level = level.level, .index = i}); !done) return done;
    }
    const bool is_new = hashes_of_level(level.level, checkpoint_.size) > written;
    if (level.partial_width == 0 || !is_new) return {};
    return write_tile(
        {.level = level.level, .index = level.full_tiles, .width = level.partial_width});
  }

  Result<void> write_tile(const Tile& tile) {
    std::vector<Hash> hashes(tile.width);
    const auto read = tree().read(tile.level, tile.index * tile_width, hashes);
    if (!read && read.error().code != ErrorCode::corrupt) return fail(read.error());
    if (!read && tile.level == 0) {
      const auto gone = is_pruned(tile);
      if (!gone) return fail(gone.error());
      if (*gone) {
        ++counts_.tiles_missing;
        ++counts_.bundles_missing;
        return {};
      }
    }
    if (!read || !follows(tile, hashes)) {
      return fail(ErrorCode::corrupt, "the ledger's tree disagrees with itself at " +
                                          tile_path(tile) + "; `agentaudit verify` tells more");
    }
    std::string bytes;
    bytes.reserve(hashes.size() * sizeof(Hash));
    for (const Hash& hash : hashes) bytes += view_of(hash);
    if (auto done = write(tile_path(tile), bytes); !done) return done;
    ++counts_.tiles;
    if (tile.level > 0) return {};
    if (opts_.progress) {
      const std::uint64_t done = tile.index * tile_width + tile.width;
      opts_.progress(static_cast<std::int64_t>(done), counts_.size);
    }
    return write_entries(tile, hashes);
  }

  // Whether the hash above the tile is that of its hashes. A partial one is part of the root.
  bool follows(const Tile& tile, const std::vector<Hash>& hashes) {
    if (tile.width < tile_width) return true;
    Hash above{};
    return tree().read(tile.level + 1, tile.index, {&above, 1}) && subtree_hash(hashes) == above;
  }

  static EventId first_id_of(const Tile& tile) {
    return static_cast<EventId>(tile.index * tile_width) + 1;
  }
  static EventId last_id_of(const Tile& tile) {
    return first_id_of(tile) + static_cast<EventId>(tile.width) - 1;
  }

  // Whether its events are gone, and its leaves with them.
  Result<bool> is_pruned(const Tile& tile) {
    Hash first{};
    if (tree().read(0, tile.index * tile_width, {&first, 1})) return false;
    source_.leaves->seek(first_id_of(tile), last_id_of(tile));
    const auto leaf = source_.leaves->next();
    source_.leaves->end();
    if (!leaf) return fail(leaf.error());
    return *leaf == nullptr;
  }

  // A bundle is of all entries or none.
  Result<void> write_entries(const Tile& tile, const std::vector<Hash>& hashes) {
    bundle_.clear();
    EventId next_id = first_id_of(tile);
    const EventId last_id = last_id_of(tile);
    source_.leaves->seek(next_id, last_id);
    std::size_t i = 0;
    while (next_id <= last_id) {
      const auto leaf = source_.leaves->next();
      if (!leaf) return fail(leaf.error());
      const EventId present = *leaf != nullptr ? (*leaf)->event.id : last_id + 1;
      for (; next_id < present; ++next_id, ++i) {
        entry_.clear();
        append_absent_entry(entry_, next_id);
        if (leaf_hash(entry_) != hashes[i] || !append_to_bundle(bundle_, entry_)) {
          return leave_out();
        }
      }
      if (*leaf == nullptr) break;
      if ((*leaf)->hash != hashes[i]) {
        return fail(ErrorCode::corrupt, "event " + std::to_string(next_id) +
                                            " is not what was recorded; `agentaudit verify` "
                                            "tells more");
      }
      entry_.clear();
      append_entry(entry_, (*leaf)->event, (*leaf)->recorded_at, (*leaf)->commitments);
      if (!append_to_bundle(bundle_, entry_)) return leave_out();
      ++next_id;
      ++i;
    }
    source_.leaves->end();
    if (auto done = write(entry_bundle_path(tile), bundle_); !done) return done;
    ++counts_.bundles;
    return {};
  }

  Result<void> leave_out() {
    source_.leaves->end();
    ++counts_.bundles_missing;
    return {};
  }

  [[nodiscard]] HashReader& tree() const { return *source_.tree; }

  ProofSource source_;
  const TileOpts& opts_;
  std::string note_;
  Checkpoint checkpoint_;
  std::uint64_t written_size_ = 0;
  std::string bundle_;
  std::string entry_;
  TileCounts counts_;
};

}  // namespace

Result<TileCounts> write_tiles(ProofSource source, const TileOpts& opts) {
  if (!opts.write) return fail(ErrorCode::invalid_argument, "nothing to write tiles with");
  return TileWriting(std::move(source), opts).run();
}

}  // namespace agentaudit
