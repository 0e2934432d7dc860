// The cursor of a page: where it ended, as text.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "agentaudit/core/query.h"

namespace agentaudit {

struct ListCursor {
  Timestamp timestamp;  // not used by Order::commit
  EventId id = 0;

  // `n:TIMESTAMP_NS:ID` newest first, `o:…` oldest first, the bare ID in commit order.
  [[nodiscard]] std::string to_string(Order order) const;

  // Errors: invalid_argument: not a cursor, or one of another order.
  [[nodiscard]] static Result<ListCursor> parse(std::string_view text, Order order);
};

}  // namespace agentaudit
