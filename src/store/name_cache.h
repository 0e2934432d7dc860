// NameCache: the ids of names that were looked up before.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/sqlite_schema.h"

namespace agentaudit {

// One hash table with open addressing and linear probing (Knuth, TAOCP 3, 6.4) for all
// kinds: eight look-ups an event are a part of the write path. It may leave a name out,
// and starts anew when it is full: conversations come without end. Not thread-safe.
class NameCache {
 public:
  static constexpr std::size_t names_max = 65'536;
  static constexpr std::size_t name_bytes_max = 1'024;

  [[nodiscard]] std::optional<std::uint32_t> find(sqlite_schema::NameKind kind,
                                                  std::string_view name) const noexcept;
  // A name that find does not know.
  void add(sqlite_schema::NameKind kind, std::string_view name, std::uint32_t id);
  void clear() noexcept;

 private:
  struct Slot {
    std::uint64_t hash = 0;
    const char* name = nullptr;  // null: free
    std::uint32_t id = 0;
    std::uint16_t bytes = 0;
    sqlite_schema::NameKind kind{};
  };

  [[nodiscard]] std::size_t first_place(std::uint64_t hash) const noexcept;
  // Puts it into the first free place of those where find looks, if there is one.
  bool place(const Slot& slot) noexcept;
  void grow();

  std::vector<Slot> slots_;        // none, or a power of two, at least twice the names
  std::deque<std::string> names_;  // what the slots point to
};

}  // namespace agentaudit
