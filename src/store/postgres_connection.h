// PostgresConnection: one connection to a PostgreSQL server, and the rows it answers with.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "agentaudit/core/result.h"
#include "store/libpq.h"

namespace agentaudit {

// An answer in PostgreSQL's binary form. Not thread-safe.
class PostgresRows {
 public:
  // One of them, whose columns are read from the first on; each must be there, and is read as the
  // type that the question gives it. Valid as long as the answer.
  class Row {
   public:
    Row(const PostgresRows& rows, int row) : rows_(rows), row_(row) {}

    // Of a smallint, integer, bigint or boolean; 0 where it is null.
    [[nodiscard]] std::int64_t number();
    // Of a bytea, or of a text as it is stored. Good as long as the answer.
    [[nodiscard]] std::string_view bytes();
    // Of a text: the event's bytes.
    [[nodiscard]] std::string text();

   private:
    const PostgresRows& rows_;
    int row_;
    int column_ = 0;
  };

  PostgresRows(const Libpq& pq, PGresult* result) : pq_(&pq), result_(result, pq.clear) {}

  [[nodiscard]] int size() const { return pq_->ntuples(result_.get()); }
  // Counted from 0; it must be there.
  [[nodiscard]] Row row(int index) const { return {*this, index}; }

 private:
  const Libpq* pq_;
  std::unique_ptr<PGresult, decltype(&PQclear)> result_;
};

// Not thread-safe. Errors of every call: io (the connection is lost, see is_lost),
// cancelled, deadline, busy (a lock or a connection was not to be had), full, permission,
// read_only, corrupt (a table or column is missing or of another type), and io.
class PostgresConnection {
 public:
  struct Limits {
    std::chrono::milliseconds statement{0};  // 0: none
    std::chrono::milliseconds lock{0};       // likewise
    std::chrono::seconds connect{10};        // of each host; libpq takes 2 at least
  };
  // `url`: postgres://USER:PASSWORD@HOST:PORT/DATABASE?…, as libpq takes it. Errors:
  // invalid_argument (no such URL), unsupported (an older server, or one that keeps no UTF-8),
  // permission (the password), io (it cannot be reached).
  [[nodiscard]] static Result<std::unique_ptr<PostgresConnection>> open(const std::string& url,
                                                                        const Limits& limits);
  PostgresConnection(const PostgresConnection&) = delete;
  PostgresConnection& operator=(const PostgresConnection&) = delete;
  ~PostgresConnection();

  // Runs statements, of which no answer is wanted, as one message.
  [[nodiscard]] Result<void> run(const std::string& sql);
  // Asks one question.
  [[nodiscard]] Result<PostgresRows> ask(const std::string& sql);
  // The single number that a question has for an answer.
  [[nodiscard]] Result<std::int64_t> number(const std::string& sql);

  // Loads rows in COPY's binary form. `fill` appends whole rows of the source to the buffer,
  // and says whether there are more.
  using Fill = std::function<bool(std::string& buffer)>;
  [[nodiscard]] Result<void> copy(const std::string& table_and_columns, const Fill& fill);

  // Waits for a NOTIFY of a channel that it listens to; false: none came in that time.
  [[nodiscard]] Result<bool> wait_for_notice(std::chrono::milliseconds patience);

  // Whether nothing more comes of it.
  [[nodiscard]] bool is_lost() const;
  // The server that it speaks to, as `HOST:PORT`.
  [[nodiscard]] std::string server() const;
  // Ends the statement that runs. Safe from any thread.
  void cancel() const;

 private:
  PostgresConnection(const Libpq& pq, PGconn* connection);
  [[nodiscard]] Result<void> prepare(const Limits& limits);
  [[nodiscard]] Error failure(const PGresult* result) const;

  const Libpq* pq_;
  std::unique_ptr<PGconn, decltype(&PQfinish)> connection_;
  std::unique_ptr<PGcancel, decltype(&PQfreeCancel)> cancel_;
};

// While it lives, a stop ends what the connection is doing.
class PostgresStop {
 public:
  PostgresStop(const PostgresConnection& connection, const std::stop_token& stop)
      : callback_(stop, Request{&connection}) {}

 private:
  struct Request {
    const PostgresConnection* connection;
    void operator()() const { connection->cancel(); }
  };
  std::stop_callback<Request> callback_;
};

}  // namespace agentaudit
