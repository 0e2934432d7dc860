// Bytes as the text that strings, hashes and SQLite take.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace agentaudit {

// Of what must outlive it.
[[nodiscard]] inline std::string_view view_of(std::span<const std::uint8_t> bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace agentaudit
