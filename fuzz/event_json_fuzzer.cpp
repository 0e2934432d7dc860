// An event that was read is the same after it was written and read again.
#include "agentaudit/core/event_json.h"
#include "fuzz_check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace agentaudit;
  auto event = event_from_json(text_of(data, size));
  if (!event) {
    check(!event.error().message.empty(), "an error says what is wrong");
    return 0;
  }
  const std::string json = to_json(*event);
  const auto again = event_from_json(json);
  check(again.has_value(), "what was written can be read");
  check(*again == *event, "what was written is what is read");
  check(to_json(*again) == json, "the same event is written the same way");
  (void)cut_to_limit(*event);
  check(check_limits(*event).has_value(), "an event that was cut is within the limit");
  return 0;
}
