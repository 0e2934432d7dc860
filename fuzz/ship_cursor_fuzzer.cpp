// Any bytes as the cursor of `ship`: what is one is written as it was read.
#include "cli/ship_cursor.h"
#include "fuzz_check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace agentaudit;  // NOLINT(google-build-using-namespace)
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto cursor = ShipCursor::parse(text);
  if (!cursor) return 0;
  check(cursor->last_id >= 0 && cursor->bytes >= 0, "numbers are whole");
  check(ShipCursor::parse(cursor->to_string()) == *cursor, "it is written as it was read");
  return 0;
}
