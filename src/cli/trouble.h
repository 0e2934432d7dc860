// How a command ends that could not do what it was asked.
#pragma once

#include "agentaudit/core/result.h"
#include "cli/command.h"

namespace agentaudit {

// Says what is wrong and returns the exit status for it.
[[nodiscard]] ExitStatus report(Context& context, const Error& error);

[[nodiscard]] ExitStatus exit_status_of(ErrorCode code) noexcept;

}  // namespace agentaudit
