// How the fields of an event stand in a row of `events`.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "agentaudit/core/event.h"
#include "store/sqlite_connection.h"
#include "store/sqlite_schema.h"

namespace agentaudit {

// A field that is stored as an id in `names`.
struct NameColumn {
  std::string_view column;
  sqlite_schema::NameKind kind;
  std::string Event::* owned;
  std::string_view EventView::* view;
};

inline constexpr std::array<NameColumn, sqlite_schema::name_kinds> name_columns = {{
    {"category", sqlite_schema::NameKind::category, &Event::category, &EventView::category},
    {"action", sqlite_schema::NameKind::action, &Event::action, &EventView::action},
    {"agent", sqlite_schema::NameKind::agent, &Event::agent, &EventView::agent},
    {"status", sqlite_schema::NameKind::status, &Event::status, &EventView::status},
    {"source", sqlite_schema::NameKind::source, &Event::source, &EventView::source},
    {"target", sqlite_schema::NameKind::target, &Event::target, &EventView::target},
    {"principal", sqlite_schema::NameKind::principal, &Event::principal, &EventView::principal},
    {"conversation", sqlite_schema::NameKind::conversation, &Event::conversation_id,
     &EventView::conversation_id},
}};

inline constexpr std::size_t trace_id_bytes = 16;
inline constexpr std::size_t span_id_bytes = 8;

// Binds a trace or span id: as a BLOB of its bytes when the text is lower-case hex of
// `id_bytes` bytes, as TEXT otherwise, NULL when empty. `buffer` must stay until the
// statement is reset; it holds the bytes where the answer is true.
bool bind_hex_id(SqliteStatement& statement, int index, std::string_view text, std::size_t id_bytes,
                 std::string& buffer);

// The text of an id bound so.
[[nodiscard]] std::string hex_id(const SqliteStatement& statement, int column);

}  // namespace agentaudit
