#include "store/sqlite_conversations.h"

#include <algorithm>
#include <set>
#include <unordered_map>

#include "store/sqlite_filter.h"
#include "store/sqlite_scan.h"

namespace agentaudit {
namespace {

using sqlite_schema::NameKind;

struct ConversationTally {
  std::int64_t conversation = 0;
  std::int64_t events = 0;
  std::int64_t errors = 0;
  std::int64_t denied = 0;
  std::int64_t pending = 0;
  std::int64_t first_ns = 0;
  std::int64_t last_ns = 0;
  std::set<std::int64_t> agents;
};

Result<std::vector<ConversationTally>> tally_conversations(SqliteReader& reader,
                                                           const ConversationsOpts& opts) {
  const auto status_ids = StatusIds::read(reader);
  if (!status_ids) return fail(status_ids.error());
  SqliteFilter filter(1);
  filter.condition("conversation <> 0");
  filter.since(opts.since);
  filter.until(opts.until);
  filter.names(NameKind::agent, opts.agents);
  auto statement = reader.connection().prepare(
      "SELECT conversation, timestamp, status, agent FROM events WHERE " + filter.sql());
  if (!statement) return fail(statement.error());
  filter.bind(*statement);

  std::unordered_map<std::int64_t, ConversationTally> tallies;
  auto scanned = for_each_row(*statement, [&](const SqliteStatement& row) -> Result<void> {
    const std::int64_t timestamp_ns = row.integer(1);
    const std::int64_t status = row.integer(2);
    ConversationTally& tally = tallies[row.integer(0)];
    if (tally.events++ == 0) {
      tally.conversation = row.integer(0);
      tally.first_ns = tally.last_ns = timestamp_ns;
    }
    tally.first_ns = std::min(tally.first_ns, timestamp_ns);
    tally.last_ns = std::max(tally.last_ns, timestamp_ns);
    tally.errors += status == status_ids->error ? 1 : 0;
    tally.denied += status == status_ids->denied ? 1 : 0;
    tally.pending += status == status_ids->pending ? 1 : 0;
    tally.agents.insert(row.integer(3));
    return {};
  });
  if (!scanned) return fail(scanned.error());

  std::vector<ConversationTally> sorted;
  sorted.reserve(tallies.size());
  for (auto& [id, tally] : tallies) sorted.push_back(std::move(tally));
  std::sort(
      sorted.begin(), sorted.end(), [](const ConversationTally& a, const ConversationTally& b) {
        return a.last_ns != b.last_ns ? a.last_ns > b.last_ns : a.conversation > b.conversation;
      });
  return sorted;
}

}  // namespace

Result<ConversationsResult> sqlite_conversations(SqliteReader& reader,
                                                 const ConversationsOpts& opts) {
  auto transaction = SqliteTransaction::begin_read(reader.connection());
  if (!transaction) return fail(transaction.error());
  const auto tallies = tally_conversations(reader, opts);
  if (!tallies) return fail(tallies.error());

  ConversationsResult result;
  result.total = static_cast<std::int64_t>(tallies->size());
  result.limit = opts.limit;
  result.offset = opts.offset;
  const std::int64_t end = std::min(result.total, opts.offset + opts.limit);
  for (std::int64_t i = opts.offset; i < end; ++i) {
    const ConversationTally& tally = (*tallies)[static_cast<std::size_t>(i)];
    Conversation conversation{.conversation_id = {},
                              .events = tally.events,
                              .errors = tally.errors,
                              .denied = tally.denied,
                              .pending = tally.pending,
                              .first = Timestamp::from_ns(tally.first_ns),
                              .last = Timestamp::from_ns(tally.last_ns),
                              .agents = {}};
    const auto name = reader.name_of(tally.conversation);
    if (!name) return fail(name.error());
    conversation.conversation_id = *name;
    for (const std::int64_t agent : tally.agents) {
      const auto agent_name = reader.name_of(agent);
      if (!agent_name) return fail(agent_name.error());
      conversation.agents.emplace_back(*agent_name);
    }
    std::sort(conversation.agents.begin(), conversation.agents.end());
    result.conversations.push_back(std::move(conversation));
  }
  return result;
}

}  // namespace agentaudit
