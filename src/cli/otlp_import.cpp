#include "cli/otlp_import.h"

#include <utility>

#include "agentaudit/core/limits.h"
#include "core/gzip.h"

namespace agentaudit {
namespace {

std::string_view name_of(OtlpSignal signal) {
  switch (signal) {
    case OtlpSignal::traces: return "spans";
    case OtlpSignal::logs: return "log records";
    case OtlpSignal::metrics: return "metrics";
  }
  return "something else";
}

// How it would be taken; metrics never are.
std::string way_out(OtlpSignal signal) {
  if (signal == OtlpSignal::traces) return "; --format otlp-traces takes them";
  if (signal == OtlpSignal::logs) return "; --format otlp-logs takes them";
  return {};
}

// A file has no time in which what belongs together would come.
constexpr OtlpAssembler::TimePoint any_time{};

}  // namespace

Result<OtlpImported> OtlpImport::add(std::string_view body, OtlpSignal wanted) {
  std::string unzipped;
  if (is_gzip(body)) {
    auto text = gunzip(body, limits::body_bytes_max);
    if (!text) return fail(std::move(text.error()));
    unzipped = std::move(*text);
    body = unzipped;
  }
  const OtlpContent content = recognise_otlp(body);
  if (content.signal && *content.signal != wanted) {
    return OtlpImported{.passed_over = "passed over: it holds OTLP " +
                                       std::string(name_of(*content.signal)) + ", not " +
                                       std::string(name_of(wanted)) + way_out(*content.signal)};
  }
  auto batch = wanted == OtlpSignal::logs ? decode_otlp_logs(body, content.encoding)
                                          : decode_otlp_traces(body, content.encoding);
  if (!batch) return fail(std::move(batch.error()));
  OtlpImported imported{.rejected = batch->rejected, .reasons = std::move(batch->reasons)};
  assembler_.add(std::move(*batch), any_time);
  return imported;
}

std::vector<KeyedEvent> OtlpImport::take() { return assembler_.take_ready(any_time); }

std::vector<KeyedEvent> OtlpImport::finish() { return assembler_.flush(); }

std::int64_t OtlpImport::repeated() const { return assembler_.counters().repeated; }

}  // namespace agentaudit
