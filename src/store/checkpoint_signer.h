// CheckpointSigner: signs a trail as it grows, wherever it is stored.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/checkpoint.h"
#include "ledger/merkle_tree.h"

namespace agentaudit {

// What a trail without checkpoints says to who asks for one.
[[nodiscard]] Error no_checkpoint();

// Not thread-safe.
class CheckpointSigner {
 public:
  // `directory`: where a copy of the newest checkpoint is kept, in a file that is named by
  // the trail's id; empty: nowhere. Errors: those of NoteSigner::from_text.
  [[nodiscard]] static Result<CheckpointSigner> make(std::string_view private_key,
                                                     std::string trail_id,
                                                     std::filesystem::path directory);

  // Whether this one signed so many leaves already.
  [[nodiscard]] bool has_signed(std::uint64_t size) const noexcept { return signed_size_ == size; }
  // The note over a tree of that size; nothing where the newest of `notes`, those that the trail
  // keeps, covers it. Errors: corrupt (the tree has not grown out of what was signed before;
  // nothing is signed), and those of the tree.
  [[nodiscard]] Result<std::optional<std::string>> sign(std::uint64_t size, HashReader& tree,
                                                        std::vector<std::string> notes);
  // Must be called when the trail has the note.
  void keep(std::uint64_t size, const std::string& note);

  // The public key, as NoteVerifier::from_text takes it.
  [[nodiscard]] std::string public_key() const { return signer_.verifier().to_text(); }

 private:
  CheckpointSigner(NoteSigner signer, std::string trail_id, std::filesystem::path directory)
      : signer_(std::move(signer)),
        trail_id_(std::move(trail_id)),
        directory_(std::move(directory)) {}

  // The checkpoint that was signed last, whoever has a copy of it.
  [[nodiscard]] std::optional<Checkpoint> last(std::vector<std::string> notes) const;
  void write_copy(const std::string& note) const;

  NoteSigner signer_;
  std::string trail_id_;
  std::filesystem::path directory_;
  std::uint64_t signed_size_ = 0;
};

}  // namespace agentaudit
