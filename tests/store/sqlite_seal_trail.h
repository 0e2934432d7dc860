// What the tests of sealing share: a trail whose events are not all alike.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "agentaudit/core/names.h"
#include "store/sqlite_trail.h"

namespace agentaudit {

inline std::string numbered(std::string_view name, std::int64_t number) {
  return std::string(name) + std::to_string(number);
}

// Events of every kind: columns with one value, with few and with more than one byte can
// tell apart, names and texts of their own, and some that come late.
inline Event various(std::int64_t i) {
  Event event = event_at(at(i % 97 == 0 ? i / 2 + 1 : i + 1), numbered("Step ", i));
  event.category = i % 5 == 0 ? "llm_call" : "tool_call";
  event.agent = numbered("agent-", i / 1'000 % 7);
  event.status = status::all[static_cast<std::size_t>(i % 11 == 0 ? i % 4 : 0)];
  event.duration = std::chrono::milliseconds(i % 13 == 0 ? -i : i % 400 * i);
  event.source = i % 3 == 0 ? "hook" : "engine";
  event.target = i % 2 == 0 ? numbered("src/File_", i % 700) : "";
  event.conversation_id = i % 4 == 0 ? "" : numbered("c", i / 500);
  if (i % 3 == 0) event.trace_id = numbered("0af7651916cd43dd8448eb211c80", 1'000 + i % 50);
  if (i % 3 == 1) event.trace_id = numbered("run ", i % 20);
  event.span_id = numbered("span ", i);
  event.detail = i % 6'000 == 17 ? R"({"note":"A NEEDLE in hay"})" : R"({"path":"src/store"})";
  return event;
}

// Inserts various(first) and what comes after it.
inline void fill(Store& store, std::int64_t count, std::int64_t first = 0,
                 std::int64_t events_per_batch = 5'000) {
  for (const std::int64_t end = first + count; first < end;) {
    std::vector<Event> events;
    const std::int64_t batch_end = std::min(end, first + events_per_batch);
    for (; first < batch_end; ++first) events.push_back(various(first));
    ASSERT_TRUE(store.insert_batch(std::vector<EventView>(events.begin(), events.end())));
  }
}

class SqliteSealTrail : public SqliteTrail {
 protected:
  // Which there are, and what is known of them.
  static std::string chunks_of(SqliteConnection connection) {
    return connection
        .text(
            "SELECT group_concat(chunk || iif(bounds IS NULL, ' open', ' sealed')"
            " || iif(deleted IS NULL, '', ' with deletions'), ', ')"
            " FROM (SELECT * FROM chunks ORDER BY chunk)")
        .value();
  }
  std::string chunks() { return chunks_of(raw()); }

  // Columns and grams of chunks that are not sealed: nobody reads them. At one moment.
  static std::int64_t orphans_of(SqliteConnection connection) {
    return connection
        .integer(
            "WITH sealed AS (SELECT chunk FROM chunks WHERE bounds IS NOT NULL)"
            " SELECT (SELECT count(*) FROM columns WHERE key & 0xFFFFFFFFFF NOT IN sealed)"
            " + (SELECT count(*) FROM grams WHERE chunk NOT IN sealed)")
        .value();
  }
};

}  // namespace agentaudit
