// Names that NameCache wants to have in the same place.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "store/sqlite_schema.h"

namespace agentaudit {

// Undoes the hash of src/store/name_cache.cpp for names of eight bytes, so that its highest
// 32 bits are the same for all. None has a zero byte.
inline std::vector<std::string> colliding_names(sqlite_schema::NameKind kind, std::size_t count) {
  constexpr std::uint64_t factor = 0x9E3779B97F4A7C15;
  std::uint64_t inverse = factor;  // right in its lowest three bits, and each step doubles them
  for (int bits = 3; bits < 64; bits *= 2) inverse *= 2 - factor * inverse;
  const std::uint64_t start = (std::uint64_t{8} << 8 | static_cast<std::uint8_t>(kind)) * factor;
  std::vector<std::string> names;
  for (std::uint64_t i = 0; names.size() < count; ++i) {
    const std::uint64_t word = start ^ (std::uint64_t{0xABCDEF} << 40 | i) * inverse;
    std::string name(sizeof word, '\0');
    std::memcpy(name.data(), &word, sizeof word);
    if (name.find('\0') == std::string::npos) names.push_back(std::move(name));
  }
  return names;
}

}  // namespace agentaudit
