#include "store/sqlite_names.h"

#include <limits>

namespace agentaudit {
namespace {

constexpr std::size_t cached_names_max = 65'536;

}  // namespace

Result<NameWriter> NameWriter::make(SqliteConnection& connection) {
  auto select = connection.prepare("SELECT id FROM names WHERE kind = ?1 AND name = ?2");
  if (!select) return fail(select.error());
  auto insert = connection.prepare("INSERT INTO names(kind, name) VALUES (?1, ?2) RETURNING id");
  if (!insert) return fail(insert.error());
  return NameWriter(std::move(*select), std::move(*insert));
}

Result<std::uint32_t> NameWriter::look_up(sqlite_schema::NameKind kind, std::string_view name) {
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
    const auto name_id = static_cast<std::uint32_t>(id);
    cache_.add(kind, name, name_id);
    return name_id;
  }
  return fail(ErrorCode::corrupt, "the dictionary took a name and gave no id");
}

Result<NameReader> NameReader::make(SqliteConnection& connection) {
  auto select = connection.prepare(
      "SELECT name, iif(typeof(name) = 'text', kind, 0) FROM names WHERE id = ?1");
  if (!select) return fail(select.error());
  return NameReader(std::move(*select));
}

Result<std::string_view> NameReader::name_of(std::int64_t id) {
  const auto name = find(id);
  if (!name) return fail(name.error());
  return *name == nullptr ? std::string_view() : std::string_view((*name)->text);
}

Result<const NameReader::Name*> NameReader::look_up(std::int64_t id) {
  Recent& recent = recent_[slot_of(id)];
  if (const auto found = names_.find(id); found != names_.end()) {
    recent = {.id = id, .name = &found->second};
    return recent.name;
  }
  select_.bind(1, id);
  const auto row = select_.step();
  if (!row) return fail(row.error());
  // Not cached: another snapshot may have it.
  if (!*row) return nullptr;
  if (names_.size() >= cached_names_max) forget();
  Name name{.text = std::string(select_.bytes(0)), .kind = select_.integer(1)};
  select_.reset();
  recent = {.id = id, .name = &names_.emplace(id, std::move(name)).first->second};
  return recent.name;
}

}  // namespace agentaudit
