#include "store/clickhouse_verify.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agentaudit/core/names.h"
#include "core/bytes.h"
#include "ledger/checkpoint.h"
#include "ledger/leaf.h"
#include "ledger/note.h"
#include "ledger/running_tree.h"
#include "store/checkpoint_check.h"
#include "store/clickhouse_leaf.h"
#include "store/clickhouse_sql.h"
#include "store/id_ranges.h"
#include "store/named_deletions.h"
#include "store/row_binary.h"
#include "store/span_check.h"
#include "store/sql_columns.h"
#include "store/verify_findings.h"

namespace agentaudit {
namespace {

using clickhouse_sql::int64;

constexpr EventId ids_of_a_step = 8'192;

using Row = ClickhouseLeafRow;

class Verifying {
 public:
  Verifying(const ClickhouseClient& client, const VerifyOpts& opts, std::stop_token stop)
      : client_(client),
        trail_(client.address().trails.front()),
        opts_(opts),
        stop_(std::move(stop)),
        spans_(Timestamp::now().minus(opts.pending_max)) {
    result_.trail_id = trail_;
  }

  Result<Verification> run() {
    if (auto read = read_ends(); !read) return fail(read.error());
    if (auto read = read_checkpoints(); !read) return fail(read.error());
    if (last_id_ == 0 && notes_.empty()) {
      return fail(ErrorCode::not_found, "nothing of trail " + trail_ + " is here");
    }
    want_roots();
    if (auto checked = check_events(); !checked) return fail(checked.error());
    add_up();
    const auto rolled_back =
        check_checkpoints({.notes = notes_,
                           .size = static_cast<std::uint64_t>(last_id_),
                           .is_copy = true,
                           .root_of = [this](std::uint64_t size) { return root_of(size); }},
                          opts_, result_);
    if (!rolled_back) return fail(rolled_back.error());
    conclude(result_, *rolled_back);
    return std::move(result_);
  }

 private:
  void tampered(EventId id, std::string what) {
    add_finding(result_.integrity, id, std::move(what));
  }

  [[nodiscard]] Result<std::string> ask(const std::string& what, const std::string& table,
                                        const std::string& more) const {
    return client_.query("SELECT " + what + clickhouse_sql::from_trail(client_.address(), table) +
                             more + " FORMAT RowBinary",
                         stop_);
  }

  Result<void> read_ends() {
    const auto answer = ask("min(id), max(id)", "events", "");
    if (!answer) return fail(answer.error());
    RowBinaryReader rows(*answer);
    if (rows.at_end()) return {};  // of no rows an old server makes none
    const EventId first = rows.number();
    last_id_ = rows.number();
    if (!rows.ok()) return fail(client_.unreadable());
    result_.leaves = last_id_;
    if (first < 0 || (first == 0 && last_id_ > 0))
      tampered(first, "an event has an id that no store gives");
    return {};
  }

  Result<void> read_checkpoints() {
    const auto answer =
        ask("DISTINCT size, root, note", "checkpoints", " ORDER BY size, root, note");
    if (!answer) return fail(answer.error());
    RowBinaryReader rows(*answer);
    while (!rows.at_end()) {
      const std::int64_t size = rows.number();
      const Hash root = clickhouse_sql::read_hash(rows);
      std::string text(rows.text());
      if (!rows.ok()) return fail(client_.unreadable());
      const auto checkpoint = parsed(text);
      if (checkpoint &&
          (checkpoint->root != root || checkpoint->size != static_cast<std::uint64_t>(size))) {
        tampered(0, "a checkpoint's row says a size of " + std::to_string(size) +
                        " or a root that its note does not");
      }
      notes_.push_back(std::move(text));
    }
    if (!rows.ok()) return fail(client_.unreadable());
    return {};
  }

  static Result<Checkpoint> parsed(const std::string& text) {
    const auto note = parse_note(text);
    if (!note) return fail(note.error());
    return parse_checkpoint(note->text);
  }

  // The roots that are compared, which are taken as the tree grows.
  void want_roots() {
    roots_[static_cast<std::uint64_t>(last_id_)];
    for (const std::vector<std::string>* notes :
         {&std::as_const(notes_), &opts_.witnesses, &opts_.anchors}) {
      for (const std::string& note : *notes) {
        if (const auto checkpoint = parsed(note)) roots_[checkpoint->size];
      }
    }
    take_root();
  }

  void take_root() {
    const auto wanted = roots_.find(tree_.size());
    if (wanted != roots_.end()) wanted->second = tree_.root();
  }

  [[nodiscard]] Result<Hash> root_of(std::uint64_t size) const {
    const auto found = roots_.find(size);
    if (found != roots_.end() && found->second) return *found->second;
    return fail(ErrorCode::not_found,
                "event " + std::to_string(tree_.size() + 1) + " is not here, nor is its leaf");
  }

  // Copies that came twice are read as well: each has to be what was recorded.
  Result<void> check_events() {
    EventId ids = ids_of_a_step;
    EventId first = 1;
    while (first <= last_id_) {
      const EventId last = std::min(last_id_, first + ids - 1);
      const auto answer =
          ask(std::string(sql_columns::of_event) + std::string(Row::more_columns), "events",
              " AND id >= " + int64(first) + " AND id <= " + int64(last) + " ORDER BY id, leaf");
      if (!answer && answer.error().code == ErrorCode::too_large && ids > 1) {
        ids /= 2;
        continue;
      }
      if (!answer) return fail(answer.error());
      if (auto checked = check_rows(*answer); !checked) return checked;
      if (opts_.progress) opts_.progress(last, last_id_);
      first = last + 1;
      if (!answer->empty() || first > last_id_) continue;
      const auto next = next_after(last);
      if (!next) return fail(next.error());
      first = *next;
    }
    return {};
  }

  // The first event after that one; months of them may be gone.
  [[nodiscard]] Result<EventId> next_after(EventId id) const {
    const auto answer = ask("min(id)", "events", " AND id > " + int64(id));
    if (!answer) return fail(answer.error());
    RowBinaryReader rows(*answer);
    const EventId next = rows.at_end() ? last_id_ + 1 : rows.number();
    if (!rows.ok()) return fail(client_.unreadable());
    return std::max(next, id + 1);
  }

  Result<void> check_rows(std::string_view answer) {
    RowBinaryReader rows(answer);
    SpanEvents spans;
    while (!rows.at_end()) {
      const Row row = Row::read(rows);
      if (!rows.ok()) return fail(client_.unreadable());
      check_row(row, spans);
    }
    spans_.follow(spans, true);
    return {};
  }

  void check_row(const Row& row, SpanEvents& spans) {
    const EventId id = row.event.id;
    if (id == seen_) {
      check_again(row);
      return;
    }
    if (id > seen_ + 1) missing_.push_back({.first = seen_ + 1, .last = id - 1});
    seen_ = id;
    leaf_ = row.leaf;
    if (static_cast<std::uint64_t>(id) == tree_.size() + 1) {
      tree_.add(row.leaf);
      take_root();
    }
    if (row.recorded_at < recorded_at_) {
      tampered(id, "event " + std::to_string(id) + " was recorded before the one that precedes it");
    }
    recorded_at_ = std::max(recorded_at_, row.recorded_at);
    ++result_.events;
    compare(row);
    spans.add(row.event);
    note_record(row);
  }

  // A row of the event that came before it.
  void check_again(const Row& row) {
    if (row.leaf != leaf_) {
      tampered(row.event.id, clickhouse_sql::forked_text(row.event.id));
    }
    compare(row);
  }

  void compare(const Row& row) {
    const auto summary = row.commitment(SecretField::summary);
    const auto detail = row.commitment(SecretField::detail);
    entry_.clear();
    if (summary && detail) {
      append_entry(entry_, row.event, row.recorded_at, {.summary = *summary, .detail = *detail});
      if (leaf_hash(entry_) == row.leaf) return;
    }
    tampered(row.event.id, "event " + std::to_string(row.event.id) + " is not what was recorded");
  }

  void note_record(const Row& row) {
    if (!row.erased_summary.empty() || !row.erased_detail.empty()) {
      erased_.push_back({.id = row.event.id,
                         .summary = !row.erased_summary.empty(),
                         .detail = !row.erased_detail.empty()});
    }
    if (row.event.category != category::audit) return;
    named_.add(row.event, trail_);
    note_loss(result_.completeness, row.event);
  }

  void add_up() {
    named_.account_for(missing_, erased_, "not here", result_);
    spans_.report(result_.completeness);
  }

  const ClickhouseClient& client_;
  const std::string& trail_;
  const VerifyOpts& opts_;
  std::stop_token stop_;
  SpanCheck spans_;
  EventId last_id_ = 0;
  std::vector<std::string> notes_;
  RunningTree tree_;  // until the first event that is not here
  std::map<std::uint64_t, std::optional<Hash>> roots_;
  EventId seen_ = 0;
  Hash leaf_{};  // of the event that was seen last
  Timestamp recorded_at_ = Timestamp::from_ns(0);
  IdRanges missing_;
  std::vector<ErasedTexts> erased_;
  NamedDeletions named_;
  std::string entry_;
  Verification result_;
};

}  // namespace

Result<Verification> clickhouse_verify(const ClickhouseClient& client, const VerifyOpts& opts,
                                       const std::stop_token& stop) {
  if (client.address().trails.size() != 1) {
    return fail(ErrorCode::unsupported,
                "each trail of a fleet is verified for itself; name one in the URL (?trail=ID), as "
                "`agentaudit trails` lists them");
  }
  return Verifying(client, opts, stop).run();
}

}  // namespace agentaudit
