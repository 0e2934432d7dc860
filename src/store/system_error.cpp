#include "store/system_error.h"

#include <cerrno>
#include <string>
#include <system_error>

namespace agentaudit {
namespace {

ErrorCode code_of(int error_number) {
  switch (error_number) {
    case ENOENT:
    case ENOTDIR: return ErrorCode::not_found;
    case EACCES:
    case EPERM: return ErrorCode::permission;
    case EROFS: return ErrorCode::read_only;
    case ENOSPC:
    case EDQUOT: return ErrorCode::full;
    default: return ErrorCode::io;
  }
}

}  // namespace

Error system_error(int error_number, std::string_view subject) {
  return {.code = code_of(error_number),
          .message = std::string(subject) + ": " + std::generic_category().message(error_number)};
}

}  // namespace agentaudit
