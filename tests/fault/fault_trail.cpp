#include "fault/fault_trail.h"

#include <set>

#include "ledger/note_signer.h"
#include "store/all_events.h"
#include "store/store_conformance.h"

namespace agentaudit {
namespace {

using namespace std::chrono_literals;

constexpr int batches_before_prune = 5;
constexpr int batches = 8;
constexpr std::size_t batch_events = 3;
constexpr Timestamp cutoff = at(2);  // the first two batches go

const NoteSigner& key() {
  static const NoteSigner key = NoteSigner::generate("fault.example").value();
  return key;
}

SqliteStoreOptions options() {
  SqliteStoreOptions options;
  options.busy_timeout = 100ms;
  options.record_sessions = true;
  options.signing_key = *key().private_text();
  options.query_threads = 1;
  options.wal_pages = 12;  // several times moved to the file
  return options;
}

std::string summary_of(int batch, std::size_t number) {
  return "batch " + std::to_string(batch) + " event " + std::to_string(number);
}

}  // namespace

template <typename T>
bool FaultTrail::noted(const Result<T>& result, const char* what) {
  if (!result) errors_.push_back(std::string(what) + ": " + result.error().message);
  return result.has_value();
}

void FaultTrail::insert(SqliteStore& store, int batch) {
  std::vector<Event> events;
  for (std::size_t i = 0; i < batch_events; ++i) {
    events.push_back(event_at(at(batch), summary_of(batch, i)));
    events.back().detail = std::string(7'000, 'x');
  }
  const std::vector<EventView> views(events.begin(), events.end());
  for (int attempt = 0; attempt < 2; ++attempt) {
    const auto range = store.insert_batch(views);
    if (!noted(range, "insert")) continue;
    for (std::size_t i = 0; i < events.size(); ++i) {
      acknowledged_[range->first + static_cast<EventId>(i)] = events[i].summary;
    }
    return;
  }
}

void FaultTrail::record() {
  const auto opened = SqliteStore::open(path_, options());
  if (!noted(opened, "open")) return;
  SqliteStore& store = **opened;
  int batch = 0;
  for (; batch < batches_before_prune; ++batch) insert(store, batch);
  if (!acknowledged_.empty()) {
    redacted_ = acknowledged_.rbegin()->first;
    (void)noted(store.redact({.id = redacted_, .detail = true, .reason = "asked for"}), "redact");
  }
  const auto checkpoint = store.checkpoint();
  if (noted(checkpoint, "checkpoint")) checkpoints_.push_back(*checkpoint);
  pruned_ = true;
  (void)noted(store.prune_before({.cutoff = cutoff, .keep_pace = false}, {}), "prune");
  for (; batch < batches; ++batch) insert(store, batch);
  (void)noted(store.list({}), "list");
  (void)noted(store.close(), "close");
}

std::string FaultTrail::complaint() {
  auto writes = options();
  writes.create = acknowledged_.empty();
  const auto opened = SqliteStore::open(path_, writes);
  if (!opened) return "does not open: " + opened.error().message;
  if (auto complaint = complaint_about(**opened); !complaint.empty()) return complaint;
  // The next writer goes on.
  const auto id = (*opened)->insert(event_at(at(100), "afterwards"));
  if (!id) return "takes nothing more: " + id.error().message;
  if (const auto checked = (*opened)->check({}); !checked) return checked.error().message;
  if (const auto closed = (*opened)->close(); !closed) return closed.error().message;
  return {};
}

std::string FaultTrail::complaint_about(SqliteStore& store) {
  const auto events = all_events(store);
  if (!events) return "cannot be read: " + events.error().message;
  auto complaint = complaint_about_events(*events);
  return complaint.empty() ? complaint_about_ledger(store) : complaint;
}

std::string FaultTrail::complaint_about_events(const std::vector<Event>& events) const {
  std::map<EventId, const Event*> by_id;
  std::map<std::string, std::size_t> by_batch;
  std::set<std::string> summaries;
  for (const Event& event : events) {
    by_id[event.id] = &event;
    if (!event.summary.starts_with("batch ")) continue;
    if (!summaries.insert(event.summary).second) return event.summary + " is there twice";
    ++by_batch[event.summary.substr(0, event.summary.find(" event"))];
    const bool erased = event.id == redacted_ && event.detail == R"({"redacted":true})";
    if (!erased && event.detail != std::string(7'000, 'x')) return event.summary + " has changed";
  }
  for (const auto& [id, summary] : acknowledged_) {
    const bool may_be_pruned = pruned_ && summary < "batch 2";
    const auto found = by_id.find(id);
    if (found == by_id.end() && !may_be_pruned) return summary + " was acknowledged and is gone";
    if (found != by_id.end() && found->second->summary != summary) {
      return summary + " was acknowledged, but its id is that of " + found->second->summary;
    }
  }
  for (const auto& [batch, count] : by_batch) {
    if (count != batch_events) return batch + " is there in part";
  }
  return {};
}

std::string FaultTrail::complaint_about_ledger(SqliteStore& store) {
  VerifyOpts opts;
  opts.keys = {key().verifier().to_text()};
  opts.anchors = checkpoints_;
  const auto found = store.verify(opts, {});
  if (!found) return "cannot be verified: " + found.error().message;
  if (found->verdict != Verdict::intact && found->verdict != Verdict::incomplete) {
    const auto& first = found->integrity.first;
    return "is " + std::string(to_string(found->verdict)) + ": " +
           (first.empty() ? "" : first.front().what);
  }
  return {};
}

}  // namespace agentaudit
