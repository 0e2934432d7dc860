#include "agentaudit/store/retention.h"

#include <chrono>

namespace agentaudit {

std::vector<PruneOpts> retention_prunes(std::span<const RetentionRule> rules, Timestamp now) {
  std::vector<PruneOpts> prunes;
  std::vector<std::string> with_rule;
  for (const RetentionRule& rule : rules) {
    if (rule.category != any_category) with_rule.push_back(rule.category);
  }
  for (const RetentionRule& rule : rules) {
    const std::chrono::nanoseconds age = std::chrono::days(rule.days);
    PruneOpts& prune = prunes.emplace_back();
    std::int64_t cutoff_ns = 0;
    if (__builtin_sub_overflow(now.ns(), age.count(), &cutoff_ns)) cutoff_ns = INT64_MIN;
    prune.cutoff = Timestamp::from_ns(cutoff_ns);
    if (rule.category == any_category) {
      prune.exclude_categories = with_rule;
    } else {
      prune.categories = {rule.category};
    }
  }
  return prunes;
}

}  // namespace agentaudit
