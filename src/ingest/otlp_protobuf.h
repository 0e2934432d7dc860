// OTLP in protobuf: a body as records. The field numbers are those of
// opentelemetry-proto 1.x.
#pragma once

#include <string_view>

#include "ingest/otlp_record.h"

namespace agentaudit {

// Errors: parse (the outermost message is cut or has impossible fields).
[[nodiscard]] Result<void> read_otlp_protobuf(std::string_view body, OtlpRecords wanted,
                                              OtlpVisitor& visitor);

}  // namespace agentaudit
