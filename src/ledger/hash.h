// The hashes of the ledger's tree: RFC 6962, section 2.1.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace agentaudit {

using Hash = std::array<std::uint8_t, 32>;

// SHA-256(0x00 | entry).
[[nodiscard]] Hash leaf_hash(std::string_view entry) noexcept;
// SHA-256(0x01 | left | right).
[[nodiscard]] Hash node_hash(const Hash& left, const Hash& right) noexcept;
// Of the tree without leaves: SHA-256 of no bytes.
[[nodiscard]] Hash empty_root() noexcept;

}  // namespace agentaudit
