#include <array>
#include <string>

#include "cli/command_line.h"
#include "cli/command_table.h"
#include "cli/trouble.h"
#include "store/clickhouse_schema.h"
#include "store/postgres_schema.h"

namespace agentaudit {
namespace {

struct SchemaOptions {
  std::string database;
  std::string cluster;
  std::string schema;
};

struct SchemaKind {
  std::string_view name;
  Result<std::string> (*ddl)(const SchemaOptions& options);
};

Result<std::string> clickhouse_ddl(const SchemaOptions& options) {
  if (!options.schema.empty()) {
    return fail(ErrorCode::invalid_argument, "--schema is for postgres");
  }
  clickhouse_schema::Options named;
  if (!options.database.empty()) named.database = options.database;
  named.cluster = options.cluster;
  return clickhouse_schema::ddl(named);
}

Result<std::string> postgres_ddl(const SchemaOptions& options) {
  if (!options.database.empty() || !options.cluster.empty()) {
    return fail(ErrorCode::invalid_argument, "--database and --cluster are for clickhouse");
  }
  return postgres_schema::ddl(options.schema);
}

constexpr std::array kinds = {SchemaKind{.name = "clickhouse", .ddl = clickhouse_ddl},
                              SchemaKind{.name = "postgres", .ddl = postgres_ddl}};

class SchemaCommand final : public Command {
 public:
  void declare(CommandLine& line) override {
    OptionSpec& kind = line.argument("KIND", kind_, "Of which database: clickhouse or postgres");
    kind.required = true;
    for (const SchemaKind& known : kinds) kind.choices.emplace_back(known.name);
    line.option({"--database"}, "NAME", options_.database,
                "ClickHouse's database (default agentaudit)");
    line.option({"--cluster"}, "NAME", options_.cluster,
                "For a cluster of ClickHouse's of that name: replicated tables, sharded by trail");
    line.option({"--schema"}, "NAME", options_.schema,
                "PostgreSQL's schema (default the first of the search_path)");
  }

  ExitStatus run(Context& context) override {
    for (const SchemaKind& kind : kinds) {
      if (kind.name != kind_) continue;
      const auto ddl = kind.ddl(options_);
      if (!ddl) return report(context, ddl.error());
      context.out.write(*ddl);
    }
    return ExitStatus::ok;
  }

 private:
  std::string kind_;
  SchemaOptions options_;
};

}  // namespace

const CommandEntry schema_command = {
    .name = "schema",
    .summary = "Print the tables that a database needs, as SQL",
    .text =
        "docs/clickhouse.md and docs/postgres.md explain them. Those of PostgreSQL are made by the "
        "first store that may; printed they come with roles that may only read, write or prune.",
    .examples =
        "agentaudit schema clickhouse | clickhouse-client -mn\n"
        "agentaudit schema clickhouse --cluster fleet --database audit\n"
        "agentaudit schema postgres --schema audit | psql",
    .create = []() -> std::unique_ptr<Command> { return std::make_unique<SchemaCommand>(); }};

}  // namespace agentaudit
