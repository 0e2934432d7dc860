#include "store/sqlite_open_intents.h"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "store/sqlite_filter.h"
#include "store/sqlite_scan.h"

namespace agentaudit {
namespace {

using sqlite_schema::NameKind;

struct Intent {
  std::int64_t timestamp_ns = 0;
  EventId id = 0;
  bool approval = false;
};

// Follows the trail in commit order and keeps the intents that are open.
class OpenIntents {
 public:
  void begin(std::string span, const Intent& intent) {
    by_span_[std::move(span)].push_back(intent);
  }

  // An effect ends the intents of its own span, and the approvals that it descends
  // from: what was asked for happened, or was refused.
  void end(const std::string& span, const std::string& parent) {
    by_span_.erase(span);
    const auto asked = by_span_.find(parent);
    if (asked == by_span_.end()) return;
    std::erase_if(asked->second, [](const Intent& intent) { return intent.approval; });
    if (asked->second.empty()) by_span_.erase(asked);
  }

  // Oldest first.
  [[nodiscard]] std::vector<Intent> sorted() const {
    std::vector<Intent> all;
    for (const auto& [span, intents] : by_span_) {
      all.insert(all.end(), intents.begin(), intents.end());
    }
    std::sort(all.begin(), all.end(), [](const Intent& a, const Intent& b) {
      return std::pair(a.timestamp_ns, a.id) < std::pair(b.timestamp_ns, b.id);
    });
    return all;
  }

 private:
  std::unordered_map<std::string, std::vector<Intent>> by_span_;
};

// A span as a key; an id that is no hex must not meet one of the same bytes. Empty
// for none.
std::string span_key(const SqliteStatement& row, int column) {
  if (row.is_null(column)) return {};
  std::string key(row.is_blob(column) ? "b" : "t");
  key += row.bytes(column);
  return key;
}

}  // namespace

Result<OpenIntentsResult> sqlite_open_intents(SqliteReader& reader, const OpenIntentsOpts& opts) {
  auto transaction = SqliteTransaction::begin_read(reader.connection());
  if (!transaction) return fail(transaction.error());
  const auto status_ids = StatusIds::read(reader);
  if (!status_ids) return fail(status_ids.error());

  // An intent that the filters do not ask for still has its effect, so the filters
  // decide only what is remembered.
  SqliteFilter filter(1);
  filter.since(opts.since);
  filter.names(NameKind::agent, opts.agents);
  filter.name(NameKind::conversation, opts.conversation_id);
  auto statement = reader.connection().prepare(
      "SELECT id, timestamp, span_id, parent_span_id, status, category = (SELECT id FROM names"
      " WHERE kind = 1 AND name = 'approval'), " +
      filter.sql() +
      " FROM events WHERE span_id IS NOT NULL OR parent_span_id IS NOT NULL ORDER BY id");
  if (!statement) return fail(statement.error());
  filter.bind(*statement);

  OpenIntents open;
  auto scanned = for_each_row(*statement, [&](const SqliteStatement& row) -> Result<void> {
    std::string span = span_key(row, 2);
    if (row.integer(4) != status_ids->pending) {
      open.end(span, span_key(row, 3));
    } else if (!span.empty() && row.integer(6) != 0) {
      open.begin(
          std::move(span),
          {.timestamp_ns = row.integer(1), .id = row.integer(0), .approval = row.integer(5) != 0});
    }
    return {};
  });
  if (!scanned) return fail(scanned.error());

  std::vector<Intent> sorted = open.sorted();
  OpenIntentsResult result;
  result.total = static_cast<std::int64_t>(sorted.size());
  sorted.resize(std::min(sorted.size(), static_cast<std::size_t>(opts.limit)));
  for (const Intent& intent : sorted) {
    auto event = reader.event(intent.id);
    if (!event) return fail(event.error());
    result.events.push_back(std::move(*event));
  }
  return result;
}

}  // namespace agentaudit
