// BufferedEmitter: emit returns at once, a background thread writes in batches.
//
//   agentaudit::BufferedEmitter emitter(store);
//   emitter.start();
//   emitter.emit(event);                   // from any thread, never waits
//   emitter.close(std::chrono::seconds(5));
//
// offered = accepted + dropped, always. Drops are counted and recorded in the trail
// as `audit`/`gap` events. A failed batch is kept and tried again.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "agentaudit/core/event_sink.h"
#include "agentaudit/core/result.h"
#include "agentaudit/emit/emitter.h"

namespace agentaudit {

// What emit does for an event that finds the buffer full.
enum class FullPolicy : std::uint8_t {
  drop_newest,  // refuse the event at once
  block,        // wait for room until block_deadline, then refuse it
  durable,      // as block; and emit always returns only after the commit (or at the
                // deadline, when the event stays accepted)
};

struct CategoryPolicy {
  std::string category{};
  FullPolicy policy = FullPolicy::drop_newest;
};

// Something went wrong, or right again. Told from the background thread, never
// under a lock; the callback must not call flush or close of the same emitter.
struct Trouble {
  enum class Kind : std::uint8_t {
    write_failed,     // a batch failed and will be tried again; error says why
    write_recovered,  // the first batch after that is durable
    events_dropped,   // events were refused since the last report; events says how many
    event_refused,    // the sink can never take this event (error); it is counted and
                      // recorded as a gap
  };
  Kind kind = Kind::write_failed;
  Error error{};             // of write_failed and event_refused
  std::int64_t events = 0;   // in the batch, or dropped
  std::int64_t attempt = 0;  // of write_failed: 1, 2, 3 …
};

struct BufferedEmitterOptions {
  // Events in the buffer, those being written included. 0: 1,000.
  std::size_t capacity_events = 0;
  // Bytes of the buffer, allocated and touched at construction. 0: 8 MiB; at least
  // 2 MiB, at most 64 MiB (buffer_bytes_max).
  std::size_t capacity_bytes = 0;
  // Events in one write, at most limits::batch_events_max. 0: a quarter of the
  // capacity, at most 4,096. A full batch is written at once.
  std::size_t batch_events = 0;
  // A batch that is not full is written after this.
  std::chrono::milliseconds flush_interval{500};
  // After a failed write: the first rest, doubled after each further failure.
  std::chrono::milliseconds retry_rest_min{10};
  std::chrono::milliseconds retry_rest_max{500};

  FullPolicy full_policy = FullPolicy::drop_newest;
  // Exceptions for single categories.
  std::vector<CategoryPolicy> category_policies{};
  // How long `block` and `durable` wait.
  std::chrono::milliseconds block_deadline{1'000};

  // The `source` of gap events.
  std::string gap_source = "emitter";
  // Hears of trouble, on the background thread; must not block. Optional; copied. No call
  // begins once close has returned, whatever that said; one that is under way is waited for,
  // at most a second past the deadline.
  std::function<void(const Trouble&)> on_trouble{};
};

// A snapshot at one moment:
//   offered  = accepted + dropped
//   accepted = durable + refused + abandoned + buffered
struct EmitterCounters {
  std::int64_t offered = 0;
  std::int64_t accepted = 0;
  std::int64_t dropped = 0;    // refused by emit: buffer full, closed, or out of memory
  std::int64_t durable = 0;    // committed by the sink
  std::int64_t refused = 0;    // accepted, but the sink can never take them
  std::int64_t abandoned = 0;  // still in the buffer when the emitter ended
  std::int64_t buffered = 0;   // in the buffer, those being written included
  std::int64_t buffered_bytes = 0;
  std::int64_t gaps_recorded = 0;    // gap events in the trail
  std::int64_t losses_recorded = 0;  // dropped and refused events that those gaps speak of
  std::int64_t write_failures = 0;
};

// Thread-safe. Shares ownership of the sink, so that a sink that hangs can be left
// behind by close and the destructor without being destroyed under its own feet.
class BufferedEmitter final : public Emitter {
 public:
  static constexpr std::size_t buffer_bytes_min = 2U << 20U;
  static constexpr std::size_t buffer_bytes_max = 64U << 20U;

  // Options out of range are moved to the nearest allowed value.
  explicit BufferedEmitter(std::shared_ptr<EventSink> sink, BufferedEmitterOptions options = {});

  // Closes with a deadline of 5 s if close was not called. In a child of fork, does
  // nothing.
  ~BufferedEmitter() override;
  BufferedEmitter(const BufferedEmitter&) = delete;
  BufferedEmitter& operator=(const BufferedEmitter&) = delete;

  // Starts the background thread. Until then events are accepted into the buffer
  // and stay there. A stop request means: write what is buffered, then end, as close
  // does. Errors: closed (already closed, or in a child of fork), invalid_argument
  // (already started), io (no thread to be had).
  Result<void> start(std::stop_token stop = {});

  // Never waits unless the policy of the event's category says so. An event over
  // limits::event_bytes_max is cut (see cut_to_limit). After close, and in a child of
  // fork, events are dropped and counted.
  Emitted emit(const EventView& event) noexcept override;

  // Returns when everything accepted before the call is durable (or refused by the
  // sink for good). Errors: deadline (some is not yet), closed (the thread ended and
  // some never will be, or this is a child of fork), invalid_argument (not started,
  // and there is something to write).
  Result<void> flush(std::chrono::nanoseconds deadline);

  // Stops taking events, writes what is buffered (starting the thread if it never
  // was), then ends the thread. Idempotent. Errors: deadline: the sink did not take
  // everything in time; the rest counts as abandoned as soon as the thread ends.
  Result<void> close(std::chrono::nanoseconds deadline);

  [[nodiscard]] EmitterCounters counters() const noexcept;

 private:
  class Shared;
  std::unique_ptr<Shared> shared_;
};

}  // namespace agentaudit
