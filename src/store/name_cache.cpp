#include "store/name_cache.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace agentaudit {
namespace {

constexpr std::size_t slots_min = 64;
// Names that were chosen to collide cost no more than this.
constexpr std::size_t probes_max = 64;

template <typename Word>
std::uint64_t load(const char* from) noexcept {
  Word word;
  std::memcpy(&word, from, sizeof word);
  return word;
}

// Multiplies word by word, the last of which may overlap the one before. Its highest bits
// depend on every byte. It never leaves the process, so the order of bytes in a word does
// not matter.
std::uint64_t hash_of(sqlite_schema::NameKind kind, std::string_view name) noexcept {
  constexpr std::uint64_t factor = 0x9E3779B97F4A7C15;
  std::uint64_t hash = (name.size() << 8 | static_cast<std::uint8_t>(kind)) * factor;
  const auto mix = [&](std::uint64_t word) {
    hash = (hash ^ word) * factor;
    hash ^= hash >> 32;
  };
  const char* at = name.data();
  const char* const end = at + name.size();
  if (name.size() >= 8) {
    for (; end - at > 8; at += 8) mix(load<std::uint64_t>(at));
    mix(load<std::uint64_t>(end - 8));
  } else if (name.size() >= 4) {
    mix(load<std::uint32_t>(at) << 32 | load<std::uint32_t>(end - 4));
  } else {
    for (; at != end; ++at) mix(static_cast<unsigned char>(*at));
  }
  return hash;
}

}  // namespace

// By the highest bits.
std::size_t NameCache::first_place(std::uint64_t hash) const noexcept {
  return hash >> (64 - std::countr_zero(slots_.size()));
}

std::optional<std::uint32_t> NameCache::find(sqlite_schema::NameKind kind,
                                             std::string_view name) const noexcept {
  if (slots_.empty()) return {};
  const std::uint64_t hash = hash_of(kind, name);
  const std::size_t first = first_place(hash);
  for (std::size_t probe = 0; probe < probes_max; ++probe) {
    const Slot& slot = slots_[(first + probe) & (slots_.size() - 1)];
    if (slot.name == nullptr) return {};
    if (slot.hash == hash && slot.kind == kind && std::string_view(slot.name, slot.bytes) == name) {
      return slot.id;
    }
  }
  return {};
}

void NameCache::add(sqlite_schema::NameKind kind, std::string_view name, std::uint32_t id) {
  if (name.size() > name_bytes_max) return;
  if (names_.size() == names_max) clear();
  if (slots_.size() < (names_.size() + 1) * 2) grow();
  names_.emplace_back(name);
  const bool placed = place({.hash = hash_of(kind, name),
                             .name = names_.back().data(),
                             .id = id,
                             .bytes = static_cast<std::uint16_t>(name.size()),
                             .kind = kind});
  // It will be added again and again, and must not crowd out the others.
  if (!placed) names_.pop_back();
}

void NameCache::clear() noexcept {
  slots_.clear();
  names_.clear();
}

bool NameCache::place(const Slot& slot) noexcept {
  const std::size_t first = first_place(slot.hash);
  for (std::size_t probe = 0; probe < probes_max; ++probe) {
    Slot& at = slots_[(first + probe) & (slots_.size() - 1)];
    if (at.name != nullptr) continue;
    at = slot;
    return true;
  }
  return false;
}

void NameCache::grow() {
  std::vector<Slot> before(std::max(slots_min, slots_.size() * 2));
  before.swap(slots_);
  for (const Slot& slot : before) {
    if (slot.name != nullptr) (void)place(slot);
  }
}

}  // namespace agentaudit
