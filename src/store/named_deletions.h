// NamedDeletions: what a trail's own records say went, for a check of what is gone.
#pragma once

#include <map>
#include <string_view>
#include <vector>

#include "agentaudit/core/verification.h"
#include "store/id_ranges.h"
#include "store/trail_record.h"

namespace agentaudit {

// Not thread-safe.
class NamedDeletions {
 public:
  void add_pruned(const IdRanges& ids);
  void add_redacted(const ErasedTexts& texts);
  // What a `pruned` or `redacted` event of that trail names.
  void add(const EventView& record, std::string_view trail_id);

  // Sets pruned and redacted, and adds to the findings of integrity what no record names.
  // `gone` says what is wrong with missing ids: "gone", "not here".
  void account_for(const IdRanges& missing, const std::vector<ErasedTexts>& erased,
                   std::string_view gone, Verification& result) const;

 private:
  IdRanges pruned_;
  std::map<EventId, ErasedTexts> redacted_;
};

}  // namespace agentaudit
