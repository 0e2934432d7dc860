#include "store/sqlite_open_intents.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "agentaudit/core/names.h"
#include "store/name_counts.h"
#include "store/open_intents.h"
#include "store/sqlite_filter.h"
#include "store/sqlite_question.h"
#include "store/sqlite_scan.h"

namespace agentaudit {
namespace {

using sqlite_schema::NameKind;

// A span as a key; an id that is no hex must not meet one of the same bytes. Empty
// for none. Valid until the next call with the same buffer.
std::string_view span_key(const SqliteStatement& row, int column, std::string& buffer) {
  if (row.is_null(column)) return {};
  buffer = row.is_blob(column) ? "b" : "t";
  buffer += row.bytes(column);
  return buffer;
}

Result<std::vector<NameCount>> count_by_agent(SqliteReader& reader,
                                              const std::vector<Intent>& intents) {
  std::unordered_map<std::int64_t, std::int64_t> counts;
  for (const Intent& intent : intents) ++counts[intent.agent];
  std::vector<NameCount> named;
  for (const auto& [agent, count] : counts) {
    const auto name = reader.name_of(agent);
    if (!name) return fail(name.error());
    named.push_back({.name = std::string(*name), .count = count});
  }
  std::sort(named.begin(), named.end(), counts_more);
  return named;
}

// The least id that an intent can have which the filters ask for. Only what comes later
// ends an intent, so nothing before it matters.
Result<EventId> first_possible_id(SqliteReader& reader, const OpenIntentsOpts& opts) {
  auto question = SqliteQuestion::open(reader);
  if (!question) return fail(question.error());
  if (auto read = question->read_tail(); !read) return fail(read.error());
  StatsOpts asked;
  asked.since = opts.since;
  asked.until = opts.until;
  asked.statuses = {std::string(status::pending)};
  asked.agents = opts.agents;
  asked.conversation_id = opts.conversation_id;
  const auto filter = filter_of(reader, asked);
  if (!filter) return fail(filter.error());
  const auto selection = std::make_unique<Selection>();
  EventId next = 0;
  for (const Chunk& chunk : question->chunks()) {
    next = chunk.last_id + 1;
    if (!chunk.overlaps(filter->since, filter->until)) continue;
    // To look for it in a chunk without columns takes as long as to read on from there.
    const bool has_columns = chunk.bounds || reader.chunks().in_tail(chunk) != nullptr;
    if (!has_columns) return chunk.first_id;
    const auto selected = question->select(chunk, *filter, true, {}, *selection);
    if (!selected) return fail(selected.error());
    if (selection->kind == Selection::Kind::all) return chunk.first_id;
    if (selection->kind == Selection::Kind::none) continue;
    const auto on = std::find(selection->on.begin(), selection->on.end(), 1);
    return chunk.first_id + (on - selection->on.begin());
  }
  return next;
}

}  // namespace

Result<OpenIntentsResult> sqlite_open_intents(SqliteReader& reader, const OpenIntentsOpts& opts) {
  auto transaction = SqliteTransaction::begin_read(reader.connection());
  if (!transaction) return fail(transaction.error());
  const auto status_ids = StatusIds::read(reader);
  if (!status_ids) return fail(status_ids.error());

  const auto first_id = first_possible_id(reader, opts);
  if (!first_id) return fail(first_id.error());

  // An intent that the filters do not ask for still has its effect, so the filters
  // decide only what is remembered.
  SqliteFilter filter(2);
  filter.since(opts.since);
  filter.until(opts.until);
  filter.names(NameKind::agent, opts.agents);
  filter.name(NameKind::conversation, opts.conversation_id);
  auto statement = reader.connection().prepare(
      "SELECT id, timestamp, span_id, parent_span_id, status, category = (SELECT id FROM names"
      " WHERE kind = 1 AND name = 'approval'), agent, " +
      filter.sql() +
      " FROM events WHERE id >= ?1 AND (span_id IS NOT NULL OR parent_span_id IS NOT NULL)"
      " ORDER BY id");
  if (!statement) return fail(statement.error());
  statement->bind(1, *first_id);
  filter.bind(*statement);

  OpenIntents open;
  std::string span_buffer;
  std::string parent_buffer;
  auto scanned = for_each_row(*statement, [&](const SqliteStatement& row) -> Result<void> {
    const std::string_view span = span_key(row, 2, span_buffer);
    if (row.integer(4) != status_ids->pending) {
      open.end(span, span_key(row, 3, parent_buffer));
    } else if (!span.empty() && row.integer(7) != 0) {
      open.begin(span, {.timestamp_ns = row.integer(1),
                        .id = row.integer(0),
                        .agent = row.integer(6),
                        .approval = row.integer(5) != 0});
    }
    return {};
  });
  if (!scanned) return fail(scanned.error());

  std::vector<Intent> all = open.all();
  OpenIntentsResult result;
  result.total = static_cast<std::int64_t>(all.size());
  auto counted = count_by_agent(reader, all);
  if (!counted) return fail(counted.error());
  result.by_agent = std::move(*counted);
  keep_oldest(all, static_cast<std::size_t>(opts.limit));
  for (const Intent& intent : all) {
    auto event = reader.event(intent.id);
    if (!event) return fail(event.error());
    result.events.push_back(std::move(*event));
  }
  return result;
}

}  // namespace agentaudit
