#include "store/postgres_connection.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "store/postgres_text.h"

namespace agentaudit {
namespace {

// pg_current_xact_id and trusted extensions came with it.
constexpr int version_least = 130'000;
constexpr std::size_t copy_piece_bytes = std::size_t{1} << 20U;

// The first line of what libpq says: the others give advice that it cannot know to be right.
std::string_view first_line(std::string_view text) { return text.substr(0, text.find('\n')); }

// https://www.postgresql.org/docs/15/errcodes-appendix.html
ErrorCode code_of(std::string_view state) {
  struct Meaning {
    std::string_view state;  // or a class of them
    ErrorCode code;
  };
  constexpr std::array meanings = std::to_array<Meaning>({
      {"57014", ErrorCode::deadline},     // query_canceled
      {"25P03", ErrorCode::deadline},     // idle_in_transaction_session_timeout
      {"55P03", ErrorCode::busy},         // lock_not_available
      {"40001", ErrorCode::busy},         // serialization_failure
      {"40P01", ErrorCode::busy},         // deadlock_detected
      {"53300", ErrorCode::busy},         // too_many_connections
      {"53100", ErrorCode::full},         // disk_full
      {"42501", ErrorCode::permission},   // insufficient_privilege
      {"28", ErrorCode::permission},      // invalid authorization
      {"25006", ErrorCode::read_only},    // read_only_sql_transaction
      {"42", ErrorCode::corrupt},         // a table or a column is not there, or is another
      {"3D000", ErrorCode::not_found},    // the database does not exist
      {"3F000", ErrorCode::not_found},    // nor a schema to put tables in
      {"XX001", ErrorCode::corrupt},      // data_corrupted
      {"XX002", ErrorCode::corrupt},      // index_corrupted
      {"23", ErrorCode::corrupt},         // what was taken for new is there
      {"22021", ErrorCode::unsupported},  // character_not_in_repertoire
      {"54", ErrorCode::too_large},       // program_limit_exceeded
  });
  const auto* const found = std::find_if(meanings.begin(), meanings.end(), [&](const Meaning& of) {
    return state.starts_with(of.state);
  });
  return found == meanings.end() ? ErrorCode::io : found->code;
}

// What became of each address that was tried, in one sentence; `localhost` may be two.
std::string refusals(std::string_view said) {
  std::string all(first_line(said));
  while (!said.empty()) {
    const std::string_view line = first_line(said);
    if (line.starts_with("connection to server ") && all.find(line) == std::string::npos) {
      all.append("; ").append(line);
    }
    said.remove_prefix(std::min(line.size() + 1, said.size()));
  }
  return all;
}

// Why a connection was not to be had, for which libpq has words alone.
ErrorCode code_of_refusal(std::string_view said) {
  const auto says = [&](std::string_view piece) {
    return said.find(piece) != std::string_view::npos;
  };
  if (says("authentication failed") || says("no password supplied") ||
      says("no pg_hba.conf entry")) {
    return ErrorCode::permission;
  }
  if (says("database \"") && says("does not exist")) return ErrorCode::not_found;
  return says("too many clients") ? ErrorCode::busy : ErrorCode::io;
}

}  // namespace

std::int64_t PostgresRows::Row::number() {
  std::uint64_t value = 0;
  const std::string_view big_endian = bytes();
  if (big_endian.empty()) return 0;
  if ((static_cast<unsigned char>(big_endian[0]) & 0x80U) != 0) value = ~value;
  for (const char byte : big_endian) value = value << 8U | static_cast<unsigned char>(byte);
  return static_cast<std::int64_t>(value);
}

std::string_view PostgresRows::Row::bytes() {
  const int column = column_++;
  PGresult* const result = rows_.result_.get();
  return {rows_.pq_->getvalue(result, row_, column),
          static_cast<std::size_t>(rows_.pq_->getlength(result, row_, column))};
}

std::string PostgresRows::Row::text() { return postgres_text::unescaped(bytes()); }

PostgresConnection::PostgresConnection(const Libpq& pq, PGconn* connection)
    : pq_(&pq),
      connection_(connection, pq.finish),
      cancel_(pq.get_cancel(connection), pq.free_cancel) {}

PostgresConnection::~PostgresConnection() = default;

Result<std::unique_ptr<PostgresConnection>> PostgresConnection::open(const std::string& url,
                                                                     const Limits& limits) {
  const auto pq = Libpq::load();
  if (!pq) return fail(pq.error());
  char* wrong = nullptr;
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> parts(
      (*pq)->conninfo_parse(url.c_str(), &wrong), (*pq)->conninfo_free);
  if (!parts) {
    // libpq's sentence may quote the URL, and the password with it.
    (*pq)->freemem(wrong);
    return fail(ErrorCode::invalid_argument,
                "the store's URL is not one of PostgreSQL: "
                "postgres://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=verify-full");
  }
  // What the URL says of these goes before. A host that is gone without a word is noticed in half
  // a minute, by what it does not acknowledge or by a silence.
  constexpr std::array keywords = {"connect_timeout",
                                   "tcp_user_timeout",
                                   "keepalives_idle",
                                   "keepalives_interval",
                                   "fallback_application_name",
                                   "dbname",
                                   static_cast<const char*>(nullptr)};
  const std::string connect = std::to_string(limits.connect.count());
  const std::array values = {connect.c_str(),
                             "30000",
                             "10",
                             "10",
                             "agentaudit",
                             url.c_str(),
                             static_cast<const char*>(nullptr)};
  constexpr int expand_dbname = 1;
  std::unique_ptr<PostgresConnection> connection(new PostgresConnection(
      **pq, (*pq)->connectdb_params(keywords.data(), values.data(), expand_dbname)));
  if (auto prepared = connection->prepare(limits); !prepared) return fail(prepared.error());
  return connection;
}

Result<void> PostgresConnection::prepare(const Limits& limits) {
  if (!connection_ || is_lost()) {
    const std::string_view said =
        connection_ ? pq_->error_message(connection_.get()) : "no memory for it";
    return fail(code_of_refusal(said), "cannot connect to PostgreSQL: " + refusals(said));
  }
  pq_->set_notice_receiver(connection_.get(), [](void*, const PGresult*) {}, nullptr);
  if (const int version = pq_->server_version(connection_.get()); version < version_least) {
    return fail(ErrorCode::unsupported, "PostgreSQL at " + server() + " is version " +
                                            std::to_string(version / 10'000) +
                                            "; agentaudit needs 13 or later");
  }
  const char* const encoding = pq_->parameter_status(connection_.get(), "server_encoding");
  if (encoding == nullptr || std::string_view(encoding) != "UTF8") {
    return fail(ErrorCode::unsupported,
                "the database at " + server() + " has the encoding " +
                    (encoding != nullptr ? encoding : "of nobody knows what") +
                    "; make one with CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0");
  }
  return run(
      "SET client_encoding = 'UTF8'; SET standard_conforming_strings = on;"
      // To compile a question takes longer than to answer it.
      " SET synchronous_commit = on; SET jit = off;"
      " SET statement_timeout = " +
      std::to_string(limits.statement.count()) +
      "; SET lock_timeout = " + std::to_string(limits.lock.count()));
}

Result<void> PostgresConnection::run(const std::string& sql) {
  PGresult* const result = pq_->exec(connection_.get(), sql.c_str());
  const PostgresRows rows(*pq_, result);
  const ExecStatusType status = pq_->result_status(result);
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return {};
  return fail(failure(result));
}

Result<PostgresRows> PostgresConnection::ask(const std::string& sql) {
  constexpr int binary = 1;
  PGresult* const result = pq_->exec_params(connection_.get(), sql.c_str(), 0, nullptr, nullptr,
                                            nullptr, nullptr, binary);
  PostgresRows rows(*pq_, result);
  if (pq_->result_status(result) == PGRES_TUPLES_OK) return rows;
  return fail(failure(result));
}

Result<std::int64_t> PostgresConnection::number(const std::string& sql) {
  const auto rows = ask(sql);
  if (!rows) return fail(rows.error());
  return rows->size() == 1 ? rows->row(0).number() : 0;
}

Result<void> PostgresConnection::copy(const std::string& table_and_columns, const Fill& fill) {
  PGresult* const begun = pq_->exec(
      connection_.get(), ("COPY " + table_and_columns + " FROM STDIN (FORMAT binary)").c_str());
  const PostgresRows owner(*pq_, begun);
  if (pq_->result_status(begun) != PGRES_COPY_IN) return fail(failure(begun));
  // https://www.postgresql.org/docs/15/sql-copy.html, "Binary Format"
  std::string buffer("PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0", 19);
  bool more = true;
  bool sent = true;
  while (more && sent) {
    more = fill(buffer);
    if (!more) buffer += "\xff\xff";
    if (more && buffer.size() < copy_piece_bytes) continue;
    sent =
        pq_->put_copy_data(connection_.get(), buffer.data(), static_cast<int>(buffer.size())) == 1;
    buffer.clear();
  }
  if (sent) sent = pq_->put_copy_end(connection_.get(), nullptr) == 1;
  Result<void> outcome;
  if (!sent) outcome = fail(failure(nullptr));
  while (PGresult* const result = pq_->get_result(connection_.get())) {
    const PostgresRows rows(*pq_, result);
    if (outcome && pq_->result_status(result) != PGRES_COMMAND_OK) outcome = fail(failure(result));
    if (is_lost()) break;
  }
  return outcome;
}

Result<bool> PostgresConnection::wait_for_notice(std::chrono::milliseconds patience) {
  pollfd readable{.fd = pq_->socket(connection_.get()), .events = POLLIN, .revents = 0};
  (void)::poll(&readable, 1, static_cast<int>(patience.count()));
  if (pq_->consume_input(connection_.get()) == 0) return fail(failure(nullptr));
  bool any = false;
  while (PGnotify* const notice = pq_->notifies(connection_.get())) {
    pq_->freemem(notice);
    any = true;
  }
  return any;
}

bool PostgresConnection::is_lost() const { return pq_->status(connection_.get()) != CONNECTION_OK; }

std::string PostgresConnection::server() const {
  const char* const host = pq_->host(connection_.get());
  const char* const port = pq_->port(connection_.get());
  return std::string(host != nullptr ? host : "") + ':' + (port != nullptr ? port : "");
}

void PostgresConnection::cancel() const {
  std::array<char, 256> why{};
  if (cancel_) (void)pq_->cancel(cancel_.get(), why.data(), static_cast<int>(why.size()));
}

Error PostgresConnection::failure(const PGresult* result) const {
  const char* const state =
      result != nullptr ? pq_->result_error_field(result, PG_DIAG_SQLSTATE) : nullptr;
  const char* const message =
      result != nullptr ? pq_->result_error_field(result, PG_DIAG_MESSAGE_PRIMARY) : nullptr;
  const std::string_view said = message != nullptr
                                    ? std::string_view(message)
                                    : first_line(pq_->error_message(connection_.get()));
  if (is_lost()) {
    return {.code = ErrorCode::io,
            .message = "the connection to PostgreSQL at " + server() +
                       " is lost: " + std::string(first_line(said))};
  }
  const ErrorCode code = state != nullptr ? code_of(state) : ErrorCode::io;
  std::string text = "PostgreSQL at " + server() + ": " + std::string(said);
  if (state != nullptr) text.append(" (SQLSTATE ").append(state).append(")");
  if (code == ErrorCode::corrupt) {
    text += "; the tables are not as agentaudit made them (docs/postgres.md)";
  }
  return {.code = code, .message = std::move(text)};
}

}  // namespace agentaudit
