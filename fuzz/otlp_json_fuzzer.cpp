// Any bytes as the JSON body of a request, of spans or of log records.
#include "fuzz_check.h"
#include "otlp_promises.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace agentaudit;
  const std::string_view body = text_of(data, size);
  check_otlp_promises(body, OtlpEncoding::json, body.find("resourceLogs") != body.npos);
  return 0;
}
