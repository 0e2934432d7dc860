#include "emit/arena_ring.h"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <new>

#include "core/event_fields.h"

namespace agentaudit {
namespace {

constexpr std::size_t alignment = 8;

constexpr std::size_t aligned(std::size_t bytes) {
  return (bytes + alignment - 1) / alignment * alignment;
}

enum class RecordState : std::uint32_t {
  reserved,  // its bytes are being copied
  ready,
  skipped,  // the rest of the block, too short for the record that came
};

// A record's lines lie in another core's cache, or in none; asked for ahead, they come
// side by side instead of one after another. Harmless past the end of the block.
void prefetch_for_read(const std::byte* place, std::size_t bytes) noexcept {
  for (std::size_t i = 0; i < bytes; i += 64) __builtin_prefetch(place + i);
}

void prefetch_for_write(const std::byte* place, std::size_t bytes) noexcept {
  constexpr std::size_t bytes_max = 1'024;
  for (std::size_t i = 0; i < std::min(bytes, bytes_max); i += 64) {
#if defined(__x86_64__)
    // The builtin asks for a line to read only.
    asm volatile("prefetchw %0" : : "m"(place[i]));
#else
    __builtin_prefetch(place + i, 1);
#endif
  }
}

}  // namespace

// What stands at the start of each record, and alone where the rest of the block was
// skipped.
struct ArenaRing::Prefix {
  std::uint32_t bytes;  // of the whole record, a multiple of the alignment
  std::atomic<RecordState> state;
};

// The text of all strings follows it without a gap.
struct ArenaRing::Record {
  Prefix prefix;
  std::int64_t timestamp_ns;
  std::int64_t duration_ms;
  std::array<std::uint32_t, string_fields.size()> lengths;

  [[nodiscard]] char* text() noexcept {
    return reinterpret_cast<char*>(this) + aligned(sizeof(Record));
  }

  void copy_from(const EventView& event) noexcept {
    timestamp_ns = event.timestamp.ns();
    duration_ms = event.duration.count();
    char* out = text();
    std::size_t i = 0;
    for (const StringField& field : string_fields) {
      const std::string_view string = event.*field.view;
      lengths[i++] = static_cast<std::uint32_t>(string.size());
      if (string.empty()) continue;
      std::memcpy(out, string.data(), string.size());
      out += string.size();
    }
  }

  [[nodiscard]] EventView view() noexcept {
    EventView event;
    event.timestamp = Timestamp::from_ns(timestamp_ns);
    event.duration = std::chrono::milliseconds(duration_ms);
    const char* from = text();
    std::size_t i = 0;
    for (const StringField& field : string_fields) {
      event.*field.view = std::string_view(from, lengths[i]);
      from += lengths[i++];
    }
    return event;
  }
};

ArenaRing::ArenaRing(std::size_t capacity_events, std::size_t capacity_bytes)
    : capacity_events_(static_cast<std::int64_t>(capacity_events)),
      capacity_bytes_(aligned(capacity_bytes)),
      // Value-initialised: every page is touched now, not during an emit.
      bytes_(new std::byte[aligned(capacity_bytes)]()) {}

std::byte* ArenaRing::place_of(std::uint64_t offset) const noexcept {
  return bytes_.get() + offset % capacity_bytes_;
}

ArenaRing::Prefix& ArenaRing::prefix_at(std::uint64_t offset) const noexcept {
  return *std::launder(reinterpret_cast<Prefix*>(place_of(offset)));
}

ArenaRing::Record& ArenaRing::record_at(std::uint64_t offset) const noexcept {
  return *std::launder(reinterpret_cast<Record*>(place_of(offset)));
}

// A place for the record, without a break; nullptr: there is none. Under the lock.
ArenaRing::Record* ArenaRing::reserve(std::size_t record_bytes) noexcept {
  if (events_ >= capacity_events_) return nullptr;
  const std::uint64_t to_end = capacity_bytes_ - head_ % capacity_bytes_;
  const std::uint64_t skip = to_end < record_bytes ? to_end : 0;
  if (head_ - tail_ + skip + record_bytes > capacity_bytes_) return nullptr;
  if (skip != 0) {
    new (place_of(head_)) Prefix{static_cast<std::uint32_t>(skip), RecordState::skipped};
    head_ += skip;
  }
  auto* const record = new (place_of(head_)) Record;
  record->prefix.bytes = static_cast<std::uint32_t>(record_bytes);
  record->prefix.state.store(RecordState::reserved, std::memory_order_relaxed);
  head_ += record_bytes;
  return record;
}

ArenaRing::Pushed ArenaRing::push(const EventView& event, std::size_t size,
                                  bool count_drop) noexcept {
  const std::size_t record_bytes = aligned(aligned(sizeof(Record)) + size);
  Pushed pushed;
  Record* record = nullptr;
  {
    const std::lock_guard guard(lock_);
    if (!closed_) record = reserve(record_bytes);
    if (record == nullptr) {
      pushed.outcome = closed_ ? Push::closed : Push::full;
      if (count_drop) {
        ++dropped_;
        note_loss(closed_ ? LossReason::closed : LossReason::buffer_full, 1);
      }
      return pushed;
    }
    pushed.outcome = Push::accepted;
    pushed.sequence = ++accepted_;
    ++events_;
    if (wake_at_ != 0 && events_ >= wake_at_) {
      pushed.wake_consumer = true;
      wake_at_ = 0;
    }
  }
  record->copy_from(event);
  record->prefix.state.store(RecordState::ready, std::memory_order_release);
  prefetch_for_write(reinterpret_cast<const std::byte*>(record) + record_bytes, record_bytes);
  return pushed;
}

void ArenaRing::note_loss(LossReason reason, std::int64_t events) noexcept {
  Losses& losses = losses_[static_cast<std::size_t>(reason)];
  losses.last = Timestamp::now();
  if (losses.events == 0) losses.first = losses.last;
  losses.events += events;
}

void ArenaRing::lose(LossReason reason, std::int64_t events) noexcept {
  const std::lock_guard guard(lock_);
  if (reason != LossReason::refused_by_store) dropped_ += events;
  note_loss(reason, events);
}

void ArenaRing::close() noexcept {
  const std::lock_guard guard(lock_);
  closed_ = true;
}

void ArenaRing::peek(std::vector<EventView>& views, std::size_t events_max) const {
  std::uint64_t offset = 0;
  std::uint64_t end = 0;
  {
    const std::lock_guard guard(lock_);
    offset = tail_;
    end = head_;
  }
  for (std::size_t events = 0; offset < end && events < events_max;) {
    const Prefix& prefix = prefix_at(offset);
    const RecordState state = prefix.state.load(std::memory_order_acquire);
    if (state == RecordState::reserved) return;
    prefetch_for_read(place_of(offset + prefix.bytes), sizeof(Record));
    if (state == RecordState::ready) {
      views.push_back(record_at(offset).view());
      ++events;
    }
    offset += prefix.bytes;
  }
}

void ArenaRing::pop(std::size_t events) noexcept {
  // Only this thread moves tail_, so the walk needs no lock.
  std::uint64_t offset = tail_;
  for (std::size_t popped = 0; popped < events;) {
    const Prefix& prefix = prefix_at(offset);
    if (prefix.state.load(std::memory_order_relaxed) == RecordState::ready) ++popped;
    offset += prefix.bytes;
  }
  const std::lock_guard guard(lock_);
  tail_ = offset;
  events_ -= static_cast<std::int64_t>(events);
  // An empty ring starts anew at a place where any record fits.
  if (tail_ == head_) {
    head_ = tail_ = (head_ + capacity_bytes_ - 1) / capacity_bytes_ * capacity_bytes_;
  }
}

bool ArenaRing::wake_at(std::int64_t events) noexcept {
  const std::lock_guard guard(lock_);
  if (events_ >= events) return false;
  wake_at_ = events;
  return true;
}

ArenaRing::State ArenaRing::state() const noexcept {
  const std::lock_guard guard(lock_);
  return {.accepted = accepted_,
          .dropped = dropped_,
          .events = events_,
          .bytes = static_cast<std::int64_t>(head_ - tail_),
          .closed = closed_};
}

LossTally ArenaRing::losses() const noexcept {
  const std::lock_guard guard(lock_);
  return losses_;
}

void ArenaRing::settle(const LossTally& recorded) noexcept {
  const std::lock_guard guard(lock_);
  for (std::size_t i = 0; i < loss_reasons; ++i) {
    if (recorded[i].events == 0) continue;
    losses_[i].events -= recorded[i].events;
    // What came after the snapshot came at its end or later.
    losses_[i].first = recorded[i].last;
  }
}

}  // namespace agentaudit
