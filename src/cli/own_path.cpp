#include "cli/own_path.h"

#include <system_error>

namespace agentaudit {

Result<std::filesystem::path> own_path() {
  std::error_code error;
  auto path = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) {
    return fail(ErrorCode::io, "cannot find the path of agentaudit itself: " + error.message());
  }
  if (!std::filesystem::exists(path, error)) {
    return fail(ErrorCode::io, path.native() + " is gone; run agentaudit by its new path");
  }
  return path;
}

}  // namespace agentaudit
