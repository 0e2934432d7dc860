#include "store/checkpoint_signer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <utility>

namespace agentaudit {
namespace {

// A file that holds nothing but a note; empty where it is not there, or too long for one.
std::string content_of(const std::filesystem::path& path) {
  std::error_code failed;
  if (std::filesystem::file_size(path, failed) > note_bytes_max || failed) return {};
  std::ostringstream out;
  out << std::ifstream(path, std::ios::binary).rdbuf();
  return std::move(out).str();
}

}  // namespace

Error no_checkpoint() {
  return {.code = ErrorCode::not_found,
          .message =
              "the trail has no checkpoint, and there is no key to sign one with "
              "(`agentaudit key init` makes one)"};
}

Result<CheckpointSigner> CheckpointSigner::make(std::string_view private_key, std::string trail_id,
                                                std::filesystem::path directory) {
  auto signer = NoteSigner::from_text(private_key);
  if (!signer) return fail(signer.error());
  return CheckpointSigner(std::move(*signer), std::move(trail_id), std::move(directory));
}

Result<std::optional<std::string>> CheckpointSigner::sign(std::uint64_t size, HashReader& tree,
                                                          std::vector<std::string> notes) {
  if (const auto last = this->last(std::move(notes))) {
    const auto root = last->size <= size ? root_of(last->size, tree) : Result<Hash>(Hash{});
    if (!root) return fail(root.error());
    if (*root != last->root) {
      return fail(ErrorCode::corrupt,
                  "the trail is not what was signed at " + std::to_string(last->size) +
                      " events; nothing more is signed (`agentaudit verify` tells more)");
    }
    if (last->size == size) {
      signed_size_ = size;
      return std::nullopt;
    }
  }
  const auto root = root_of(size, tree);
  if (!root) return fail(root.error());
  auto note = sign_checkpoint(
      {.origin = signer_.key().name + '/' + trail_id_, .size = size, .root = *root}, signer_);
  if (!note) return fail(note.error());
  return std::move(*note);
}

void CheckpointSigner::keep(std::uint64_t size, const std::string& note) {
  signed_size_ = size;
  write_copy(note);
}

std::optional<Checkpoint> CheckpointSigner::last(std::vector<std::string> notes) const {
  if (!directory_.empty()) notes.push_back(content_of(directory_ / trail_id_));
  std::optional<Checkpoint> last;
  for (const std::string& note : notes) {
    // Only what this key signed binds it.
    auto checkpoint = open_checkpoint(note, signer_.verifier());
    if (checkpoint && (!last || checkpoint->size > last->size)) last = std::move(*checkpoint);
  }
  return last;
}

// A witness beside the key: it tells when the trail was rolled back. The trail itself
// has the checkpoint, so that a copy that cannot be written is none.
void CheckpointSigner::write_copy(const std::string& note) const {
  if (directory_.empty()) return;
  constexpr mode_t directory_mode = 0700;
  constexpr mode_t file_mode = 0600;
  (void)::mkdir(directory_.c_str(), directory_mode);
  const std::filesystem::path path = directory_ / trail_id_;
  const std::filesystem::path part = path.native() + ".part";
  const int descriptor = ::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, file_mode);
  if (descriptor < 0) return;
  const bool whole =
      ::write(descriptor, note.data(), note.size()) == static_cast<ssize_t>(note.size());
  ::close(descriptor);
  if (!whole || ::rename(part.c_str(), path.c_str()) != 0) ::unlink(part.c_str());
}

}  // namespace agentaudit
