// How a command ends that could not do what it was asked.
#pragma once

#include <string>

#include "agentaudit/core/result.h"
#include "cli/command.h"

namespace agentaudit {

// Says what is wrong and returns the exit status for it.
[[nodiscard]] ExitStatus report(Context& context, const Error& error);

// The same, but what is not there (not_found) was asked for in vain, which is no trouble with
// the trail: refused.
[[nodiscard]] ExitStatus report_or_refuse(Context& context, const Error& error);
// Says what is wrong with the command line: usage.
[[nodiscard]] ExitStatus report_wrong_use(Context& context, std::string why);

[[nodiscard]] ExitStatus exit_status_of(ErrorCode code) noexcept;

}  // namespace agentaudit
