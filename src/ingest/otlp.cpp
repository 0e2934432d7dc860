#include "agentaudit/ingest/otlp.h"

#include <string>

#include "agentaudit/core/limits.h"
#include "ingest/otlp_event.h"
#include "ingest/otlp_json.h"
#include "ingest/otlp_protobuf.h"

namespace agentaudit {
namespace {

Result<OtlpBatch> decode(std::string_view body, OtlpEncoding encoding, OtlpRecords wanted) {
  if (body.size() > limits::body_bytes_max) {
    return fail(ErrorCode::too_large, "a body of " + std::to_string(body.size()) +
                                          " bytes, more than the limit of " +
                                          std::to_string(limits::body_bytes_max));
  }
  OtlpEvents events;
  auto read = encoding == OtlpEncoding::protobuf ? read_otlp_protobuf(body, wanted, events)
                                                 : read_otlp_json(body, wanted, events);
  if (!read) return fail(std::move(read.error()));
  return events.take();
}

}  // namespace

Result<OtlpBatch> decode_otlp_traces(std::string_view body, OtlpEncoding encoding) {
  return decode(body, encoding, OtlpRecords::spans);
}

Result<OtlpBatch> decode_otlp_logs(std::string_view body, OtlpEncoding encoding) {
  return decode(body, encoding, OtlpRecords::log_records);
}

}  // namespace agentaudit
