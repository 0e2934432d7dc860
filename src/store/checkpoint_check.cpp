#include "store/checkpoint_check.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ledger/base64.h"
#include "store/sqlite_checkpoints.h"
#include "store/verify_findings.h"

namespace agentaudit {
namespace {

// Where a checkpoint was kept.
enum class Place : std::uint8_t { trail, beside_key, elsewhere };

class CheckpointCheck {
 public:
  CheckpointCheck(const CheckpointsOfTrail& trail, const VerifyOpts& opts, Verification& result)
      : trail_(trail), opts_(opts), result_(result) {}

  Result<bool> run() {
    for (const std::string& text : opts_.keys) {
      auto key = NoteVerifier::from_text(text);
      if (!key) return fail(ErrorCode::invalid_argument, "key: " + key.error().message);
      keys_.push_back(std::move(*key));
    }
    const auto root = trail_.root_of(trail_.size);
    if (root) result_.root = to_base64(*root);
    if (!root && root.error().code == ErrorCode::corrupt) tampered(root.error().message);
    if (!root && !is_finding(root.error().code)) return fail(root.error());
    if (trail_.notes.empty() && trail_.was_sealed)
      tampered("the trail was sealed, and its checkpoints are gone");
    for (const auto& [notes, place] :
         {std::pair(&trail_.notes, Place::trail), std::pair(&opts_.witnesses, Place::beside_key),
          std::pair(&opts_.anchors, Place::elsewhere)}) {
      for (const std::string& note : *notes) {
        if (auto checked = check(note, place); !checked) return fail(checked.error());
      }
    }
    if (opts_.expect_signed && result_.level == ProofLevel::unsigned_tree && !rolled_back_ &&
        !has_unprovable_) {
      tampered("no checkpoint is signed by " + key_names());
    }
    return rolled_back_;
  }

 private:
  void tampered(std::string what) { add_finding(result_.integrity, 0, std::move(what)); }

  // Of a checkpoint that is signed, where there is a key to tell by.
  void incomplete(std::string what) {
    has_unprovable_ = true;
    add_finding(result_.completeness, 0, std::move(what));
  }

  static bool is_finding(ErrorCode code) {
    return code == ErrorCode::corrupt || code == ErrorCode::not_found;
  }

  void disagrees(Place place, std::string what) {
    rolled_back_ = rolled_back_ || place != Place::trail;
    tampered(std::move(what));
  }

  [[nodiscard]] std::string key_names() const {
    std::string names;
    for (const NoteVerifier& key : keys_) {
      if (!names.empty()) names += " or ";
      names += to_string(key.key());
    }
    return names;
  }

  Result<void> check(const std::string& bytes, Place place) {
    const std::string name = place == Place::trail        ? "a checkpoint of the trail"
                             : place == Place::beside_key ? "the checkpoint kept beside the key"
                                                          : "an anchored checkpoint";
    const auto note = parse_note(bytes);
    const auto checkpoint =
        note ? parse_checkpoint(note->text) : Result<Checkpoint>(fail(note.error()));
    if (!checkpoint) {
      tampered(name + " cannot be read: " + checkpoint.error().message);
      return {};
    }
    const std::string of = name + ", over " + std::to_string(checkpoint->size) + " events,";
    if (!checkpoint->origin.ends_with('/' + result_.trail_id)) {
      disagrees(place, of + " is of another trail: " + checkpoint->origin);
      return {};
    }
    const std::optional<bool> is_signed = signature_of(*note);
    if (is_signed && !*is_signed) {
      tampered(of + " is not signed by " + key_names());
      return {};
    }
    if (checkpoint->size > trail_.size) {
      const std::string has = std::to_string(trail_.size);
      if (trail_.is_copy) {
        incomplete(of + " is ahead of what is here, which is " + has);
      } else {
        disagrees(place, of + " is ahead of the trail, which has " + has);
      }
      return {};
    }
    const auto root = trail_.root_of(checkpoint->size);
    if (!root && !is_finding(root.error().code)) return fail(root.error());
    if (!root && root.error().code == ErrorCode::not_found) {
      incomplete(of + " cannot be compared: " + root.error().message);
      return {};
    }
    if (!root || *root != checkpoint->root) {
      disagrees(place, of + " is of another history");
      return {};
    }
    if (!is_signed) return {};
    const ProofLevel level =
        place == Place::elsewhere ? ProofLevel::anchored_checkpoint : ProofLevel::signed_checkpoint;
    if (level > result_.level) {
      result_.level = level;
      result_.sealed = 0;
    }
    if (level == result_.level) {
      result_.sealed = std::max(result_.sealed, static_cast<std::int64_t>(checkpoint->size));
    }
    return {};
  }

  // Not set: there is no key to tell by.
  [[nodiscard]] std::optional<bool> signature_of(const Note& note) const {
    if (keys_.empty()) return std::nullopt;
    for (const NoteVerifier& key : keys_) {
      if (key.verify(note)) return true;
    }
    return false;
  }

  const CheckpointsOfTrail& trail_;
  const VerifyOpts& opts_;
  Verification& result_;
  std::vector<NoteVerifier> keys_;
  bool rolled_back_ = false;
  bool has_unprovable_ = false;
};

}  // namespace

Result<bool> check_checkpoints(const CheckpointsOfTrail& trail, const VerifyOpts& opts,
                               Verification& result) {
  return CheckpointCheck(trail, opts, result).run();
}

Result<bool> check_checkpoints(SqliteConnection& connection, std::uint64_t size,
                               const VerifyOpts& opts, Verification& result) {
  auto own = read_checkpoints(connection);
  if (!own) return fail(own.error());
  const auto sealed = connection.integer("SELECT count(*) FROM trail WHERE key = 'sealed_by'");
  if (!sealed) return fail(sealed.error());
  auto hashes = sqlite_tree::Hashes::make(connection);
  if (!hashes) return fail(hashes.error());
  StoredTree tree(std::move(*hashes));
  return check_checkpoints({.notes = std::move(*own),
                            .was_sealed = *sealed > 0,
                            .size = size,
                            .root_of = [&](std::uint64_t of) { return root_of(of, tree); }},
                           opts, result);
}

}  // namespace agentaudit
