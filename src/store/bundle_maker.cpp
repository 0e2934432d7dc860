#include "store/bundle_maker.h"

#include <algorithm>
#include <optional>

#include "agentaudit/core/limits.h"
#include "agentaudit/ledger/bundle.h"
#include "ledger/bundle_writer.h"
#include "ledger/checkpoint.h"
#include "ledger/proof.h"

namespace agentaudit {
namespace {

class Bundling {
 public:
  Bundling(ProofSource source, const BundleOpts& opts) : source_(std::move(source)), opts_(opts) {}

  Result<std::string> run() {
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
    bundle_.trail_id = std::move(source_.trail_id);
    const EventId last = *std::max_element(opts_.ids.begin(), opts_.ids.end());
    if (static_cast<std::uint64_t>(last) > source_.size) {
      return fail(ErrorCode::not_found, "event " + std::to_string(last) +
                                            " is not in the ledger, which has " +
                                            std::to_string(source_.size) + " leaves");
    }
    bundle_.size = source_.size;
    if (!source_.notes.empty()) {
      const auto note = parse_note(source_.notes.back());
      const auto newest = note ? parse_checkpoint(note->text) : fail(note.error());
      if (newest && newest->size >= static_cast<std::uint64_t>(last) &&
          newest->size <= source_.size) {
        bundle_.size = newest->size;
        bundle_.checkpoint = std::move(source_.notes.back());
      }
    }
    const auto root = root_of(bundle_.size, *source_.tree);
    if (!root) return fail(root.error());
    bundle_.root = *root;
    return {};
  }

  Result<void> add(EventId id) {
    const std::string name = "event " + std::to_string(id);
    source_.leaves->seek(id, id);
    const auto found = source_.leaves->next();
    if (!found) return fail(found.error());
    if (*found == nullptr) return fail(ErrorCode::not_found, "there is no " + name);
    const StoredLeaf& leaf = **found;
    const auto index = static_cast<std::uint64_t>(id - 1);
    Hash stored{};
    if (auto read = source_.tree->read(0, index, {&stored, 1}); !read) return read;
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
    source_.leaves->end();
    auto proof = inclusion_proof(index, bundle_.size, *source_.tree);
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

  ProofSource source_;
  const BundleOpts& opts_;
  Bundle bundle_;
};

}  // namespace

Result<void> check_bundle(const BundleOpts& opts) {
  if (opts.ids.empty()) return fail(ErrorCode::invalid_argument, "a bundle without events");
  if (opts.ids.size() <= bundle_events_max) return {};
  return fail(ErrorCode::too_large, "a bundle of " + std::to_string(opts.ids.size()) +
                                        " events, more than the limit of " +
                                        std::to_string(bundle_events_max));
}

Result<std::string> make_bundle(ProofSource source, const BundleOpts& opts) {
  auto json = Bundling(std::move(source), opts).run();
  if (json && json->size() > limits::line_bytes_max) {
    return fail(ErrorCode::too_large, "the bundle has " + std::to_string(json->size()) +
                                          " bytes, more than the limit of " +
                                          std::to_string(limits::line_bytes_max));
  }
  return json;
}

}  // namespace agentaudit
