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
    PruneOpts& prune = prunes.emplace_back();
    prune.cutoff = now.minus(std::chrono::days(rule.days));
    if (rule.category == any_category) {
      prune.exclude_categories = with_rule;
    } else {
      prune.categories = {rule.category};
    }
  }
  return prunes;
}

}  // namespace agentaudit
