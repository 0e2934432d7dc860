#include "store/sqlite_conversations.h"

#include <algorithm>
#include <array>
#include <memory>
#include <set>
#include <span>
#include <unordered_map>

#include "store/sqlite_question.h"
#include "store/sqlite_scan.h"

namespace agentaudit {
namespace {

struct ConversationTally {
  std::int64_t conversation = 0;
  std::int64_t events = 0;
  std::int64_t errors = 0;
  std::int64_t denied = 0;
  std::int64_t pending = 0;
  std::int64_t first_ns = 0;
  std::int64_t last_ns = 0;
  std::set<std::int64_t> agents;

  void merge(const ConversationTally& other) {
    events += other.events;
    errors += other.errors;
    denied += other.denied;
    pending += other.pending;
    first_ns = std::min(first_ns, other.first_ns);
    last_ns = std::max(last_ns, other.last_ns);
    agents.insert(other.agents.begin(), other.agents.end());
  }
};

using Tallies = std::unordered_map<std::int64_t, ConversationTally>;

Result<void> tally_chunk(ChunkColumns& columns, const StatusIds& status_ids,
                         const Selection& selection, Tallies& tallies) {
  std::array<std::span<const DictionaryEntry>, 3> dictionaries;
  std::array<Codes, 3> codes;
  constexpr std::array wanted = {Column::conversation, Column::status, Column::agent};
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const auto dictionary = columns.dictionary(wanted[i]);
    if (!dictionary) return fail(dictionary.error());
    const auto of_column = columns.codes(wanted[i]);
    if (!of_column) return fail(of_column.error());
    dictionaries[i] = *dictionary;
    codes[i] = *of_column;
  }
  const auto timestamps = columns.numbers(Column::timestamp);
  if (!timestamps) return fail(timestamps.error());

  // Looked up once a chunk, not once an event.
  std::vector<ConversationTally*> by_code(dictionaries[0].size());
  std::vector<std::int64_t> last_agent(dictionaries[0].size(), -1);
  for (std::size_t p = 0; p < timestamps->size(); ++p) {
    if (selection.on[p] == 0) continue;
    const std::uint16_t code = codes[0][p];
    if (by_code[code] == nullptr) by_code[code] = &tallies[dictionaries[0][code].value];
    ConversationTally& tally = *by_code[code];
    const std::int64_t timestamp_ns = (*timestamps)[p];
    if (tally.events++ == 0) {
      tally.conversation = dictionaries[0][code].value;
      tally.first_ns = tally.last_ns = timestamp_ns;
    }
    tally.first_ns = std::min(tally.first_ns, timestamp_ns);
    tally.last_ns = std::max(tally.last_ns, timestamp_ns);
    const std::int64_t status = dictionaries[1][codes[1][p]].value;
    tally.errors += status == status_ids.error ? 1 : 0;
    tally.denied += status == status_ids.denied ? 1 : 0;
    tally.pending += status == status_ids.pending ? 1 : 0;
    const std::int64_t agent = dictionaries[2][codes[2][p]].value;
    if (last_agent[code] != agent) tally.agents.insert(agent);
    last_agent[code] = agent;
  }
  return {};
}

// What one thread adds up.
struct ConversationsPart {
  std::unique_ptr<Selection> selection = std::make_unique<Selection>();
  Tallies tallies;

  void merge(ConversationsPart&& other) {
    for (auto& [id, tally] : other.tallies) {
      const auto [place, is_new] = tallies.try_emplace(id, std::move(tally));
      if (!is_new) place->second.merge(tally);
    }
  }
};

Result<std::vector<ConversationTally>> tally_conversations(SqliteReader& reader,
                                                           const ConversationsOpts& opts) {
  const auto status_ids = StatusIds::read(reader);
  if (!status_ids) return fail(status_ids.error());
  auto question = SqliteQuestion::open(reader);
  if (!question) return fail(question.error());
  if (auto read = question->read_tail(); !read) return fail(read.error());
  const auto filter = filter_of(reader, opts);
  if (!filter) return fail(filter.error());
  const auto chunks = question->candidates(*filter);
  auto tallied = question->add_up<ConversationsPart>(
      chunks, question->cores(chunks.size(), *filter),
      [&](SqliteQuestion& asked, const Chunk& chunk, ConversationsPart& part) -> Result<bool> {
        const auto columns = asked.matching_columns(chunk, *filter, *part.selection);
        if (!columns) return fail(columns.error());
        if (*columns == nullptr) return true;
        auto done = tally_chunk(**columns, *status_ids, *part.selection, part.tallies);
        if (!done) return fail(done.error());
        return true;
      });
  if (!tallied) return fail(tallied.error());
  Tallies& tallies = tallied->tallies;

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
