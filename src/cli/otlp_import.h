// Bodies of OTLP requests, in files, as events.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
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
  [[nodiscard]] std::vector<Event> take();
  [[nodiscard]] std::vector<Event> finish();

  // Events that came again.
  [[nodiscard]] std::int64_t repeated() const;

 private:
  [[nodiscard]] std::vector<Event> first_ones(std::vector<KeyedEvent> keyed);

  OtlpAssembler assembler_;
  // The trail does not know origins: within one import each is taken once.
  std::unordered_set<std::string> taken_;
  std::int64_t repeated_ = 0;
};

}  // namespace agentaudit
