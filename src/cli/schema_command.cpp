#include <array>
#include <string>

#include "cli/command_line.h"
#include "cli/command_table.h"
#include "cli/trouble.h"
#include "store/clickhouse_schema.h"

namespace agentaudit {
namespace {

struct SchemaOptions {
  std::string database;
  std::string cluster;
};

struct SchemaKind {
  std::string_view name;
  Result<std::string> (*ddl)(const SchemaOptions& options);
};

Result<std::string> clickhouse_ddl(const SchemaOptions& options) {
  clickhouse_schema::Options named;
  if (!options.database.empty()) named.database = options.database;
  named.cluster = options.cluster;
  return clickhouse_schema::ddl(named);
}

constexpr std::array kinds = {SchemaKind{.name = "clickhouse", .ddl = clickhouse_ddl}};

class SchemaCommand final : public Command {
 public:
  void declare(CommandLine& line) override {
    OptionSpec& kind = line.argument("KIND", kind_, "Of which database: clickhouse");
    kind.required = true;
    for (const SchemaKind& known : kinds) kind.choices.emplace_back(known.name);
    line.option({"--database"}, "NAME", options_.database, "The database (default agentaudit)");
    line.option({"--cluster"}, "NAME", options_.cluster,
                "For a cluster of that name: replicated tables, sharded by trail");
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
    .summary = "Print the tables that a fleet's database needs",
    .text = "docs/clickhouse.md explains them.",
    .examples =
        "agentaudit schema clickhouse | clickhouse-client -mn\n"
        "agentaudit schema clickhouse --cluster fleet --database audit",
    .create = []() -> std::unique_ptr<Command> { return std::make_unique<SchemaCommand>(); }};

}  // namespace agentaudit
