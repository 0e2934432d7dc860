#include "store/named_deletions.h"

#include <string>
#include <utility>

#include "agentaudit/core/names.h"
#include "store/verify_findings.h"

namespace agentaudit {

void NamedDeletions::add_pruned(const IdRanges& ids) { pruned_ = united(std::move(pruned_), ids); }

void NamedDeletions::add_redacted(const ErasedTexts& texts) {
  ErasedTexts& of = redacted_[texts.id];
  of.summary = of.summary || texts.summary;
  of.detail = of.detail || texts.detail;
}

void NamedDeletions::add(const EventView& record, std::string_view trail_id) {
  if (record.category != category::audit) return;
  if (record.action == action::pruned) add_pruned(pruned_ids(record, trail_id));
  if (record.action != action::redacted) return;
  if (const auto texts = redacted_texts(record, trail_id)) add_redacted(*texts);
}

void NamedDeletions::account_for(const IdRanges& missing, const std::vector<ErasedTexts>& erased,
                                 std::string_view gone, Verification& result) const {
  const IdRanges unnamed = without(missing, pruned_);
  result.pruned = count_ids(missing) - count_ids(unnamed);
  for (const IdRange& range : unnamed) {
    add_finding(result.integrity, range.first,
                range_text(range) + (range.first == range.last ? " is " : " are ") +
                    std::string(gone) + ", and no `pruned` event says so");
  }
  for (const ErasedTexts& texts : erased) {
    const auto named = redacted_.find(texts.id);
    if (named != redacted_.end() && (!texts.summary || named->second.summary) &&
        (!texts.detail || named->second.detail)) {
      ++result.redacted;
      continue;
    }
    add_finding(
        result.integrity, texts.id,
        "event " + std::to_string(texts.id) + " is redacted, and no `redacted` event says so");
  }
}

}  // namespace agentaudit
