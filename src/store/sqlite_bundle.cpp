#include "store/sqlite_bundle.h"

#include <algorithm>
#include <optional>

#include "agentaudit/core/limits.h"
#include "agentaudit/ledger/bundle.h"
#include "ledger/bundle_writer.h"
#include "store/sqlite_checkpoints.h"
#include "store/sqlite_leaf.h"
#include "store/sqlite_schema.h"

namespace agentaudit {
namespace {

class Bundling {
 public:
  Bundling(SqliteConnection& connection, const BundleOpts& opts, SqliteLeaves leaves,
           sqlite_tree::Hashes hashes)
      : connection_(connection),
        opts_(opts),
        leaves_(std::move(leaves)),
        tree_(std::move(hashes)) {}

  Result<std::string> run() {
    auto transaction = SqliteTransaction::begin_read(connection_);
    if (!transaction) return fail(transaction.error());
    if (auto chosen = choose_tree(); !chosen) return fail(chosen.error());
    bundle_.query = opts_.query;
    bundle_.created = Timestamp::now();
    for (const EventId id : opts_.ids) {
      if (auto added = add(id); !added) return fail(added.error());
    }
    return to_json(bundle_);
  }

 private:
  // That of the newest checkpoint, where it covers all the events; else the whole one.
  Result<void> choose_tree() {
    auto trail_id = sqlite_schema::trail_id(connection_);
    if (!trail_id) return fail(trail_id.error());
    bundle_.trail_id = std::move(*trail_id);
    const EventId last = *std::max_element(opts_.ids.begin(), opts_.ids.end());
    const auto size = sqlite_tree::size(connection_);
    if (!size) return fail(size.error());
    if (static_cast<std::uint64_t>(last) > *size) {
      return fail(ErrorCode::not_found, "event " + std::to_string(last) +
                                            " is not in the ledger, which has " +
                                            std::to_string(*size) + " leaves");
    }
    bundle_.size = *size;
    auto notes = read_checkpoints(connection_);
    if (!notes) return fail(notes.error());
    if (!notes->empty()) {
      const auto note = parse_note(notes->back());
      const auto newest = note ? parse_checkpoint(note->text) : fail(note.error());
      if (newest && newest->size >= static_cast<std::uint64_t>(last) && newest->size <= *size) {
        bundle_.size = newest->size;
        bundle_.checkpoint = std::move(notes->back());
      }
    }
    const auto root = root_of(bundle_.size, tree_);
    if (!root) return fail(root.error());
    bundle_.root = *root;
    return {};
  }

  Result<void> add(EventId id) {
    const std::string name = "event " + std::to_string(id);
    leaves_.seek(id, id);
    const auto found = leaves_.next();
    if (!found) return fail(found.error());
    if (*found == nullptr) return fail(ErrorCode::not_found, "there is no " + name);
    const StoredLeaf& leaf = **found;
    const auto index = static_cast<std::uint64_t>(id - 1);
    Hash stored{};
    if (auto read = tree_.read(0, index, {&stored, 1}); !read) return read;
    if (stored != leaf.hash) {
      return fail(ErrorCode::corrupt,
                  name + " is not what was recorded; `agentaudit verify` tells more");
    }
    BundledEvent bundled;
    bundled.event = leaf.event.to_event();
    bundled.recorded_at = leaf.recorded_at;
    bundled.summary = text_of(leaf, SecretField::summary, opts_.hide_summary);
    bundled.detail = text_of(leaf, SecretField::detail, opts_.hide_detail);
    if (!bundled.summary.salt) bundled.event.summary.clear();
    if (!bundled.detail.salt) bundled.event.detail.clear();
    leaves_.end();
    auto proof = inclusion_proof(index, bundle_.size, tree_);
    if (!proof) return fail(proof.error());
    bundled.proof = std::move(*proof);
    bundle_.events.push_back(std::move(bundled));
    return {};
  }

  static BundledText text_of(const StoredLeaf& leaf, SecretField field, bool hide) {
    const bool is_summary = field == SecretField::summary;
    BundledText text{.commitment = is_summary ? leaf.commitments.summary : leaf.commitments.detail,
                     .redacted = is_summary ? leaf.summary_redacted : leaf.detail_redacted};
    if (hide || text.redacted) return text;
    text.salt = kept_salt(leaf.nonce, field);
    return text;
  }

  SqliteConnection& connection_;
  const BundleOpts& opts_;
  SqliteLeaves leaves_;
  StoredTree tree_;
  Bundle bundle_;
};

}  // namespace

Result<std::string> sqlite_bundle(SqliteConnection& connection, const BundleOpts& opts) {
  if (opts.ids.empty()) return fail(ErrorCode::invalid_argument, "a bundle without events");
  if (opts.ids.size() > bundle_events_max) {
    return fail(ErrorCode::too_large, "a bundle of " + std::to_string(opts.ids.size()) +
                                          " events, more than the limit of " +
                                          std::to_string(bundle_events_max));
  }
  auto leaves = SqliteLeaves::make(connection);
  if (!leaves) return fail(leaves.error());
  auto hashes = sqlite_tree::Hashes::make(connection);
  if (!hashes) return fail(hashes.error());
  auto json = Bundling(connection, opts, std::move(*leaves), std::move(*hashes)).run();
  if (json && json->size() > limits::line_bytes_max) {
    return fail(ErrorCode::too_large, "the bundle has " + std::to_string(json->size()) +
                                          " bytes, more than the limit of " +
                                          std::to_string(limits::line_bytes_max));
  }
  return json;
}

}  // namespace agentaudit
