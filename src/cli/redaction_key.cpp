#include "cli/redaction_key.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <span>
#include <string>
#include <system_error>

#include "cli/environment.h"
#include "core/file_descriptor.h"
#include "core/hex.h"
#include "core/random_bytes.h"
#include "core/write_file.h"

namespace agentaudit {
namespace {

constexpr mode_t access_of_others = 077;
constexpr std::size_t key_bytes = std::tuple_size_v<RedactionKey>;

tl::unexpected<Error> failed(std::string_view what, const std::filesystem::path& path, int error) {
  return fail(error == EACCES || error == EPERM || error == EROFS ? ErrorCode::permission
              : error == ENOENT                                   ? ErrorCode::not_found
                                                                  : ErrorCode::io,
              "cannot " + std::string(what) + " " + path.native() + ": " + std::strerror(error));
}

// Errors: not_found, permission, parse, io.
Result<RedactionKey> read_key(const std::filesystem::path& path) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  struct stat status{};
  if (!file.is_open() || ::fstat(file.get(), &status) != 0) return failed("read", path, errno);
  if ((status.st_mode & access_of_others) != 0) {
    return fail(ErrorCode::permission,
                path.native() + " is open to others, so it is not used; say `chmod 600 " +
                    path.native() + "`, or remove it if it leaked");
  }
  std::array<char, 2 * key_bytes + 2> text{};
  const ssize_t got = ::read(file.get(), text.data(), text.size());
  if (got < 0) return failed("read", path, errno);
  const std::string_view line(text.data(), static_cast<std::size_t>(got));
  RedactionKey key{};
  if (!from_hex(line.substr(0, line.find('\n')),
                std::span(reinterpret_cast<char*>(key.data()), key.size()))) {
    return fail(ErrorCode::parse, path.native() + " holds no key of 64 lower-case hex digits");
  }
  return key;
}

// Under a name of its own first: under the right one it is whole or not there.
Result<void> make_key(const std::filesystem::path& path) {
  std::array<char, key_bytes> key{};
  std::array<char, 8> name{};
  for (const std::span<char> bytes : {std::span<char>(key), std::span<char>(name)}) {
    if (auto filled = random_bytes(bytes); !filled) return filled;
  }
  std::error_code ignored;
  std::filesystem::create_directories(path.parent_path().parent_path(), ignored);
  (void)::mkdir(path.parent_path().c_str(), S_IRWXU);
  const std::string part = path.native() + "." + to_hex({name.data(), name.size()});
  const FileDescriptor file(
      ::open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (!file.is_open()) return failed("make", path, errno);
  int error = write_all(file.get(), to_hex({key.data(), key.size()}) + '\n');
  if (error == 0 && ::fsync(file.get()) != 0) error = errno;
  // Refused where another process was faster, whose key is as good.
  if (error == 0 && ::link(part.c_str(), path.c_str()) != 0 && errno != EEXIST) error = errno;
  ::unlink(part.c_str());
  if (error != 0) return failed("make", path, error);
  return {};
}

}  // namespace

Result<std::filesystem::path> redaction_key_path() {
  const auto config = config_directory("so there is no place for the key of redaction");
  if (!config) return fail(config.error());
  return *config / "redaction-key";
}

Result<RedactionKey> read_or_make_redaction_key(const std::filesystem::path& path) {
  auto key = read_key(path);
  if (key || key.error().code != ErrorCode::not_found) return key;
  if (auto made = make_key(path); !made) return fail(std::move(made.error()));
  return read_key(path);
}

}  // namespace agentaudit
