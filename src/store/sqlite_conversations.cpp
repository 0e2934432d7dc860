#include "store/sqlite_conversations.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "store/sqlite_question.h"
#include "store/sqlite_scan.h"

namespace agentaudit {
namespace {

struct ConversationTally {
  std::int64_t events = 0;
  std::int64_t errors = 0;
  std::int64_t denied = 0;
  std::int64_t pending = 0;
  std::int64_t first_ns = std::numeric_limits<std::int64_t>::max();
  std::int64_t last_ns = std::numeric_limits<std::int64_t>::min();

  void merge(const ConversationTally& other) {
    events += other.events;
    errors += other.errors;
    denied += other.denied;
    pending += other.pending;
    first_ns = std::min(first_ns, other.first_ns);
    last_ns = std::max(last_ns, other.last_ns);
  }
};

using Tallies = std::unordered_map<std::uint32_t, ConversationTally>;
using Agents = std::set<std::uint32_t>;
using AgentsById = std::unordered_map<std::uint32_t, Agents>;

Result<void> tally_chunk(ChunkColumns& columns, const StatusIds& status_ids,
                         const Selection& selection, Tallies& tallies) {
  const auto conversations = CodedValues::read(columns, Column::conversation);
  if (!conversations) return fail(conversations.error());
  const auto statuses = CodedValues::read(columns, Column::status);
  if (!statuses) return fail(statuses.error());
  const auto timestamps = columns.numbers(Column::timestamp);
  if (!timestamps) return fail(timestamps.error());

  // Looked up once a chunk, not once an event.
  std::vector<ConversationTally*> by_code(conversations->dictionary.size());
  for (std::size_t p = 0; p < timestamps->size(); ++p) {
    if (selection.on[p] == 0) continue;
    const std::uint16_t code = conversations->codes[p];
    if (by_code[code] == nullptr) by_code[code] = &tallies[conversations->dictionary[code].value];
    ConversationTally& tally = *by_code[code];
    ++tally.events;
    tally.first_ns = std::min(tally.first_ns, (*timestamps)[p]);
    tally.last_ns = std::max(tally.last_ns, (*timestamps)[p]);
    const std::int64_t status = statuses->dictionary[statuses->codes[p]].value;
    tally.errors += status == status_ids.error ? 1 : 0;
    tally.denied += status == status_ids.denied ? 1 : 0;
    tally.pending += status == status_ids.pending ? 1 : 0;
  }
  return {};
}

Result<void> add_agents(ChunkColumns& columns, const Selection& selection, AgentsById& agents) {
  const auto conversations = CodedValues::read(columns, Column::conversation);
  if (!conversations) return fail(conversations.error());
  const auto values = CodedValues::read(columns, Column::agent);
  if (!values) return fail(values.error());
  std::vector<std::int64_t> last_agent(conversations->dictionary.size(), -1);
  for (std::size_t p = 0; p < columns.positions(); ++p) {
    if (selection.on[p] == 0) continue;
    const std::uint16_t code = conversations->codes[p];
    const std::uint32_t agent = values->dictionary[values->codes[p]].value;
    if (last_agent[code] == agent) continue;
    last_agent[code] = agent;
    agents[conversations->dictionary[code].value].insert(agent);
  }
  return {};
}

// One page of them.
struct Page {
  std::vector<std::pair<std::uint32_t, ConversationTally>> conversations;
  std::int64_t total = 0;
};

Page page_of(const Tallies& tallies, const ConversationsOpts& opts) {
  using Entry = Tallies::value_type;
  std::vector<const Entry*> all;
  all.reserve(tallies.size());
  for (const Entry& entry : tallies) all.push_back(&entry);
  const auto newer = [](const Entry* a, const Entry* b) {
    return a->second.last_ns != b->second.last_ns ? a->second.last_ns > b->second.last_ns
                                                  : a->first > b->first;
  };
  Page page{.conversations = {}, .total = static_cast<std::int64_t>(all.size())};
  const auto first = all.begin() + std::min(page.total, opts.offset);
  const auto last = all.begin() + std::min(page.total, opts.offset + opts.limit);
  // Of hundreds of thousands only the page is put in order.
  std::nth_element(all.begin(), first, all.end(), newer);
  std::partial_sort(first, last, all.end(), newer);
  std::transform(first, last, std::back_inserter(page.conversations),
                 [](const Entry* entry) { return std::pair(entry->first, entry->second); });
  return page;
}

// What one thread finds in one of the rounds.
template <typename Found>
struct Part {
  std::unique_ptr<Selection> selection = std::make_unique<Selection>();
  Found found;
};

// Goes through the chunks twice: which conversations are on the page, then who took part
// in those, so that nothing is kept about the agents of all others.
class ConversationsTally {
 public:
  ConversationsTally(SqliteQuestion& question, ChunkFilter filter)
      : question_(question), filter_(std::move(filter)) {}

  Result<Page> find_page(const ConversationsOpts& opts) {
    const auto status_ids = StatusIds::read(question_.reader());
    if (!status_ids) return fail(status_ids.error());
    const auto tallies =
        add_up<Tallies>([&](ChunkColumns& columns, const Selection& selection, Tallies& found) {
          return tally_chunk(columns, *status_ids, selection, found);
        });
    if (!tallies) return fail(tallies.error());
    return page_of(*tallies, opts);
  }

  Result<AgentsById> find_agents(const Page& page) {
    CodedCondition on_page{.column = Column::conversation, .values = {}};
    for (const auto& [id, tally] : page.conversations) on_page.values.push_back(id);
    std::sort(on_page.values.begin(), on_page.values.end());
    filter_.conditions.push_back(std::move(on_page));
    return add_up<AgentsById>(add_agents);
  }

 private:
  // Calls `work` with the columns of each chunk in which something matches, and brings
  // together what the threads found: hundreds of thousands, so with a look at the time.
  template <typename Found, typename Work>
  Result<Found> add_up(const Work& work) {
    const auto chunks = question_.candidates(filter_);
    std::vector<Part<Found>> parts(question_.cores(chunks, filter_));
    auto done = question_.for_each_chunk(
        chunks, parts.size(),
        [&](SqliteQuestion& asked, const Chunk& chunk, std::size_t worker) -> Result<bool> {
          Part<Found>& part = parts[worker];
          const auto columns = asked.matching_columns(chunk, filter_, *part.selection);
          if (!columns) return fail(columns.error());
          if (*columns == nullptr) return true;
          Result<void> worked = work(**columns, *part.selection, part.found);
          if (!worked) return fail(worked.error());
          return true;
        });
    if (!done) return fail(done.error());
    Found all = std::move(parts.front().found);
    for (auto part = parts.begin() + 1; part != parts.end(); ++part) {
      std::size_t merged = 0;
      for (auto& [id, found] : part->found) {
        constexpr std::size_t step = 4'096;
        if (merged++ % step == 0) {
          auto in_time = question_.reader().connection().within_limits();
          if (!in_time) return fail(in_time.error());
        }
        all[id].merge(found);
      }
    }
    return all;
  }

  SqliteQuestion& question_;
  ChunkFilter filter_;
};

Result<std::vector<std::string>> names_of(SqliteReader& reader, const Agents& agents) {
  std::vector<std::string> names;
  for (const std::uint32_t agent : agents) {
    const auto name = reader.name_of(agent);
    if (!name) return fail(name.error());
    names.emplace_back(*name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

Result<ConversationsResult> sqlite_conversations(SqliteReader& reader,
                                                 const ConversationsOpts& opts) {
  auto transaction = SqliteTransaction::begin_read(reader.connection());
  if (!transaction) return fail(transaction.error());
  auto question = SqliteQuestion::open(reader);
  if (!question) return fail(question.error());
  if (auto read = question->read_tail(); !read) return fail(read.error());
  auto filter = filter_of(reader, opts);
  if (!filter) return fail(filter.error());
  ConversationsTally tally(*question, std::move(*filter));
  const auto page = tally.find_page(opts);
  if (!page) return fail(page.error());
  auto agents = tally.find_agents(*page);
  if (!agents) return fail(agents.error());

  ConversationsResult result{
      .conversations = {}, .total = page->total, .limit = opts.limit, .offset = opts.offset};
  for (const auto& [id, counted] : page->conversations) {
    Conversation conversation{.conversation_id = {},
                              .events = counted.events,
                              .errors = counted.errors,
                              .denied = counted.denied,
                              .pending = counted.pending,
                              .first = Timestamp::from_ns(counted.first_ns),
                              .last = Timestamp::from_ns(counted.last_ns),
                              .agents = {}};
    const auto name = reader.name_of(id);
    if (!name) return fail(name.error());
    conversation.conversation_id = *name;
    auto names = names_of(reader, (*agents)[id]);
    if (!names) return fail(names.error());
    conversation.agents = std::move(*names);
    result.conversations.push_back(std::move(conversation));
  }
  return result;
}

}  // namespace agentaudit
