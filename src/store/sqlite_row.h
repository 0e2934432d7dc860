// How the fields of an event stand in a row of `events`.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "agentaudit/core/event.h"
#include "core/hex.h"
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

// A trace or span id as it is stored: the bytes of lower-case hex of the usual length,
// any other text as it is, or NULL where there is none.
template <std::size_t IdBytes>
class StoredId {
 public:
  // The text must outlive what is asked of it.
  void assign(std::string_view text) {
    text_ = text;
    is_bytes_ = from_hex(text, bytes_);
  }
  [[nodiscard]] bool is_null() const noexcept { return text_.empty(); }
  [[nodiscard]] bool is_bytes() const noexcept { return is_bytes_; }
  [[nodiscard]] std::string_view value() const noexcept {
    return is_bytes_ ? std::string_view(bytes_.data(), bytes_.size()) : text_;
  }

 private:
  std::string_view text_;
  std::array<char, IdBytes> bytes_{};
  bool is_bytes_ = false;
};
using StoredTraceId = StoredId<trace_id_bytes>;
using StoredSpanId = StoredId<span_id_bytes>;

// The text of an id that was stored so.
[[nodiscard]] std::string hex_id(const SqliteStatement& statement, int column);
void read_hex_id(const SqliteStatement& statement, int column, std::string& out);

}  // namespace agentaudit
