#include "store/sqlite_retention.h"

#include <algorithm>

#include "agentaudit/core/names.h"
#include "store/sqlite_record.h"
#include "store/sqlite_scan.h"
#include "store/sqlite_schema.h"

namespace agentaudit {
namespace {

constexpr std::string_view rules_sql = "SELECT category, days FROM retention ORDER BY category";
constexpr std::string_view set_sql =
    "INSERT INTO retention(category, days) VALUES (?1, ?2)"
    " ON CONFLICT(category) DO UPDATE SET days = excluded.days";
constexpr std::string_view unset_sql = "DELETE FROM retention WHERE category = ?1";

const RetentionRule* find_rule(const std::vector<RetentionRule>& rules, std::string_view category) {
  const auto found = std::ranges::find(rules, category, &RetentionRule::category);
  return found == rules.end() ? nullptr : &*found;
}

// Whether events that tell of oversight would be kept for too short a time from now on.
Result<void> check_minimum(const std::vector<RetentionRule>& rules, const std::string& category,
                           std::int64_t days) {
  for (const std::string_view kept : {category::approval, category::safety}) {
    const bool covers =
        category == kept || (category == any_category && find_rule(rules, kept) == nullptr);
    if (!covers || days >= retention_days_min) continue;
    return fail(ErrorCode::invalid_argument,
                "events of category " + std::string(kept) + " would be kept for " +
                    std::to_string(days) + (days == 1 ? " day" : " days") +
                    ", and the EU AI Act (Art. 19 and 26) wants at " + "least six months, " +
                    std::to_string(retention_days_min) + " days; --force does it all the same");
  }
  return {};
}

// `days`: 0 where the rule is taken back.
Event record_of(const RetentionOpts& opts, std::int64_t days, const RetentionRule* before,
                const std::string& trail_id) {
  Event record = trail_record(action::retention_changed, opts.principal);
  const std::string name = opts.category == any_category ? "all other categories" : opts.category;
  record.summary = days == 0 ? "took back the retention of " + name
                             : "set the retention of " + name + " to " + std::to_string(days) +
                                   (days == 1 ? " day" : " days");
  // The category is not empty, so a member comes first.
  std::string members;
  append_member(members, "category", opts.category);
  record.detail = '{' + members.substr(1) + R"(,"days":)" +
                  (days == 0 ? "null" : std::to_string(days)) + R"(,"days_before":)" +
                  (before == nullptr ? "null" : std::to_string(before->days));
  if (opts.force) record.detail += R"(,"forced":true)";
  append_member(record.detail, "trail", trail_id);
  record.detail += '}';
  return record;
}

Result<void> change(SqliteConnection& connection, SqliteWriter& writer, const RetentionOpts& opts,
                    std::int64_t days, const RetentionRule* before) {
  const auto trail_id = sqlite_schema::trail_id(connection);
  if (!trail_id) return fail(trail_id.error());
  return append_record(writer, record_of(opts, days, before, *trail_id), [&]() -> Result<void> {
    auto statement = connection.prepare(days == 0 ? unset_sql : set_sql);
    if (!statement) return fail(statement.error());
    statement->bind_text(1, opts.category);
    if (days > 0) statement->bind(2, days);
    return statement->run();
  });
}

}  // namespace

Result<std::vector<RetentionRule>> sqlite_retention(SqliteConnection& connection) {
  auto transaction = SqliteTransaction::begin_read(connection);
  if (!transaction) return fail(transaction.error());
  const auto there = sqlite_schema::has_table(connection, "retention");
  if (!there) return fail(there.error());
  std::vector<RetentionRule> rules;
  // A trail of a version that has none.
  if (!*there) return rules;
  auto select = connection.prepare(rules_sql);
  if (!select) return fail(select.error());
  auto done = for_each_row(*select, [&](const SqliteStatement& row) -> Result<void> {
    rules.push_back({.category = std::string(row.bytes(0)), .days = row.integer(1)});
    return {};
  });
  if (!done) return fail(done.error());
  return rules;
}

Result<void> sqlite_set_retention(SqliteConnection& connection, SqliteWriter& writer,
                                  const RetentionOpts& opts) {
  if (opts.category.empty()) return fail(ErrorCode::invalid_argument, "the category is empty");
  if (opts.days < 1 || opts.days > retention_days_max) {
    return fail(ErrorCode::invalid_argument, std::to_string(opts.days) +
                                                 " days is not between 1 and " +
                                                 std::to_string(retention_days_max));
  }
  const auto rules = sqlite_retention(connection);
  if (!rules) return fail(rules.error());
  if (!opts.force) {
    auto checked = check_minimum(*rules, opts.category, opts.days);
    if (!checked) return checked;
  }
  return change(connection, writer, opts, opts.days, find_rule(*rules, opts.category));
}

Result<void> sqlite_unset_retention(SqliteConnection& connection, SqliteWriter& writer,
                                    const RetentionOpts& opts) {
  const auto rules = sqlite_retention(connection);
  if (!rules) return fail(rules.error());
  const RetentionRule* const rule = find_rule(*rules, opts.category);
  if (rule == nullptr) {
    return fail(ErrorCode::not_found, "there is no retention rule for " + opts.category);
  }
  // What then holds for the category.
  const RetentionRule* const others = find_rule(*rules, any_category);
  if (!opts.force && others != nullptr && others != rule) {
    auto checked = check_minimum(*rules, opts.category, others->days);
    if (!checked) return checked;
  }
  return change(connection, writer, opts, 0, rule);
}

}  // namespace agentaudit
