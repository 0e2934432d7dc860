// gzip (RFC 1952), unpacked within a limit.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "agentaudit/core/result.h"

namespace agentaudit {

// Whether the bytes start as gzip does.
[[nodiscard]] bool is_gzip(std::string_view bytes) noexcept;

// Unpacks all members. Stops as soon as there is more than `bytes_max`, so a bomb costs
// no more than that. Errors: too_large, parse (no gzip, damaged, or cut).
[[nodiscard]] Result<std::string> gunzip(std::string_view packed, std::size_t bytes_max);

// Packs as one member, quickly rather than tightly.
[[nodiscard]] std::string gzip(std::string_view bytes);

}  // namespace agentaudit
