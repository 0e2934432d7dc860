// ArenaRing: events between the threads that emit them and the one that writes them,
// as bytes in one block of memory that is allocated and touched once.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "agentaudit/core/event.h"
#include "agentaudit/core/timestamp.h"
#include "emit/spin_lock.h"

namespace agentaudit {

// Why an event is missing from the trail.
enum class LossReason : std::uint8_t {
  buffer_full,
  closed,
  out_of_memory,     // it was over the limit, and cutting it found no memory
  refused_by_store,  // the sink can never take it
};
inline constexpr std::size_t loss_reasons = 4;

// The losses of one reason.
struct Losses {
  std::int64_t events = 0;
  Timestamp first;
  Timestamp last;
};
using LossTally = std::array<Losses, loss_reasons>;

// Any number of threads push; one thread peeks and pops. Reserving a place takes a
// spin lock for a few instructions; the bytes are copied outside it.
class ArenaRing {
 public:
  struct State {
    std::int64_t accepted = 0;  // ever; also the sequence number of the newest event
    std::int64_t dropped = 0;   // ever
    std::int64_t events = 0;    // in the ring
    std::int64_t bytes = 0;     // in the ring
    bool closed = false;
  };
  enum class Push : std::uint8_t { accepted, full, closed };
  struct Pushed {
    Push outcome = Push::full;
    std::int64_t sequence = 0;  // of the accepted event: 1, 2, 3 …
    bool wake_consumer = false;
  };

  ArenaRing(std::size_t capacity_events, std::size_t capacity_bytes);

  // Copies the event, its id excepted, into the ring. `size` is size_bytes(event).
  // An event that finds no room, or a closed ring, is counted as dropped when
  // `count_drop`; otherwise nothing changes.
  Pushed push(const EventView& event, std::size_t size, bool count_drop) noexcept;
  // Counts an event as dropped (or, refused_by_store, an accepted one as lost).
  void lose(LossReason reason, std::int64_t events = 1) noexcept;
  // From now on every push answers `closed`.
  void close() noexcept;

  // Appends views of the oldest events to `views`, up to `events_max`. They are valid
  // until they are popped. An event whose copy is still under way ends the list.
  void peek(std::vector<EventView>& views, std::size_t events_max) const;
  // Removes the oldest events; they were peeked.
  void pop(std::size_t events) noexcept;
  // Asks for wake_consumer from the push that makes the ring hold that many events.
  // False: it already does, and nothing was asked for.
  [[nodiscard]] bool wake_at(std::int64_t events) noexcept;

  [[nodiscard]] State state() const noexcept;
  // Losses not yet settled.
  [[nodiscard]] LossTally losses() const noexcept;
  // Takes off what a gap event in the trail now speaks of.
  void settle(const LossTally& recorded) noexcept;

 private:
  static constexpr std::size_t cache_line_bytes = 64;

  struct Prefix;
  struct Record;

  [[nodiscard]] Record* reserve(std::size_t record_bytes) noexcept;
  [[nodiscard]] std::byte* place_of(std::uint64_t offset) const noexcept;
  [[nodiscard]] Prefix& prefix_at(std::uint64_t offset) const noexcept;
  [[nodiscard]] Record& record_at(std::uint64_t offset) const noexcept;
  void note_loss(LossReason reason, std::int64_t events) noexcept;

  // Constant after construction.
  const std::int64_t capacity_events_;
  const std::uint64_t capacity_bytes_;
  std::unique_ptr<std::byte[]> bytes_;

  // Guarded by lock_. What a push changes shares the lock's cache line and nothing else
  // does, so that one transfer between cores serves a push. Offsets only grow; modulo
  // the capacity they are places.
  alignas(cache_line_bytes) mutable SpinLock lock_;
  bool closed_ = false;
  std::uint64_t head_ = 0;
  std::uint64_t tail_ = 0;
  std::int64_t accepted_ = 0;
  std::int64_t dropped_ = 0;
  std::int64_t events_ = 0;
  std::int64_t wake_at_ = 0;  // 0: the consumer does not sleep
  alignas(cache_line_bytes) LossTally losses_;
};

}  // namespace agentaudit
