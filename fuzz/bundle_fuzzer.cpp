// What verify calls an intact and signed bundle says nothing but what the signed trail holds.
// The seeds are of the golden trail.
#include "agentaudit/ledger/bundle.h"

#include <set>
#include <string>

#include "core/json_value.h"
#include "fuzz_check.h"
#include "golden_trail.h"

namespace agentaudit {
namespace {

// All that may be said: each event as it is, or without summary, detail or both.
struct Truth {
  std::string trail_id;
  std::string root;
  std::int64_t size = 0;
  std::set<std::string> events{};

  static Truth of_golden_trail() {
    const GoldenTrail trail;
    const auto store = trail.open().value();
    Truth truth;
    for (const int hidden : {0, 1, 2, 3}) {
      for (EventId id = 1; id <= 9; ++id) {
        const auto json = store->bundle(
            {.ids = {id}, .hide_summary = (hidden & 1) != 0, .hide_detail = (hidden & 2) != 0});
        if (!json) continue;  // it was pruned
        const auto verified = verify_bundle(*json, {GoldenTrail::public_key}).value();
        check(verified.verdict == Verdict::intact, "a true bundle is intact");
        truth.trail_id = verified.trail_id;
        truth.root = verified.root;
        truth.size = verified.leaves;
        const auto document = JsonDocument::parse(*json).value();
        for (const JsonValue& event : document.root().find("events")->items) {
          truth.events.insert(said_of(event));
        }
      }
    }
    check(truth.events.size() > 8, "the golden trail has its events");
    return truth;
  }

  static std::string said_of(const JsonValue& event) {
    return std::string(event.find("event")->raw) + ' ' +
           std::string(event.string_at("recorded_at"));
  }
};

}  // namespace
}  // namespace agentaudit

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace agentaudit;
  static const Truth truth = Truth::of_golden_trail();
  const std::string_view input = text_of(data, size);
  const auto unsigned_result = verify_bundle(input, {});
  const auto result = verify_bundle(input, {GoldenTrail::public_key});
  check(result.has_value() == unsigned_result.has_value(), "a key is not about what can be read");
  if (!result) {
    const ErrorCode code = result.error().code;
    check(code == ErrorCode::parse || code == ErrorCode::too_large, "documented errors");
    return 0;
  }
  check(unsigned_result->level == ProofLevel::unsigned_tree, "without a key nothing is signed");
  if (result->verdict != Verdict::intact) return 0;
  check(unsigned_result->verdict == Verdict::intact, "a key only asks for more");
  check(result->level == ProofLevel::signed_checkpoint, "what a key is asked for is signed");
  check(result->trail_id == truth.trail_id && result->root == truth.root &&
            result->leaves == truth.size,
        "no other tree is signed");
  const auto document = JsonDocument::parse(input).value();
  for (const JsonValue& event : document.root().find("events")->items) {
    check(truth.events.contains(Truth::said_of(event)), "an intact bundle says what is true");
  }
  return 0;
}
