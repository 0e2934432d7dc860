#include "store/postgres_info.h"

#include <string>

namespace agentaudit {
namespace {

// Every level of the counts counts every event; the longest periods are the fewest rows.
constexpr const char* info_sql =
    "SELECT current_setting('server_version'),"
    " coalesce((SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl), ''),"
    " current_setting('fsync')::boolean, current_setting('full_page_writes')::boolean,"
    " current_user::text, pg_has_role(c.relowner, 'USAGE'),"
    " has_table_privilege(c.oid, 'INSERT'), has_table_privilege(c.oid, 'DELETE'),"
    " t.trail_id, t.created, t.format, t.last_id,"
    " (SELECT coalesce(sum(events), 0)::bigint FROM agentaudit_counts WHERE level = 2),"
    " (SELECT count(*) - 1 FROM pg_inherits WHERE inhparent = c.oid),"
    " (SELECT count(*) FROM agentaudit_events"
    "  WHERE tableoid = 'agentaudit_events_rest'::regclass),"
    " (SELECT sum(pg_total_relation_size(oid))::bigint FROM pg_class"
    "  WHERE relnamespace = c.relnamespace AND relkind = 'r' AND relname ~ '^agentaudit_'),"
    " to_regclass('agentaudit_events_text') IS NOT NULL"
    " FROM agentaudit_trail t, pg_class c WHERE c.oid = 'agentaudit_events'::regclass";

}  // namespace

Result<PostgresStoreInfo> postgres_info(PostgresConnection& connection) {
  const auto rows = connection.ask(info_sql);
  if (!rows) return fail(rows.error());
  PostgresRows::Row row = rows->row(0);
  PostgresStoreInfo info;
  info.server = connection.server();
  info.server_version = row.bytes();
  info.tls = row.bytes();
  const bool syncs = row.number() != 0;
  info.is_durable = row.number() != 0 && syncs;
  info.role = row.bytes();
  info.is_owner = row.number() != 0;
  info.may_write = row.number() != 0;
  info.may_delete = row.number() != 0;
  info.trail_id = row.text();
  info.created = Timestamp::from_ns(row.number());
  info.format = static_cast<int>(row.number());
  info.last_id = row.number();
  info.events = row.number();
  info.months = row.number();
  info.events_of_no_month = row.number();
  info.bytes = row.number();
  info.has_trigrams = row.number() != 0;
  return info;
}

}  // namespace agentaudit
