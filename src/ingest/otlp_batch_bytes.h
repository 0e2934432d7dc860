// An OtlpBatch as bytes and back, for what waits for others to outlive the process.
// docs/otlp.md has the form.
#pragma once

#include <string>
#include <string_view>

#include "agentaudit/ingest/otlp.h"

namespace agentaudit {

// Without what only the answer to the request needs: records, rejected, reasons.
void append_otlp_batch(std::string& out, const OtlpBatch& batch);

// Errors: corrupt (the bytes are not such a batch, or of a form that a newer version writes).
[[nodiscard]] Result<OtlpBatch> read_otlp_batch(std::string_view bytes);

}  // namespace agentaudit
