// Any bytes as CSV: the records are the same in whichever pieces they come, and an event that is
// read is written and read again as it was.
#include <string>
#include <utility>
#include <vector>

#include "agentaudit/core/limits.h"
#include "agentaudit/render/csv.h"
#include "fuzz_check.h"

namespace agentaudit {
namespace {

struct Records {
  std::vector<std::pair<std::int64_t, Event>> events{};
  std::vector<std::pair<std::int64_t, std::string>> errors{};
  std::string end{};  // why there are no more; empty: the file was read

  friend bool operator==(const Records&, const Records&) = default;
};

Records records_of(std::string_view text, std::size_t piece_bytes) {
  Records records;
  const auto take = [&](std::int64_t line, Result<Event> event) {
    if (event) {
      records.events.emplace_back(line, std::move(*event));
      return;
    }
    const ErrorCode code = event.error().code;
    check(code == ErrorCode::parse || code == ErrorCode::too_large, "documented errors");
    records.errors.emplace_back(line, event.error().message);
  };
  const auto ends = [&](const Result<void>& read) {
    if (read) return false;
    check(read.error().code == ErrorCode::parse, "documented errors");
    check(!read.error().message.empty(), "an error says what is wrong");
    records.end = read.error().message;
    return true;
  };
  CsvReader reader;
  for (std::size_t at = 0; at < text.size(); at += piece_bytes) {
    if (ends(reader.read(text.substr(at, piece_bytes), take))) return records;
  }
  (void)ends(reader.finish(take));
  return records;
}

void check_written(const Records& records) {
  std::string written;
  append_csv_header(written);
  for (const auto& [line, event] : records.events) append_csv(written, event);
  const Records again = records_of(written, written.size());
  check(again.errors.empty() && again.end.empty(), "what was written is read");
  check(again.events.size() == records.events.size(), "no event is lost or added");
  for (std::size_t i = 0; i < again.events.size(); ++i) {
    check(again.events[i].second == records.events[i].second, "an event is written as it was read");
  }
}

}  // namespace
}  // namespace agentaudit

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace agentaudit;  // NOLINT(google-build-using-namespace)
  const std::string_view text = text_of(data, size);
  const Records records = records_of(text, text.size() + 1);
  check(records_of(text, 1) == records, "pieces change nothing");
  check_written(records);
  return 0;
}
