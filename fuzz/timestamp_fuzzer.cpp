// A time that was read is the same after it was written and read again.
#include "agentaudit/core/timestamp.h"
#include "fuzz_check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace agentaudit;
  const auto timestamp = Timestamp::parse(text_of(data, size));
  if (!timestamp) {
    const ErrorCode code = timestamp.error().code;
    check(code == ErrorCode::parse || code == ErrorCode::invalid_argument, "documented errors");
    return 0;
  }
  const auto again = Timestamp::parse(timestamp->to_string());
  check(again.has_value(), "what was written can be read");
  check(*again == *timestamp, "what was written is what is read");
  return 0;
}
