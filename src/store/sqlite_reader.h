// SqliteReader: a reading connection and what it keeps between questions.
#pragma once

#include <memory>
#include <string_view>

#include "agentaudit/core/event.h"
#include "store/sqlite_chunks.h"
#include "store/sqlite_columns.h"
#include "store/sqlite_connection.h"
#include "store/sqlite_names.h"

namespace agentaudit {

class SqliteTeam;

// Not thread-safe. The connection must outlive it.
class SqliteReader {
 public:
  [[nodiscard]] static Result<SqliteReader> make(SqliteConnection& connection);

  [[nodiscard]] SqliteConnection& connection() noexcept { return *connection_; }
  [[nodiscard]] Result<std::string_view> name_of(std::int64_t id) { return names_.name_of(id); }

  // The columns that `read_event` expects, for a SELECT of the caller's.
  static constexpr std::string_view event_columns =
      "id, timestamp, duration_ms, summary, detail, trace_id, span_id, parent_span_id,"
      " category, action, agent, status, source, target, principal, conversation";
  [[nodiscard]] Result<Event> read_event(const SqliteStatement& row);
  // Errors: not_found.
  [[nodiscard]] Result<Event> event(EventId id);

  // Who helps with a question that goes through many chunks; nullptr: nobody.
  [[nodiscard]] SqliteTeam* team() const noexcept { return team_.get(); }
  void set_team(std::shared_ptr<SqliteTeam> team) { team_ = std::move(team); }

  // As the transaction has them that a question refreshed them for.
  [[nodiscard]] SqliteChunks& chunks() noexcept { return chunks_; }
  // Of the chunk that it is moved to.
  [[nodiscard]] Result<SealedColumns*> sealed_columns();
  // Must be called when the chunks are others.
  void forget_columns() noexcept {
    if (sealed_columns_ != nullptr) sealed_columns_->forget();
  }

 private:
  SqliteReader(SqliteConnection& connection, SqliteStatement select_event, NameReader names)
      : connection_(&connection),
        select_event_(std::move(select_event)),
        names_(std::move(names)) {}

  SqliteConnection* connection_;
  SqliteStatement select_event_;
  NameReader names_;
  SqliteChunks chunks_;
  std::shared_ptr<SqliteTeam> team_;
  std::unique_ptr<SealedColumns> sealed_columns_;  // a trail of version 1 has none
};

}  // namespace agentaudit
