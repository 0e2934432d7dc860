// How what a span or log record tells of ended.
#pragma once

#include <string_view>

#include "ingest/otlp_meaning.h"

namespace agentaudit {

// One of the four of names.h. `span_failed`: the span's status code is 2.
[[nodiscard]] std::string_view otlp_status(const OtlpMeaning& meaning, const OtlpFields& fields,
                                           bool span_failed);

}  // namespace agentaudit
