// How a stream is cut into pieces makes no difference. The first byte of the input is
// the size of the pieces.
#include <algorithm>
#include <vector>

#include "agentaudit/ingest/json_lines.h"
#include "fuzz_check.h"

namespace agentaudit {
namespace {

std::vector<JsonLine> read(std::string_view text, std::size_t piece_bytes) {
  JsonLinesReader reader;
  std::vector<JsonLine> lines;
  const auto take_all = [&] {
    while (auto line = reader.next()) lines.push_back(std::move(*line));
  };
  while (!text.empty()) {
    const std::size_t bytes = std::min(piece_bytes, text.size());
    reader.feed(text.substr(0, bytes));
    text.remove_prefix(bytes);
    take_all();
  }
  reader.finish();
  take_all();
  return lines;
}

void check_same(const JsonLine& a, const JsonLine& b) {
  check(a.number == b.number && a.offset_bytes == b.offset_bytes, "lines stand where they stood");
  check(a.event.has_value() == b.event.has_value(), "lines are as good as they were");
  if (a.event) {
    check(*a.event == *b.event, "events are the same");
  } else {
    check(a.event.error().message == b.event.error().message, "errors are the same");
  }
}

}  // namespace
}  // namespace agentaudit

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace agentaudit;
  if (size == 0) return 0;
  const std::string_view text = text_of(data + 1, size - 1);
  const auto whole = read(text, std::max<std::size_t>(text.size(), 1));
  const auto pieces = read(text, data[0] + std::size_t{1});
  check(whole.size() == pieces.size(), "there are as many lines");
  for (std::size_t i = 0; i < whole.size(); ++i) check_same(whole[i], pieces[i]);
  const auto line_ends = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  check(whole.size() <= line_ends + 1, "no line is reported twice");
  return 0;
}
