#include "cli/trouble.h"

namespace agentaudit {

ExitStatus exit_status_of(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::invalid_argument: return ExitStatus::usage;
    case ErrorCode::cancelled: return ExitStatus::interrupted;
    default: return ExitStatus::unusable;
  }
}

ExitStatus report(Context& context, const Error& error) {
  context.out.flush();
  context.talk.complain(error.code == ErrorCode::cancelled ? "interrupted" : error.message);
  return exit_status_of(error.code);
}

}  // namespace agentaudit
