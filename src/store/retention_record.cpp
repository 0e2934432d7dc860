#include "store/retention_record.h"

#include <algorithm>
#include <string>

#include "agentaudit/core/names.h"
#include "store/trail_record.h"

namespace agentaudit {
namespace {

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
                std::string_view trail_id) {
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

}  // namespace

Result<Event> retention_set_record(const std::vector<RetentionRule>& rules,
                                   const RetentionOpts& opts, std::string_view trail_id) {
  if (opts.category.empty()) return fail(ErrorCode::invalid_argument, "the category is empty");
  if (opts.days < 1 || opts.days > retention_days_max) {
    return fail(ErrorCode::invalid_argument, std::to_string(opts.days) +
                                                 " days is not between 1 and " +
                                                 std::to_string(retention_days_max));
  }
  if (!opts.force) {
    auto checked = check_minimum(rules, opts.category, opts.days);
    if (!checked) return fail(checked.error());
  }
  return record_of(opts, opts.days, find_rule(rules, opts.category), trail_id);
}

Result<Event> retention_unset_record(const std::vector<RetentionRule>& rules,
                                     const RetentionOpts& opts, std::string_view trail_id) {
  const RetentionRule* const rule = find_rule(rules, opts.category);
  if (rule == nullptr) {
    return fail(ErrorCode::not_found, "there is no retention rule for " + opts.category);
  }
  // What then holds for the category.
  const RetentionRule* const others = find_rule(rules, any_category);
  if (!opts.force && others != nullptr && others != rule) {
    auto checked = check_minimum(rules, opts.category, others->days);
    if (!checked) return fail(checked.error());
  }
  return record_of(opts, 0, rule, trail_id);
}

}  // namespace agentaudit
