#include "core/random_bytes.h"

#include <cerrno>

#include <sys/random.h>

namespace agentaudit {

Result<void> random_bytes(std::span<char> out) {
  while (!out.empty()) {
    const ssize_t got = getrandom(out.data(), out.size(), 0);
    if (got < 0) {
      if (errno == EINTR) continue;
      return fail(ErrorCode::io, "the kernel gives no random bytes (getrandom failed)");
    }
    out = out.subspan(static_cast<std::size_t>(got));
  }
  return {};
}

}  // namespace agentaudit
