// Error and Result: how every fallible call of agentaudit reports.
//
//   agentaudit::Result<agentaudit::EventId> id = store->insert(event);
//   if (!id) log(id.error().message);
//
// Result is tl::expected; exceptions do not cross the API.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <tl/expected.hpp>

namespace agentaudit {

enum class ErrorCode {
  invalid_argument,  // a value that can never be accepted; the message names it
  too_large,         // over a documented limit
  parse,             // bytes that are not what they should be
  not_found,         // no such event, file or directory
  not_a_trail,       // a file that is something else; it was not touched
  newer_version,     // a trail written by a newer agentaudit; it was not touched
  corrupt,           // a trail that is damaged
  permission,        // the operating system refused
  read_only,         // a write to what was opened, mounted or set read-only
  busy,              // locked by another process for longer than the deadline; try again
  full,              // no space left on the device; try again when there is
  io,                // any other failure of the operating system; may pass
  closed,            // the object was closed, or belongs to the parent of this forked process
  deadline,          // not finished within its time limit
  cancelled,         // the caller's stop_token asked for it
  unsupported,       // not in this build or not for this store
};

// The code's name as written above, e.g. "too_large". Static storage.
[[nodiscard]] std::string_view to_string(ErrorCode code) noexcept;

// Whether the same call may succeed later without a change by the caller
// (busy, full, io, deadline and the like). What can never succeed is not transient.
[[nodiscard]] bool is_transient(ErrorCode code) noexcept;

// One error: a code for programs, and for people a sentence that names the bad
// value and the way out.
struct Error {
  ErrorCode code = ErrorCode::io;
  std::string message;
};

template <typename T>
using Result = tl::expected<T, Error>;

// Returns the error as the unexpected value of any Result.
[[nodiscard]] inline tl::unexpected<Error> fail(ErrorCode code, std::string message) {
  return tl::unexpected<Error>(Error{.code = code, .message = std::move(message)});
}
[[nodiscard]] inline tl::unexpected<Error> fail(Error error) {
  return tl::unexpected<Error>(std::move(error));
}

}  // namespace agentaudit
