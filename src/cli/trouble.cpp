#include "cli/trouble.h"

#include <utility>

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

ExitStatus report_or_refuse(Context& context, const Error& error) {
  const ExitStatus status = report(context, error);
  return error.code == ErrorCode::not_found ? ExitStatus::refused : status;
}

ExitStatus report_wrong_use(Context& context, std::string why) {
  return report(context, {.code = ErrorCode::invalid_argument, .message = std::move(why)});
}

}  // namespace agentaudit
