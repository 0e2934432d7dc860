#include "store/sqlite_names.h"

#include <limits>

namespace agentaudit {
namespace {

// Per kind when writing, in all when reading. Conversations come without end, so the
// caches start anew when they are full.
constexpr std::size_t cached_names_max = 65'536;
constexpr std::size_t cached_name_bytes_max = 1'024;

}  // namespace

Result<NameWriter> NameWriter::make(SqliteConnection& connection) {
  auto select = connection.prepare("SELECT id FROM names WHERE kind = ?1 AND name = ?2");
  if (!select) return fail(select.error());
  auto insert = connection.prepare("INSERT INTO names(kind, name) VALUES (?1, ?2) RETURNING id");
  if (!insert) return fail(insert.error());
  return NameWriter(std::move(*select), std::move(*insert));
}

Result<std::int64_t> NameWriter::id_of(sqlite_schema::NameKind kind, std::string_view name) {
  if (name.empty()) return 0;
  Cache& cache = caches_[static_cast<std::size_t>(kind) - 1];
  if (cache.last != nullptr && cache.last->first == name) return cache.last->second;
  if (const auto found = cache.ids.find(name); found != cache.ids.end()) {
    cache.last = &*found;
    return found->second;
  }
  const auto id = look_up(kind, name);
  if (!id || name.size() > cached_name_bytes_max) return id;
  if (cache.ids.size() >= cached_names_max) cache = Cache();
  cache.last = &*cache.ids.emplace(name, *id).first;
  return id;
}

Result<std::int64_t> NameWriter::look_up(sqlite_schema::NameKind kind, std::string_view name) {
  for (SqliteStatement* statement : {&select_, &insert_}) {
    statement->bind(1, static_cast<std::int64_t>(kind));
    statement->bind_text(2, name);
    const auto row = statement->step();
    if (!row) return fail(row.error());
    if (!*row) continue;
    const std::int64_t id = statement->integer(0);
    statement->reset();
    // More would not fit the columns of a sealed chunk.
    if (id > std::numeric_limits<std::uint32_t>::max()) {
      return fail(ErrorCode::full, "the trail has 4,294,967,295 names, which is its limit");
    }
    return id;
  }
  return fail(ErrorCode::corrupt, "the dictionary took a name and gave no id");
}

void NameWriter::forget() noexcept { caches_ = {}; }

Result<NameReader> NameReader::make(SqliteConnection& connection) {
  auto select = connection.prepare("SELECT name FROM names WHERE id = ?1");
  if (!select) return fail(select.error());
  return NameReader(std::move(*select));
}

Result<std::string_view> NameReader::name_of(std::int64_t id) {
  if (id == 0) return std::string_view();
  if (const auto found = names_.find(id); found != names_.end()) {
    return std::string_view(found->second);
  }
  select_.bind(1, id);
  const auto row = select_.step();
  if (!row) return fail(row.error());
  // Not cached: another snapshot may have it.
  if (!*row) return std::string_view();
  if (names_.size() >= cached_names_max) names_.clear();
  std::string& name = names_.emplace(id, select_.bytes(0)).first->second;
  select_.reset();
  return std::string_view(name);
}

}  // namespace agentaudit
