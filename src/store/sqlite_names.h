// The dictionary `names`, from both sides, with bounded caches.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "store/name_cache.h"
#include "store/sqlite_connection.h"
#include "store/sqlite_schema.h"

namespace agentaudit {

// Text to id, adding what is new. Not thread-safe; belongs to one writing connection,
// inside whose transaction it is used.
class NameWriter {
 public:
  [[nodiscard]] static Result<NameWriter> make(SqliteConnection& connection);

  // The id of the name; 0 when it is empty. Errors: full (2^32 names).
  [[nodiscard]] Result<std::uint32_t> id_of(sqlite_schema::NameKind kind, std::string_view name) {
    if (name.empty()) return 0;
    if (const auto id = cache_.find(kind, name)) return *id;
    return look_up(kind, name);
  }

  // Must be called after a rollback: what was added in the transaction is gone.
  void forget() noexcept { cache_.clear(); }

 private:
  NameWriter(SqliteStatement select, SqliteStatement insert)
      : select_(std::move(select)), insert_(std::move(insert)) {}

  [[nodiscard]] Result<std::uint32_t> look_up(sqlite_schema::NameKind kind, std::string_view name);

  SqliteStatement select_;
  SqliteStatement insert_;
  NameCache cache_;
};

// Id to text. Not thread-safe; belongs to one connection.
class NameReader {
 public:
  [[nodiscard]] static Result<NameReader> make(SqliteConnection& connection);

  // The name; empty for 0 and for an id that is not there. Valid until the next call.
  [[nodiscard]] Result<std::string_view> name_of(std::int64_t id);

  struct Name {
    std::string text;
    std::int64_t kind = 0;  // a NameKind; 0: it is no text, as every name is
  };
  // Nullptr for 0 and for an id that is not there. Valid until the next call.
  [[nodiscard]] Result<const Name*> find(std::int64_t id) {
    if (id == 0) return nullptr;
    const Recent& recent = recent_[slot_of(id)];
    return recent.id == id ? recent.name : look_up(id);
  }

  // Must be called after a rollback, where names added in the transaction were read.
  void forget() noexcept {
    recent_ = {};
    names_.clear();
  }

 private:
  explicit NameReader(SqliteStatement select) : select_(std::move(select)) {}

  [[nodiscard]] Result<const Name*> look_up(std::int64_t id);

  struct Recent {
    std::int64_t id = 0;
    const Name* name = nullptr;  // in names_
  };
  static constexpr std::size_t recent_slots = 256;
  static std::size_t slot_of(std::int64_t id) noexcept {
    return static_cast<std::size_t>(id) % recent_slots;
  }

  SqliteStatement select_;
  std::array<Recent, recent_slots> recent_{};  // few names make most of a trail
  std::unordered_map<std::int64_t, Name> names_;
};

}  // namespace agentaudit
