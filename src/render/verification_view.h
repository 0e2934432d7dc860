// What a check of the ledger found, for people.
#pragma once

#include <string>

#include "agentaudit/core/verification.h"
#include "render/colour.h"

namespace agentaudit {

// The verdict, what it rests on, and the first findings, each on a line of its own.
[[nodiscard]] std::string verification_view(const Verification& result, const TerminalStyle& style);

}  // namespace agentaudit
