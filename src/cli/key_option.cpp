#include "cli/key_option.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "cli/anchor_file.h"
#include "cli/environment.h"
#include "core/file_descriptor.h"
#include "ledger/note_signer.h"
#include "ledger/note_verifier.h"

namespace agentaudit {
namespace {

constexpr mode_t access_of_others = 077;

Result<std::filesystem::path> default_path() {
  if (std::string key = environment("AGENTAUDIT_KEY"); !key.empty()) return key;
  const auto config = config_directory("name the key with --key PATH");
  if (!config) return fail(config.error());
  return *config / "key";
}

Error cannot(const std::filesystem::path& path) {
  const ErrorCode code = errno == ENOENT || errno == ENOTDIR ? ErrorCode::not_found
                         : errno == EACCES                   ? ErrorCode::permission
                                                             : ErrorCode::io;
  return {.code = code, .message = "cannot read " + path.native() + ": " + std::strerror(errno)};
}

Result<std::string> first_line(int descriptor, const std::filesystem::path& path) {
  std::array<char, 4'096> buffer{};
  const ssize_t read = ::read(descriptor, buffer.data(), buffer.size());
  if (read < 0) return fail(cannot(path));
  std::string_view text(buffer.data(), static_cast<std::size_t>(read));
  text = text.substr(0, text.find('\n'));
  while (!text.empty() && (text.back() == '\r' || text.back() == ' ')) text.remove_suffix(1);
  if (text.empty() || text.size() == buffer.size()) {
    return fail(ErrorCode::parse, path.native() + " holds no key");
  }
  return std::string(text);
}

}  // namespace

void KeyOption::declare(CommandLine& line) {
  line.option({"--key"}, "PATH", key_,
              "The key; else $AGENTAUDIT_KEY, else the one in your configuration directory")
      .value = OptionSpec::Value::file;
}

Result<std::filesystem::path> KeyOption::path() const {
  if (!key_.empty()) return key_;
  return default_path();
}

Result<std::string> KeyOption::read_private() const {
  const auto file = path();
  if (!file) return fail(file.error());
  const FileDescriptor descriptor(::open(file->c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  struct stat status{};
  if (!descriptor.is_open() || ::fstat(descriptor.get(), &status) != 0) return fail(cannot(*file));
  if ((status.st_mode & access_of_others) != 0) {
    return fail(ErrorCode::permission, "the key " + file->native() +
                                           " is open to others, so it is not used; say `chmod "
                                           "600 " +
                                           file->native() + "`, or make a new one if it leaked");
  }
  return first_line(descriptor.get(), *file);
}

std::filesystem::path public_path_of(const std::filesystem::path& key) {
  return key.native() + ".pub";
}

std::filesystem::path checkpoints_of(const std::filesystem::path& key) {
  return key.native() + ".checkpoints";
}

Result<std::string> read_key_text(const std::filesystem::path& path) {
  const FileDescriptor descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!descriptor.is_open()) return fail(cannot(path));
  return first_line(descriptor.get(), path);
}

void sign_with_default_key(Context& context, SqliteStoreOptions& options) {
  const KeyOption option;
  const auto path = option.path();
  if (!path) return;
  auto key = option.read_private();
  if (!key) {
    if (key.error().code != ErrorCode::not_found) {
      context.talk.complain(key.error().message + "; nothing is signed");
    }
    return;
  }
  options.signing_key = std::move(*key);
  options.checkpoint_directory = checkpoints_of(*path);
}

Result<std::shared_ptr<Store>> open_to_write_signed(Context& context, const StoreOption& store,
                                                    SqliteStoreOptions options) {
  sign_with_default_key(context, options);
  auto opened = store.open_to_write(options);
  wipe(options.signing_key);
  return opened;
}

Result<std::shared_ptr<Store>> open_to_seal(Context& context, const StoreOption& store,
                                            std::chrono::milliseconds query_timeout) {
  SqliteStoreOptions options{.create = false, .query_timeout = query_timeout};
  sign_with_default_key(context, options);
  if (options.signing_key.empty()) return store.open_to_read(query_timeout);
  auto opened = store.open_to_write(options);
  wipe(options.signing_key);
  return opened;
}

void verify_by_own_key(Store& store, VerifyOpts& opts) {
  const auto path = KeyOption().path();
  const auto trail_id = store.trail_id();
  if (!path || !trail_id) return;
  const auto key = read_key_text(public_path_of(*path));
  if (!key || !NoteVerifier::from_text(*key)) return;
  auto witness = read_notes(checkpoints_of(*path) / *trail_id);
  if (!witness || witness->empty()) return;
  opts.keys.push_back(*key);
  opts.witnesses = std::move(*witness);
}

}  // namespace agentaudit
