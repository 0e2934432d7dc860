#include "store/sqlite_open_intents.h"

#include <algorithm>
#include <bitset>
#include <cstddef>
#include <functional>
#include <memory>
#include <memory_resource>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "agentaudit/core/names.h"
#include "store/sqlite_filter.h"
#include "store/sqlite_question.h"
#include "store/sqlite_scan.h"

namespace agentaudit {
namespace {

using sqlite_schema::NameKind;

struct Intent {
  std::int64_t timestamp_ns = 0;
  EventId id = 0;
  std::int64_t agent = 0;
  bool approval = false;
};

// Follows the trail in commit order and keeps the intents that are open: hundreds of
// thousands where agents never say how a call ended.
class OpenIntents {
 public:
  // The span must not be empty.
  void begin(std::string_view span, const Intent& intent) {
    seen_->set(bit_of(span));
    auto found = newest_.find(span);
    if (found == newest_.end()) found = newest_.emplace(span, none).first;
    std::size_t place = free_;
    if (place == none) {
      place = links_.size();
      links_.emplace_back();
    } else {
      free_ = links_[place].before;
    }
    links_[place] = {.intent = intent, .open = true, .before = found->second};
    found->second = place;
  }

  // An effect ends the intents of its own span, and the approvals that it descends
  // from: what was asked for happened, or was refused. An empty one is no span.
  void end(std::string_view span, std::string_view parent) {
    remove(span, [](const Intent& /*intent*/) { return true; });
    remove(parent, [](const Intent& intent) { return intent.approval; });
  }

  // In no order.
  [[nodiscard]] std::vector<Intent> all() const {
    std::vector<Intent> all;
    for (const Link& link : links_) {
      if (link.open) all.push_back(link.intent);
    }
    return all;
  }

 private:
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  struct Link {
    Intent intent{};
    bool open = false;
    std::size_t before = none;  // the place of another intent of the span, or of a free link
  };
  struct Hash {
    using is_transparent = void;
    // Not noexcept: the map then keeps the hashes, and need not read the spans to grow.
    std::size_t operator()(std::string_view span) const {
      return std::hash<std::string_view>()(span);
    }
  };
  using Places = std::pmr::unordered_map<std::pmr::string, std::size_t, Hash, std::equal_to<>>;
  static constexpr std::size_t seen_bits = std::size_t{1} << 24U;
  using Seen = std::bitset<seen_bits>;

  static std::size_t bit_of(std::string_view span) { return Hash()(span) % seen_bits; }

  template <typename Ended>
  void remove(std::string_view span, Ended ended) {
    if (span.empty() || !seen_->test(bit_of(span))) return;
    const auto found = newest_.find(span);
    if (found == newest_.end()) return;
    for (std::size_t* place = &found->second; *place != none;) {
      Link& link = links_[*place];
      if (!ended(link.intent)) {
        place = &link.before;
        continue;
      }
      const std::size_t freed = std::exchange(*place, link.before);
      link = {.before = std::exchange(free_, freed)};
    }
    if (found->second == none) newest_.erase(found);
  }

  std::pmr::unsynchronized_pool_resource memory_;
  // By the key of its span: the intent that began last. Never destroyed, which would take
  // long; its memory goes with the resource.
  Places& newest_ = *std::pmr::polymorphic_allocator<>(&memory_).new_object<Places>();
  std::vector<Link> links_;
  std::size_t free_ = none;
  // Most spans begin no intent: this tells without a look into the map, which fits no cache.
  std::unique_ptr<Seen> seen_ = std::make_unique<Seen>();
};

// A span as a key; an id that is no hex must not meet one of the same bytes. Empty
// for none. Valid until the next call with the same buffer.
std::string_view span_key(const SqliteStatement& row, int column, std::string& buffer) {
  if (row.is_null(column)) return {};
  buffer = row.is_blob(column) ? "b" : "t";
  buffer += row.bytes(column);
  return buffer;
}

// Oldest first.
void keep_oldest(std::vector<Intent>& intents, std::size_t limit) {
  const auto end = intents.begin() + static_cast<std::ptrdiff_t>(std::min(limit, intents.size()));
  std::partial_sort(intents.begin(), end, intents.end(), [](const Intent& a, const Intent& b) {
    return std::pair(a.timestamp_ns, a.id) < std::pair(b.timestamp_ns, b.id);
  });
  intents.erase(end, intents.end());
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
  std::sort(named.begin(), named.end(), [](const NameCount& a, const NameCount& b) {
    return a.count != b.count ? a.count > b.count : a.name < b.name;
  });
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
