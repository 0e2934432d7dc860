// Any bytes as the short texts that the stores read: cursors, ranges of ids, paths of tiles,
// names of parts, addresses. What is one is written as it was read.
#include <array>

#include "core/hex.h"
#include "fuzz_check.h"
#include "ledger/tile.h"
#include "store/clickhouse_address.h"
#include "store/clickhouse_page.h"
#include "store/clickhouse_part_map.h"
#include "store/id_ranges.h"
#include "store/list_cursor.h"

namespace agentaudit {
namespace {

void check_error(const Error& error, ErrorCode code) {
  check(error.code == code, "documented errors");
  check(!error.message.empty(), "an error says what is wrong");
}

void check_cursors(std::string_view text) {
  for (const Order order : {Order::newest_first, Order::oldest_first, Order::commit}) {
    if (const auto cursor = ListCursor::parse(text, order)) {
      const auto again = ListCursor::parse(cursor->to_string(order), order);
      check(again && again->id == cursor->id && again->timestamp == cursor->timestamp,
            "a cursor is written as it was read");
    } else {
      check_error(cursor.error(), ErrorCode::invalid_argument);
    }
    for (const bool is_fleet : {false, true}) {
      const auto cursor = clickhouse_page::parse_cursor(text, order, is_fleet);
      if (!cursor) {
        check_error(cursor.error(), ErrorCode::invalid_argument);
      } else {
        check(cursor->trail.empty() != is_fleet, "a cursor over several trails names one");
        check(!clickhouse_page::beyond(*cursor, order, is_fleet).empty(), "it is a condition");
      }
    }
  }
}

void check_id_ranges(std::string_view text) {
  const auto ranges = parse_id_ranges(text);
  if (!ranges) {
    check_error(ranges.error(), ErrorCode::parse);
    return;
  }
  const auto again = parse_id_ranges(to_text(*ranges));
  check(again && *again == *ranges, "ranges are written as they were read");
  check(united(*ranges, *ranges) == *ranges, "a set and itself are that set");
  check(without(*ranges, *ranges).empty(), "a set without itself is empty");
  check(without(*ranges, {}) == *ranges, "a set without nothing is that set");
  check((count_ids(*ranges) > 0) == !ranges->empty(), "each range has an id");
  for (const IdRange& range : *ranges) {
    check(has_id(*ranges, range.first) && has_id(*ranges, range.last), "a range has its ends");
    const IdRanges rest = without(*ranges, {{.first = range.last, .last = range.last}});
    check(!has_id(rest, range.last), "what is taken out is gone");
    check(count_ids(rest) == count_ids(*ranges) - 1, "nothing else is");
  }
}

void check_tile_path(std::string_view text) {
  const auto path = parse_tile_path(text);
  if (!path) return;
  check(text == (path->is_entries ? entry_bundle_path(path->tile) : tile_path(path->tile)),
        "a path is taken as it is written");
}

void check_part_name(std::string_view text) {
  const auto name = ClickhousePartName::parse(text);
  if (!name) return;
  check(name->covers(*name), "a part covers itself");
  check(name->is_made_of({&*name}), "a part is made of itself");
}

void check_address(std::string_view text) {
  const auto address = ClickhouseAddress::parse(text);
  if (!address) {
    check_error(address.error(), ErrorCode::invalid_argument);
    return;
  }
  check(!address->host.empty() && address->port != 0 && !address->database.empty(),
        "an address is whole");
  std::array<char, 16> id{};
  for (const std::string& trail : address->trails)
    check(from_hex(trail, id), "a trail's id is one");
  const auto again = ClickhouseAddress::parse(address->to_string());
  check(again && again->host == address->host && again->port == address->port &&
            again->database == address->database && again->tls == address->tls,
        "an address is written as it was read");
}

}  // namespace
}  // namespace agentaudit

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace agentaudit;  // NOLINT(google-build-using-namespace)
  const std::string_view text = text_of(data, size);
  check_cursors(text);
  check_id_ranges(text);
  check_tile_path(text);
  check_part_name(text);
  check_address(text);
  return 0;
}
