// Any bytes as what people type or paste: times, durations, sizes, ids, addresses of daemons,
// commands of a shell, and notes one after the other.
#include <algorithm>

#include "cli/anchor_file.h"
#include "cli/byte_expression.h"
#include "cli/daemon_url.h"
#include "cli/event_id.h"
#include "cli/shell_words.h"
#include "cli/time_expression.h"
#include "fuzz_check.h"
#include "server/host_guard.h"

namespace agentaudit {
namespace {

template <typename Value>
bool is_taken(const Result<Value>& result) {
  if (result) return true;
  check(result.error().code == ErrorCode::invalid_argument, "documented errors");
  check(!result.error().message.empty(), "an error says what is wrong");
  return false;
}

void check_times(std::string_view text) {
  for (const std::int64_t ns : {INT64_MIN, std::int64_t{0}, INT64_MAX}) {
    const auto span = parse_time_expression(text, Timestamp::from_ns(ns));
    if (is_taken(span)) check(span->first <= span->last, "a span does not end before it starts");
  }
  const auto duration = parse_duration(text);
  if (is_taken(duration)) check(duration->count() >= 0, "a duration is not negative");
}

void check_numbers(std::string_view text) {
  const auto bytes = parse_bytes(text);
  if (is_taken(bytes)) check(*bytes >= 0, "a size is not negative");
  const auto id = parse_event_id(text);
  if (is_taken(id)) check(*id > 0, "ids start at 1");
}

void check_addresses(std::string_view text) {
  if (is_taken(check_daemon_url(text))) check(text.starts_with("http"), "a daemon speaks HTTP");
  const std::string_view name = host_name(text);
  check(name.size() <= text.size(), "a name is a piece of the header");
}

void check_shell_words(std::string_view text) {
  for (const std::string& word : {single_quoted(text), shell_quoted(text)}) {
    const auto words = shell_words(word);
    check(words.size() == 1 && words.front() == text, "what is quoted is one word, as it was");
  }
  for (const std::string& word : shell_words(text)) {
    check(word.size() <= text.size(), "a word is no longer than the command");
  }
}

void check_notes(std::string_view text) {
  std::size_t bytes = 0;
  for (const std::string& note : split_notes(text)) bytes += note.size();
  // The last may be given the line end that it lacks.
  check(bytes <= text.size() + 1, "notes are pieces of the text");
}

}  // namespace
}  // namespace agentaudit

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace agentaudit;  // NOLINT(google-build-using-namespace)
  const std::string_view text = text_of(data, size);
  check_times(text);
  check_numbers(text);
  check_addresses(text);
  check_shell_words(text);
  check_notes(text);
  return 0;
}
