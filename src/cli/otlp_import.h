// Bodies of OTLP requests, in files, as events.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "agentaudit/core/result.h"
#include "agentaudit/ingest/otlp.h"

namespace agentaudit {

// What one body gave.
struct OtlpImported {
  std::int64_t rejected = 0;
  std::vector<std::string> reasons = {};  // the first
  std::string passed_over = {};           // why the whole body was; empty: it was not
};

// Not thread-safe. Spans of one trace may be spread over bodies, so the events of the last
// ones come at the end.
class OtlpImport {
 public:
  // Takes a body, gzip or not, of either encoding. One of another signal is passed over.
  // Errors: too_large, parse.
  [[nodiscard]] Result<OtlpImported> add(std::string_view body, OtlpSignal wanted);

  // The events that are complete; at the end all.
  [[nodiscard]] std::vector<KeyedEvent> take();
  [[nodiscard]] std::vector<KeyedEvent> finish();

  // Events that came again while they waited.
  [[nodiscard]] std::int64_t repeated() const;

 private:
  OtlpAssembler assembler_;
};

}  // namespace agentaudit
