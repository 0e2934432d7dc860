#include "store/clickhouse_tables.h"

#include <map>
#include <string>
#include <utility>

#include "store/clickhouse_schema.h"
#include "store/clickhouse_sql.h"
#include "store/row_binary.h"

namespace agentaudit {
namespace {

constexpr std::string_view made_by = "; `agentaudit schema clickhouse` prints what makes it";

Result<void> check(const ClickhouseClient& client) {
  const std::string& database = client.address().database;
  const auto answer =
      client.query("SELECT table, name, type FROM system.columns WHERE database = " +
                   clickhouse_sql::literal(database) +
                   " AND table IN ('events', 'checkpoints') FORMAT RowBinary");
  if (!answer) return fail(answer.error());
  const std::string place = client.address().to_string();
  std::map<std::pair<std::string, std::string>, std::string> types;
  RowBinaryReader rows(*answer);
  while (!rows.at_end()) {
    const std::string table(rows.text());
    const std::string name(rows.text());
    types[{table, name}] = rows.text();
  }
  if (!rows.ok()) return fail(client.unreadable());
  for (const auto& [table, columns] :
       {std::pair(std::string("events"), clickhouse_schema::event_columns()),
        std::pair(std::string("checkpoints"), clickhouse_schema::checkpoint_columns())}) {
    std::string wrong = place;
    const auto first = types.lower_bound({table, ""});
    if (first == types.end() || first->first.first != table) {
      wrong.append(" has no table ").append(table).append(made_by);
      return fail(ErrorCode::not_found, std::move(wrong));
    }
    for (const auto& column : columns) {
      const auto found = types.find({table, std::string(column.name)});
      const std::string_view is =
          found == types.end() ? "missing" : std::string_view(found->second);
      if (clickhouse_schema::is_type_of(column, is)) continue;
      wrong.append(": column ").append(column.name).append(" of table ").append(table);
      wrong.append(" is ").append(is).append(", not ").append(column.type).append(made_by);
      return fail(ErrorCode::not_a_trail, std::move(wrong));
    }
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<ClickhouseClient>> open_clickhouse_tables(ClickhouseAddress address) {
  auto client = ClickhouseClient::make(std::move(address));
  if (!client) return fail(client.error());
  if (auto checked = check(**client); !checked) return fail(checked.error());
  return client;
}

}  // namespace agentaudit
