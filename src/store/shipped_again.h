// What is shipped again must be what came before.
#pragma once

#include <span>
#include <string_view>

#include "agentaudit/store/store.h"

namespace agentaudit {

// Compares those events of a trail that are not new with what the store has of them; `inserted`
// is the store's answer to insert_new. Texts that were erased here or there may differ. Errors:
// corrupt (one arrived before as another: the trail was forked), and those of Store::recorded.
[[nodiscard]] Result<void> check_shipped_again(Store& store, std::string_view trail_id,
                                               std::span<const RecordedEvent> events,
                                               const InsertedNew& inserted);

}  // namespace agentaudit
