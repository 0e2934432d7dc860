// Any bytes as the answer of a ClickHouse: events and texts are views of it, or the reader says
// that it is not whole.
#include "fuzz_check.h"
#include "store/clickhouse_sql.h"

namespace agentaudit {
namespace {

void check_events(std::string_view answer) {
  RowBinaryReader reader(answer);
  std::size_t bytes = 0;
  while (!reader.at_end()) {
    const EventView event = clickhouse_sql::read_event(reader);
    if (!reader.ok()) return;
    bytes += size_bytes(event);
  }
  check(bytes <= answer.size(), "an event is a part of the answer");
}

void check_texts(std::string_view answer) {
  RowBinaryReader reader(answer);
  while (!reader.at_end()) {
    const auto texts = reader.texts();
    check(texts.size() <= answer.size(), "each text takes a byte at least");
    check(reader.ok() || texts.empty(), "what is not whole is empty");
  }
  check(!reader.ok() || reader.at_end(), "it ends with the answer");
}

void check_round_trip(std::string_view text) {
  std::string row;
  RowBinaryWriter writer(row);
  writer.text(text);
  writer.number(static_cast<std::int64_t>(text.size()));
  RowBinaryReader reader(row);
  check(reader.text() == text, "what is written is read again");
  check(reader.number() == static_cast<std::int64_t>(text.size()), "numbers too");
  check(reader.ok() && reader.at_end(), "to its end");
}

}  // namespace
}  // namespace agentaudit

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace agentaudit;
  const std::string_view text = text_of(data, size);
  check_events(text);
  check_texts(text);
  check_round_trip(text);
  return 0;
}
