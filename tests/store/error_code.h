// The code of a result's error, for assertions.
#pragma once

#include <optional>

#include "agentaudit/core/result.h"

namespace agentaudit {

// Not set: there was no error.
template <typename T>
std::optional<ErrorCode> error_code(const Result<T>& result) {
  if (result) return std::nullopt;
  return result.error().code;
}

}  // namespace agentaudit
