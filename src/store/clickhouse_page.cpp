#include "store/clickhouse_page.h"

#include <algorithm>
#include <chrono>

#include "core/trail_id.h"
#include "store/clickhouse_sql.h"

namespace agentaudit::clickhouse_page {

using clickhouse_sql::int64;
using clickhouse_sql::literal;

Result<FleetCursor> parse_cursor(std::string_view text, Order order, bool is_fleet) {
  FleetCursor cursor;
  std::string_view rest = text;
  if (is_fleet) {
    const auto at = text.rfind(':');
    const std::string_view trail = at == std::string_view::npos ? "" : text.substr(at + 1);
    if (!is_trail_id(trail)) {
      return fail(ErrorCode::invalid_argument,
                  "cursor \"" + std::string(text.substr(0, 64)) +
                      "\" does not belong to this question; take next_cursor of its last page");
    }
    cursor.trail = trail;
    rest = text.substr(0, at);
  }
  auto place = ListCursor::parse(rest, order);
  if (!place) return fail(place.error());
  cursor.place = *place;
  return cursor;
}

std::string beyond(const FleetCursor& cursor, Order order, bool is_fleet) {
  const std::string id = int64(cursor.place.id);
  const std::string trail = literal(cursor.trail);
  if (order == Order::commit) {
    if (!is_fleet) return "id > " + id;
    return "(trail > " + trail + " OR (trail = " + trail + " AND id > " + id + "))";
  }
  const std::string sign = order == Order::newest_first ? "<" : ">";
  const std::string time = int64(cursor.place.timestamp.ns());
  std::string same = "id " + sign + ' ' + id;
  if (is_fleet) same += " OR (id = " + id + " AND trail " + sign + ' ' + trail + ')';
  return "(timestamp " + sign + ' ' + time + " OR (timestamp = " + time + " AND (" + same + ")))";
}

void append_key(std::string& keys, std::string_view trail, EventId id) {
  keys += (keys.empty() ? "(" : ", (") + literal(trail) + ", " + int64(id) + ')';
}

std::string contains(std::string_view piece) {
  const std::string needle = literal(piece);
  std::string any;
  for (const std::string_view column : {"summary", "target", "detail"}) {
    any += any.empty() ? "(" : " OR ";
    any.append("positionCaseInsensitive(").append(column).append(", ").append(needle) += ") > 0";
  }
  return any + ')';
}

std::string order_of_places(Order order) {
  switch (order) {
    case Order::commit: return " ORDER BY trail, id";
    case Order::oldest_first: return " ORDER BY timestamp, id, trail";
    case Order::newest_first: break;
  }
  return " ORDER BY timestamp DESC, id DESC, trail DESC";
}

std::string order_by(Order order) {
  return order_of_places(order) + (order == Order::newest_first ? ", leaf DESC" : ", leaf");
}

std::optional<std::string> near_end(const Extent& all, const ListOpts& opts,
                                    const std::optional<FleetCursor>& cursor) {
  constexpr std::int64_t spare = 8;
  const std::int64_t wanted_max = all.total / (spare * spare);
  if (opts.order == Order::commit || opts.offset >= wanted_max) return std::nullopt;
  const std::int64_t wanted = opts.offset + opts.limit + 1;
  if (wanted >= wanted_max) return std::nullopt;
  const std::int64_t apart_ns = all.last.ns() / all.total - all.first.ns() / all.total + 1;
  const std::chrono::nanoseconds width(apart_ns * wanted * spare);
  if (opts.order == Order::newest_first) {
    const Timestamp end = cursor ? std::min(cursor->place.timestamp, all.last) : all.last;
    return "timestamp >= " + int64(end.minus(width).ns());
  }
  const Timestamp end = cursor ? std::max(cursor->place.timestamp, all.first) : all.first;
  return "timestamp <= " + int64(end.minus(-width).ns());
}

}  // namespace agentaudit::clickhouse_page
