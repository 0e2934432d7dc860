#include "store/sqlite_team.h"

#include "store/sqlite_schema.h"

namespace agentaudit {

Result<std::unique_ptr<ReadingConnection>> ReadingConnection::make(SqliteConnection opened) {
  auto reading =
      std::make_unique<ReadingConnection>(ReadingConnection{.connection = std::move(opened)});
  auto reader = SqliteReader::make(reading->connection);
  if (!reader) return fail(reader.error());
  reading->reader.emplace(std::move(*reader));
  return reading;
}

std::vector<SqliteTeam::Member> SqliteTeam::join(SqliteReader& lead, std::size_t wanted) {
  std::vector<Member> members;
  const auto rewrites = sqlite_schema::rewrites(lead.connection());
  if (!rewrites || !*rewrites) return members;
  while (connections_.size() < wanted) {
    auto opened = open_();
    if (!opened) break;
    auto reading = ReadingConnection::make(std::move(*opened));
    if (!reading) break;
    connections_.push_back(std::move(*reading));
  }
  for (std::size_t i = 0; i < std::min(wanted, connections_.size()); ++i) {
    ReadingConnection& reading = *connections_[i];
    reading.connection.limit_like(lead.connection());
    auto transaction = SqliteTransaction::begin_read(reading.connection);
    if (!transaction) continue;
    // Its transaction may be a later one than the lead's. Sealed chunks and rows are the
    // same in both as long as nothing was rewritten.
    const auto its_rewrites = sqlite_schema::rewrites(reading.connection);
    if (!its_rewrites || *its_rewrites != *rewrites) continue;
    reading.reader->forget_columns();
    members.emplace_back(*reading.reader, std::move(*transaction));
  }
  return members;
}

}  // namespace agentaudit
