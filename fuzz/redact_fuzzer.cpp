// Any bytes as detail and summary: what is JSON stays JSON, and doing it twice changes
// nothing. The first byte chooses the rules.
#include "agentaudit/redact/redactor.h"
#include "core/json_value.h"
#include "fuzz_check.h"

namespace agentaudit {
namespace {

std::shared_ptr<const Redactor> made(RedactorOptions options) {
  options.key = [] { return RedactionKey{}; };
  options.time_max = std::chrono::hours(1);
  return *Redactor::create(std::move(options));
}

bool is_json(std::string_view text) { return JsonDocument::parse(text, 0).has_value(); }

}  // namespace
}  // namespace agentaudit

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace agentaudit;
  static const auto usual = made({});
  // Such as match across everything, and into each other's marks.
  static const auto wild = made({.rules = {{.kind = "wide", .pattern = "(?s)a.*b"},
                                           {.kind = "digits", .pattern = "[0-9]+"},
                                           {.kind = "edge", .pattern = R"(\bc+)"},
                                           {.kind = "mark", .pattern = "RED|ACT|[0-9a-f]{3}"},
                                           {.kind = "symbol", .pattern = R"([]["\\:,{}]{2})"}}});
  std::string_view text = text_of(data, size);
  const Redactor& redactor = !text.empty() && text.front() == 'w' ? *wild : *usual;
  if (!text.empty()) text.remove_prefix(1);

  Event event;
  event.summary = text;
  event.detail = text;
  const RedactionReport report = redactor.redact(event);
  check(report.texts_dropped == 0 || &redactor == wild.get(), "what is short is searched");
  check(!report.is_clean() || (event.summary == text && event.detail == text),
        "what has no secret stays");
  check(!is_json(text) || is_json(event.detail), "JSON stays JSON");
  Event again = event;
  check(redactor.redact(again).is_clean() && again == event, "doing it twice changes nothing");
  return 0;
}
