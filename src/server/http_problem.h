// Errors as problem details (RFC 9457).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agentaudit/core/result.h"
#include "server/http_message.h"

namespace agentaudit {

// `application/problem+json` with `status`, `title` (the status' own) and `detail`;
// `errors`, if there are any, are a list of texts.
[[nodiscard]] HttpResponse problem(int status, std::string_view detail,
                                   const std::vector<std::string>& errors = {});
// By the error's code: 400, 404, 413 … What may pass is 503 with Retry-After.
[[nodiscard]] HttpResponse problem(const Error& error);

// 503 with Retry-After: what may pass.
[[nodiscard]] HttpResponse busy_problem(std::string_view detail);
// The same where memory has run out: without a word, if even that needs too much.
[[nodiscard]] HttpResponse out_of_memory_problem() noexcept;
// Of a body that cannot be unpacked: 415 where its encoding is not one that is taken.
[[nodiscard]] HttpResponse body_problem(const Error& error);

// The reason phrase of a status.
[[nodiscard]] std::string_view status_title(int status) noexcept;

}  // namespace agentaudit
