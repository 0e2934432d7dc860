// Any bytes as a batch that waited beside the trail: what is read is written as the same
// batch again.
#include "ingest/otlp_batch_bytes.h"

#include <string>

#include "fuzz_check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace agentaudit;
  const auto batch = read_otlp_batch(text_of(data, size));
  if (!batch) {
    check(batch.error().code == ErrorCode::corrupt, "documented errors");
    check(!batch.error().message.empty(), "an error says what is wrong");
    return 0;
  }
  std::string written;
  append_otlp_batch(written, *batch);
  check(written.size() == size, "what was read has the length of what is written");
  const auto again = read_otlp_batch(written);
  check(again.has_value(), "what was written is read");
  std::string twice;
  append_otlp_batch(twice, *again);
  check(twice == written, "what was written is what is read");
  return 0;
}
