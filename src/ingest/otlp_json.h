// OTLP in JSON: a body as records.
#pragma once

#include <string_view>

#include "ingest/otlp_record.h"

namespace agentaudit {

// Errors: parse (no JSON, or not of the shape of a request), too_large.
[[nodiscard]] Result<void> read_otlp_json(std::string_view body, OtlpRecords wanted,
                                          OtlpVisitor& visitor);

}  // namespace agentaudit
