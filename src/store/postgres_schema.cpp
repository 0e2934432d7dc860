#include "store/postgres_schema.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <functional>

#include "core/hex.h"
#include "core/random_bytes.h"
#include "store/postgres_counts.h"
#include "store/postgres_sql.h"

namespace agentaudit::postgres_schema {
namespace {

using std::chrono::year_month_day;

constexpr std::string_view tables = R"(
CREATE TABLE agentaudit_trail (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  format integer NOT NULL,
  trail_id text COLLATE "C" NOT NULL,
  created bigint NOT NULL,
  last_id bigint NOT NULL DEFAULT 0,
  last_recorded_at bigint NOT NULL DEFAULT 0,
  clock_behind bigint NOT NULL DEFAULT 0
);
CREATE TABLE agentaudit_events (
  id bigint NOT NULL,
  timestamp bigint NOT NULL,
  recorded_at bigint NOT NULL,
  category text COLLATE "C" NOT NULL,
  action text COLLATE "C" NOT NULL,
  agent text COLLATE "C" NOT NULL,
  summary text COLLATE "C" NOT NULL,
  detail text COLLATE "C" NOT NULL,
  status text COLLATE "C" NOT NULL,
  duration_ms bigint NOT NULL,
  source text COLLATE "C" NOT NULL,
  conversation text COLLATE "C" NOT NULL,
  target text COLLATE "C" NOT NULL,
  principal text COLLATE "C" NOT NULL,
  trace_id text COLLATE "C" NOT NULL,
  span_id text COLLATE "C" NOT NULL,
  parent_span_id text COLLATE "C" NOT NULL,
  nonce bytea NOT NULL,
  PRIMARY KEY (timestamp, id)
) PARTITION BY RANGE (timestamp);
CREATE TABLE agentaudit_events_rest PARTITION OF agentaudit_events DEFAULT;
CREATE INDEX agentaudit_events_id ON agentaudit_events (id);
CREATE INDEX agentaudit_events_conversation ON agentaudit_events (conversation, timestamp, id)
  WHERE conversation <> '';
CREATE INDEX agentaudit_events_trace ON agentaudit_events (trace_id) WHERE trace_id <> '';
CREATE INDEX agentaudit_events_span ON agentaudit_events (span_id, id) WHERE span_id <> '';
CREATE INDEX agentaudit_events_parent ON agentaudit_events (parent_span_id, id)
  WHERE parent_span_id <> '';
CREATE INDEX agentaudit_events_pending ON agentaudit_events (timestamp, id)
  WHERE status = 'pending' AND span_id <> '';
CREATE TABLE agentaudit_origins (origin_key bytea PRIMARY KEY, id bigint NOT NULL);
CREATE INDEX agentaudit_origins_id ON agentaudit_origins (id);
CREATE TABLE agentaudit_tiles (
  level smallint NOT NULL,
  tile bigint NOT NULL,
  hashes bytea NOT NULL,
  PRIMARY KEY (level, tile)
);
ALTER TABLE agentaudit_tiles ALTER COLUMN hashes SET STORAGE EXTERNAL;
CREATE FUNCTION agentaudit_add_month(month text, first bigint, beyond bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET lock_timeout = '50ms' AS $$
BEGIN
  IF month !~ '^agentaudit_events_[0-9]{4}_[0-9]{2}$' THEN
    RAISE EXCEPTION '% is no month of agentaudit_events', month;
  END IF;
  EXECUTE format('CREATE TABLE %I (LIKE agentaudit_events INCLUDING ALL)', month);
  EXECUTE format('WITH moved AS (DELETE FROM agentaudit_events_rest WHERE timestamp >= %L'
    ' AND timestamp < %L RETURNING *) INSERT INTO %I SELECT * FROM moved', first, beyond, month);
  EXECUTE format('ALTER TABLE agentaudit_events ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
    month, first, beyond);
END $$;
REVOKE EXECUTE ON FUNCTION agentaudit_add_month(text, bigint, bigint) FROM PUBLIC;
)";

// Since format 2. A series has the first 16 bytes of SHA-256 of its five names for a key.
constexpr std::string_view count_tables = R"(
CREATE TABLE agentaudit_series (
  series uuid PRIMARY KEY,
  category text COLLATE "C" NOT NULL,
  status text COLLATE "C" NOT NULL,
  agent text COLLATE "C" NOT NULL,
  source text COLLATE "C" NOT NULL,
  target text COLLATE "C" NOT NULL
);
CREATE TABLE agentaudit_counts (
  level smallint NOT NULL,
  period integer NOT NULL,
  series uuid NOT NULL,
  events bigint NOT NULL,
  PRIMARY KEY (level, period, series)
) WITH (fillfactor = 70);
CREATE FUNCTION agentaudit_series_of(category text, status text, agent text, source text,
  target text) RETURNS uuid LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT encode(substring(sha256(convert_to(
    octet_length(category) || ':' || category || octet_length(status) || ':' || status ||
    octet_length(agent) || ':' || agent || octet_length(source) || ':' || source ||
    octet_length(target) || ':' || target, 'UTF8')) FOR 16), 'hex')::uuid
$$;
)";

// Counts what there is from nothing.
std::string recount_function() {
  return "CREATE OR REPLACE FUNCTION agentaudit_recount() RETURNS void LANGUAGE sql"
         " SET search_path FROM CURRENT AS $$\n"
         "  SELECT FROM agentaudit_trail FOR UPDATE;\n"
         "  DELETE FROM agentaudit_counts;\n"
         "  DELETE FROM agentaudit_status_counts;\n"
         "  DELETE FROM agentaudit_series;\n"
         "  WITH " +
         postgres_counts::counted(postgres_counts::of_rows("agentaudit_events", "count(*)")) +
         " SELECT;\n$$;\n"
         "REVOKE EXECUTE ON FUNCTION agentaudit_recount() FROM PUBLIC;\n";
}

// Since format 3: checkpoints, what was erased, what must stay, and what may go.
constexpr std::string_view keeping_tables = R"(
CREATE TABLE agentaudit_checkpoints (
  size bigint PRIMARY KEY,
  note text COLLATE "C" NOT NULL,
  signed_at bigint NOT NULL,
  anchored text COLLATE "C"
);
CREATE TABLE agentaudit_holds (
  id bigint PRIMARY KEY,
  agent text COLLATE "C",
  conversation text COLLATE "C",
  since bigint,
  until bigint,
  reason text COLLATE "C" NOT NULL,
  principal text COLLATE "C" NOT NULL,
  created bigint NOT NULL
);
CREATE TABLE agentaudit_retention (category text COLLATE "C" PRIMARY KEY, days bigint NOT NULL);
ALTER TABLE agentaudit_trail ADD sealed_by text COLLATE "C",
  ADD last_hold bigint NOT NULL DEFAULT 0;
ALTER TABLE agentaudit_events ADD erased_summary bytea, ADD erased_detail bytea;
CREATE TABLE agentaudit_status_counts (
  level smallint NOT NULL,
  period integer NOT NULL,
  status text COLLATE "C" NOT NULL,
  events bigint NOT NULL,
  PRIMARY KEY (level, period, status)
) WITH (fillfactor = 70);
)";
constexpr std::string_view fill_status_counts =
    "INSERT INTO agentaudit_status_counts SELECT level, period, status, sum(events)"
    " FROM agentaudit_counts JOIN agentaudit_series USING (series) GROUP BY 1, 2, 3";

// What may do what. A writer changes and deletes no event; a pruner does not drop months, which
// is for who owns the tables.
constexpr std::string_view roles = R"(
DO $$ BEGIN CREATE ROLE agentaudit_reader; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
DO $$ BEGIN CREATE ROLE agentaudit_writer; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
DO $$ BEGIN CREATE ROLE agentaudit_pruner; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
GRANT agentaudit_reader TO agentaudit_writer;
GRANT agentaudit_writer TO agentaudit_pruner;
DO $$ BEGIN
  EXECUTE format('GRANT USAGE ON SCHEMA %I TO agentaudit_reader', current_schema());
END $$;
GRANT SELECT ON agentaudit_trail, agentaudit_events, agentaudit_origins, agentaudit_tiles
  TO agentaudit_reader;
GRANT INSERT ON agentaudit_events, agentaudit_origins, agentaudit_tiles TO agentaudit_writer;
GRANT UPDATE (hashes) ON agentaudit_tiles TO agentaudit_writer;
GRANT UPDATE (last_id, last_recorded_at, clock_behind) ON agentaudit_trail TO agentaudit_writer;
GRANT EXECUTE ON FUNCTION agentaudit_add_month(text, bigint, bigint) TO agentaudit_writer;
GRANT DELETE ON agentaudit_events, agentaudit_origins TO agentaudit_pruner;
)";
constexpr std::string_view count_grants = R"(
GRANT SELECT ON agentaudit_series, agentaudit_counts TO agentaudit_reader;
GRANT INSERT ON agentaudit_series, agentaudit_counts TO agentaudit_writer;
GRANT UPDATE (events) ON agentaudit_counts TO agentaudit_writer;
GRANT DELETE ON agentaudit_series, agentaudit_counts TO agentaudit_pruner;
)";
constexpr std::string_view keeping_grants = R"(
GRANT SELECT ON agentaudit_checkpoints, agentaudit_holds, agentaudit_retention
  TO agentaudit_reader;
GRANT SELECT ON agentaudit_status_counts TO agentaudit_reader;
GRANT INSERT ON agentaudit_status_counts TO agentaudit_writer;
GRANT UPDATE (events) ON agentaudit_status_counts TO agentaudit_writer;
GRANT DELETE ON agentaudit_status_counts TO agentaudit_pruner;
GRANT INSERT, UPDATE, DELETE ON agentaudit_checkpoints TO agentaudit_writer;
GRANT UPDATE (sealed_by) ON agentaudit_trail TO agentaudit_writer;
GRANT INSERT, DELETE ON agentaudit_holds TO agentaudit_pruner;
GRANT UPDATE (last_hold) ON agentaudit_trail TO agentaudit_pruner;
GRANT INSERT, UPDATE, DELETE ON agentaudit_retention TO agentaudit_pruner;
GRANT UPDATE (summary, detail, nonce, erased_summary, erased_detail) ON agentaudit_events
  TO agentaudit_pruner;
)";

constexpr std::string_view trigram_extension = "CREATE EXTENSION IF NOT EXISTS pg_trgm";
constexpr std::string_view trigram_schema =
    "SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace"
    " WHERE e.extname = 'pg_trgm'";

// Of any two that make the tables at the same time, one waits and finds them made.
constexpr std::string_view lock_creation =
    "BEGIN; SELECT pg_advisory_xact_lock(hashtext('agentaudit ' || current_schema()))";

bool is_name(std::string_view name) {
  constexpr std::size_t bytes_max = 63;
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
  return name.size() <= bytes_max && is_letter(name[0]) &&
         std::all_of(name.begin(), name.end(),
                     [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

std::int64_t ns_of(std::chrono::year_month month) {
  const std::chrono::sys_days day = month / std::chrono::day(1);
  return std::chrono::nanoseconds(day.time_since_epoch()).count();
}

std::chrono::year_month month_at(Timestamp timestamp) {
  const year_month_day day(std::chrono::floor<std::chrono::days>(timestamp.time()));
  return day.year() / day.month();
}

std::string trigram_index(std::string_view operators) {
  std::string index = "CREATE INDEX agentaudit_events_text ON agentaudit_events USING gin (";
  for (const std::string_view column : {"summary", "target", "detail"}) {
    if (index.back() != '(') index += ", ";
    index.append("lower(").append(column).append(" COLLATE \"C\") ").append(operators);
  }
  return index + ')';
}

// Searches are faster with it. Where it may not be made, they do without.
Result<void> add_trigrams(PostgresConnection& connection) {
  if (auto saved = connection.run("SAVEPOINT trigrams"); !saved) return saved;
  const auto add = [&]() -> Result<void> {
    if (auto made = connection.run(std::string(trigram_extension)); !made) return made;
    const auto schema = connection.ask(std::string(trigram_schema));
    if (!schema) return fail(schema.error());
    std::string operators = "\"";
    operators.append(schema->row(0).bytes()).append("\".gin_trgm_ops");
    return connection.run(trigram_index(operators));
  };
  if (add()) return {};
  return connection.run("ROLLBACK TO SAVEPOINT trigrams");
}

// In a transaction that only one at a time has.
Result<void> alone(PostgresConnection& connection, const std::function<Result<void>()>& work) {
  if (auto begun = connection.run(std::string(lock_creation)); !begun) return begun;
  auto done = work();
  if (done) return connection.run("COMMIT");
  (void)connection.run("ROLLBACK");
  return done;
}

Result<void> create_tables(PostgresConnection& connection) {
  std::array<char, 16> trail_id{};
  if (auto filled = random_bytes(trail_id); !filled) return filled;
  return alone(connection, [&]() -> Result<void> {
    const auto there = connection.number(
        "SELECT count(*) FROM pg_class WHERE oid = to_regclass('agentaudit_trail')");
    if (!there) return fail(there.error());
    if (*there > 0) return {};
    auto made = connection.run(
        std::string(tables).append(count_tables).append(keeping_tables).append(recount_function()));
    if (!made) return made;
    if (auto added = add_trigrams(connection); !added) return added;
    return connection.run("INSERT INTO agentaudit_trail(format, trail_id, created) VALUES (" +
                          std::to_string(format) + ", '" +
                          to_hex({trail_id.data(), trail_id.size()}) + "', " +
                          postgres_sql::int64(Timestamp::now().ns()) + ")");
  });
}

// What a format has more than the one before it.
Result<void> add_format(PostgresConnection& connection, std::string_view made,
                        std::string_view granted) {
  if (auto done = connection.run(std::string(made)); !done) return done;
  const auto roles_there = connection.number(
      "SELECT count(*) FROM pg_roles WHERE rolname = 'agentaudit_writer'"
      " AND has_table_privilege(rolname, 'agentaudit_events', 'INSERT')");
  if (!roles_there) return fail(roles_there.error());
  return *roles_there == 0 ? Result<void>() : connection.run(std::string(granted));
}

// Brings the tables of an older format to this one.
Result<void> migrate(PostgresConnection& connection) {
  return alone(connection, [&]() -> Result<void> {
    const auto version = connection.number("SELECT format FROM agentaudit_trail FOR UPDATE");
    if (!version) return fail(version.error());
    if (*version < 2) {
      auto added = add_format(connection, count_tables, count_grants);
      if (!added) return added;
    }
    if (*version < 3) {
      auto added = add_format(connection, keeping_tables, keeping_grants);
      if (!added) return added;
    }
    if (auto made = connection.run(recount_function()); !made) return made;
    auto counted = connection.run(*version < 2 ? "SELECT agentaudit_recount()"
                                               : std::string(fill_status_counts));
    if (!counted) return counted;
    return connection.run("UPDATE agentaudit_trail SET format = " + std::to_string(format));
  });
}

}  // namespace

Result<std::string> ddl(const std::string& schema) {
  std::string text = "BEGIN;\n";
  if (!schema.empty()) {
    if (!is_name(schema)) {
      return fail(ErrorCode::invalid_argument,
                  "\"" + schema + "\" is no name; take lower-case letters, digits and _");
    }
    text.append("CREATE SCHEMA IF NOT EXISTS ").append(schema).append(";\n");
    text.append("SET LOCAL search_path = ").append(schema).append(", public;\n");
  }
  text.append(tables.substr(1))
      .append(count_tables.substr(1))
      .append(keeping_tables.substr(1))
      .append(recount_function())
      .append(trigram_extension)
      .append(" SCHEMA public;\n");
  text.append(trigram_index("gin_trgm_ops")).append(";\n");
  text.append("INSERT INTO agentaudit_trail(format, trail_id, created) VALUES (");
  text.append(std::to_string(format)).append(", replace(gen_random_uuid()::text, '-', ''),\n");
  text.append("  (extract(epoch FROM now()) * 1000000000)::bigint);\n");
  return text.append(roles.substr(1))
      .append(count_grants.substr(1))
      .append(keeping_grants.substr(1))
      .append("COMMIT;\n");
}

Result<void> ensure(PostgresConnection& connection, bool create) {
  const auto there = connection.number(
      "SELECT count(*) FROM pg_class WHERE oid = to_regclass('agentaudit_trail')");
  if (!there) return fail(there.error());
  if (*there == 0) {
    if (!create) {
      return fail(ErrorCode::not_found, "there is no trail in the database at " +
                                            connection.server() +
                                            " (no table agentaudit_trail on its search_path)");
    }
    if (auto created = create_tables(connection); !created) return created;
  }
  auto version = connection.number("SELECT format FROM agentaudit_trail");
  if (version && *version >= 1 && *version < format) {
    const std::string way_out = "the trail in the database at " + connection.server() +
                                " has format " + std::to_string(*version) +
                                ": `agentaudit record` as the tables' owner brings "
                                "it to " +
                                std::to_string(format);
    if (!create) return fail(ErrorCode::read_only, way_out);
    if (auto migrated = migrate(connection); !migrated) {
      if (migrated.error().code != ErrorCode::permission) return migrated;
      return fail(ErrorCode::permission, way_out + " (" + migrated.error().message + ")");
    }
    version = connection.number("SELECT format FROM agentaudit_trail");
  }
  if (!version) return fail(version.error());
  if (*version == format) return {};
  return fail(*version > format ? ErrorCode::newer_version : ErrorCode::corrupt,
              "the trail in the database at " + connection.server() + " has format " +
                  std::to_string(*version) + "; this agentaudit knows " + std::to_string(format) +
                  (*version > format ? ". Take a newer one" : " alone"));
}

Result<Month> month_of(Timestamp timestamp, Timestamp now) {
  constexpr std::chrono::year_month first_month(std::chrono::year(2000), std::chrono::month(1));
  const std::chrono::year_month month = month_at(timestamp);
  const std::chrono::year_month last_month = month_at(now) + std::chrono::months(1);
  if (month < first_month || month > last_month) {
    return fail(ErrorCode::not_found, "no month is kept for " + timestamp.to_string());
  }
  std::array<char, 32> name{};
  (void)std::snprintf(name.data(), name.size(), "agentaudit_events_%04d_%02u",
                      static_cast<int>(month.year()), static_cast<unsigned>(month.month()));
  return Month{
      .first = ns_of(month), .end = ns_of(month + std::chrono::months(1)), .name = name.data()};
}

Result<void> add_month(PostgresConnection& connection, const Month& month) {
  const std::string first = postgres_sql::int64(month.first);
  const std::string end = postgres_sql::int64(month.end);
  const auto made = connection.ask("SELECT agentaudit_add_month('" + month.name + "', " + first +
                                   ", " + end + ")");
  if (!made) return fail(made.error());
  return {};
}

Result<void> find_months_before(PostgresConnection& connection, Timestamp cutoff,
                                std::vector<std::string>& names) {
  const auto rows = connection.ask(
      "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
      " WHERE i.inhparent = to_regclass('agentaudit_events') AND c.relname ~ '_[0-9]{4}_[0-9]{2}$'"
      " ORDER BY c.relname");
  if (!rows) return fail(rows.error());
  names.clear();
  for (int row = 0; row < rows->size(); ++row) {
    const std::string name(rows->row(row).bytes());
    int year = 0;
    unsigned month = 0;
    // The question took names that end with _YYYY_MM alone.
    const char* const end = name.data() + name.size();
    std::from_chars(end - 7, end - 3, year);
    std::from_chars(end - 2, end, month);
    const std::chrono::year_month of = std::chrono::year(year) / std::chrono::month(month);
    if (of.ok() && ns_of(of + std::chrono::months(1)) <= cutoff.ns()) names.push_back(name);
  }
  return {};
}

}  // namespace agentaudit::postgres_schema
