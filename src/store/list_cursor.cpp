#include "store/list_cursor.h"

#include <charconv>

namespace agentaudit {
namespace {

bool take_number(std::string_view& text, std::int64_t& value) {
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc()) return false;
  text.remove_prefix(static_cast<std::size_t>(parsed.ptr - text.data()));
  return true;
}

char prefix_of(Order order) { return order == Order::newest_first ? 'n' : 'o'; }

}  // namespace

std::string ListCursor::to_string(Order order) const {
  if (order == Order::commit) return std::to_string(id);
  return std::string(1, prefix_of(order)) + ":" + std::to_string(timestamp.ns()) + ":" +
         std::to_string(id);
}

Result<ListCursor> ListCursor::parse(std::string_view text, Order order) {
  constexpr std::size_t shown_bytes_max = 64;
  const auto refused = [&] {
    return fail(ErrorCode::invalid_argument,
                "cursor \"" + std::string(text.substr(0, shown_bytes_max)) +
                    "\" does not belong to this question; take next_cursor of its last page");
  };
  ListCursor cursor;
  std::string_view rest = text;
  if (order == Order::commit) {
    if (!take_number(rest, cursor.id) || !rest.empty()) return refused();
    return cursor;
  }
  std::int64_t timestamp_ns = 0;
  if (rest.size() < 2 || rest[0] != prefix_of(order) || rest[1] != ':') return refused();
  rest.remove_prefix(2);
  if (!take_number(rest, timestamp_ns) || !rest.starts_with(':')) return refused();
  rest.remove_prefix(1);
  if (!take_number(rest, cursor.id) || !rest.empty()) return refused();
  cursor.timestamp = Timestamp::from_ns(timestamp_ns);
  return cursor;
}

}  // namespace agentaudit
