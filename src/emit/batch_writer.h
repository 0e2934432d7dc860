// BatchWriter: the background thread of a BufferedEmitter: takes events out of the
// ring, writes them in batches, tries again, and records what was lost.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <vector>

#include "agentaudit/core/event_sink.h"
#include "agentaudit/emit/buffered_emitter.h"
#include "emit/arena_ring.h"

namespace agentaudit {

// Thread-safe where nothing else is said.
class BatchWriter {
 public:
  using Clock = std::chrono::steady_clock;

  BatchWriter(std::shared_ptr<EventSink> sink, const BufferedEmitterOptions& options);

  [[nodiscard]] ArenaRing& ring() noexcept { return ring_; }
  [[nodiscard]] const ArenaRing& ring() const noexcept { return ring_; }

  // Starts the thread, which keeps `self` alive until it ends. Errors: io.
  [[nodiscard]] static Result<void> start(const std::shared_ptr<BatchWriter>& self);
  // Whether the thread was started and has not ended.
  [[nodiscard]] bool running() const;

  // Has the thread write what there is now, without waiting for it.
  void hurry();
  // Has the thread write what there is now and have the sink sign it, without waiting.
  void flush();
  // Has the thread end once the ring is empty.
  void finish();
  // Waits until everything up to the sequence number is settled: durable, or refused
  // for good. False: not by the deadline, or the thread ended before.
  [[nodiscard]] bool wait_settled(std::int64_t sequence, Clock::time_point deadline);
  // Waits for the ring to have changed since `popped` was read. False: not in time.
  [[nodiscard]] bool wait_popped(std::int64_t popped, Clock::time_point deadline);
  [[nodiscard]] std::int64_t settled() const;
  // Waits for the thread to end and joins it. At the deadline leaves it behind, with
  // the order to give up, and answers false.
  [[nodiscard]] bool join(Clock::time_point deadline);

  struct Counters {
    std::int64_t durable = 0;
    std::int64_t refused = 0;
    std::int64_t abandoned = 0;
    std::int64_t gaps_recorded = 0;
    std::int64_t losses_recorded = 0;
    std::int64_t write_failures = 0;
  };
  [[nodiscard]] Counters counters() const;

 private:
  enum class Outcome : std::uint8_t { done, given_up };

  void run();
  // Sleeps until there is a batch, the flush interval is over, or somebody asks.
  // False: it is time to end.
  [[nodiscard]] bool wait_for_work();
  [[nodiscard]] Outcome write_everything();
  // When the thread was flushed, ends, or had nothing to write for one interval.
  void sign_when_due(bool wrote);
  [[nodiscard]] Outcome write_batch();
  // Tries until the batch is durable. Fills `refusal` when the sink never will take it.
  [[nodiscard]] Outcome write_until_durable(std::span<const EventView> events,
                                            std::optional<Error>& refusal);
  [[nodiscard]] Outcome write_one_by_one();
  [[nodiscard]] Outcome record_gaps();
  [[nodiscard]] Result<IdRange> try_write(std::span<const EventView> events) noexcept;
  // Rests after a failure. False: told to give up meanwhile.
  [[nodiscard]] bool rest(std::chrono::milliseconds duration);
  void settle(std::size_t durable, std::size_t refused);
  void abandon_rest();
  void report(const Trouble& trouble) noexcept;
  void report_drops();

  // Constant after construction.
  const std::shared_ptr<EventSink> sink_;
  const BufferedEmitterOptions options_;
  ArenaRing ring_;

  // Used by the thread alone.
  std::vector<EventView> batch_;
  std::int64_t drops_reported_ = 0;
  bool signed_ = true;  // the sink, all that it was given

  mutable std::mutex mutex_;
  std::condition_variable work_;     // for the thread
  std::condition_variable changed_;  // for those who wait for it
  // Guarded by mutex_.
  std::thread thread_;
  bool running_ = false;
  bool hurried_ = false;
  bool flushed_ = false;
  bool finishing_ = false;
  bool give_up_ = false;
  bool reporting_ = false;    // on_trouble is being called
  std::int64_t settled_ = 0;  // sequence number up to which all is durable or refused
  Counters counters_;
};

}  // namespace agentaudit
