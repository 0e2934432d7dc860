// The filters of a question as JSON, for who has to know what was asked.
#pragma once

#include <string>

#include "agentaudit/core/query.h"

namespace agentaudit {

// {"agents":["…"],"since":"…"}: those that are set.
[[nodiscard]] std::string filter_json(const ListOpts& opts);

}  // namespace agentaudit
