// SqliteTeam: further connections to a reader's file, so that one question goes through
// its chunks on all cores.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "store/sqlite_connection.h"
#include "store/sqlite_reader.h"

namespace agentaudit {

// A connection with its reader.
struct ReadingConnection {
  SqliteConnection connection;
  std::optional<SqliteReader> reader{};

  [[nodiscard]] static Result<std::unique_ptr<ReadingConnection>> make(SqliteConnection opened);
};

// Not thread-safe; its members are, one from another.
class SqliteTeam {
 public:
  using Open = std::function<Result<SqliteConnection>()>;
  // How many chunks are worth a thread: of columns, and where rows are searched. A thread
  // costs as much as some chunks of columns; rows take far longer.
  struct Worth {
    std::size_t columns;
    std::size_t rows;
  };
  // `size`: how many work on a question, the lead with them.
  SqliteTeam(Open open, std::size_t size, Worth worth = {.columns = 32, .rows = 2})
      : open_(std::move(open)), size_(size), worth_(worth) {}

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] const Worth& worth() const noexcept { return worth_; }

  // A member in a read transaction.
  class Member {
   public:
    Member(SqliteReader& reader, SqliteTransaction transaction)
        : reader_(&reader), transaction_(std::move(transaction)) {}
    [[nodiscard]] SqliteReader& reader() const noexcept { return *reader_; }

   private:
    SqliteReader* reader_;
    SqliteTransaction transaction_;
  };

  // Up to `wanted` members, with the lead's limits, that see of the chunks that the lead
  // sees what it sees. Fewer, or none, where they cannot be had or something is being
  // rewritten: the lead does their work then.
  [[nodiscard]] std::vector<Member> join(SqliteReader& lead, std::size_t wanted);

 private:
  Open open_;
  std::size_t size_;
  Worth worth_;
  std::vector<std::unique_ptr<ReadingConnection>> connections_;
};

}  // namespace agentaudit
