#include "agentaudit/core/result.h"

namespace agentaudit {

std::string_view to_string(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::invalid_argument: return "invalid_argument";
    case ErrorCode::too_large: return "too_large";
    case ErrorCode::parse: return "parse";
    case ErrorCode::not_found: return "not_found";
    case ErrorCode::not_a_trail: return "not_a_trail";
    case ErrorCode::newer_version: return "newer_version";
    case ErrorCode::corrupt: return "corrupt";
    case ErrorCode::permission: return "permission";
    case ErrorCode::read_only: return "read_only";
    case ErrorCode::busy: return "busy";
    case ErrorCode::full: return "full";
    case ErrorCode::io: return "io";
    case ErrorCode::closed: return "closed";
    case ErrorCode::deadline: return "deadline";
    case ErrorCode::cancelled: return "cancelled";
    case ErrorCode::unsupported: return "unsupported";
  }
  return "unknown";
}

bool is_transient(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::busy:
    case ErrorCode::full:
    case ErrorCode::io:
    case ErrorCode::deadline:
    // What an operator can put right while the program runs: a directory that is
    // back, a file system mounted for writing again, a file restored.
    case ErrorCode::not_found:
    case ErrorCode::permission:
    case ErrorCode::read_only:
    case ErrorCode::corrupt: return true;
    default: return false;
  }
}

}  // namespace agentaudit
