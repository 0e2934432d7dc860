// Any bytes as the protobuf body of a request, of spans or of log records: the first byte
// says which.
#include "fuzz_check.h"
#include "otlp_promises.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace agentaudit;
  if (size == 0) return 0;
  const bool logs = data[0] % 2 != 0;
  check_otlp_promises(text_of(data + 1, size - 1), OtlpEncoding::protobuf, logs);
  return 0;
}
