#include "agentaudit/emit/buffered_emitter.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <utility>

#include "agentaudit/core/limits.h"
#include "agentaudit/core/names.h"
#include "core/fork_guard.h"
#include "emit/batch_writer.h"

namespace agentaudit {
namespace {

using Clock = std::chrono::steady_clock;

// A deadline of hours::max must not overflow the clock.
Clock::time_point after(std::chrono::nanoseconds duration) {
  constexpr std::chrono::nanoseconds longest = std::chrono::hours(24 * 365);
  return Clock::now() + std::min(duration, longest);
}

BufferedEmitterOptions within_limits(BufferedEmitterOptions options) {
  constexpr std::size_t capacity_events_default = 1'000;
  constexpr std::size_t capacity_bytes_default = 8U << 20U;
  constexpr std::size_t batch_events_default_max = 4'096;
  constexpr std::chrono::milliseconds interval_min(1);

  if (options.capacity_events == 0) options.capacity_events = capacity_events_default;
  if (options.capacity_bytes == 0) options.capacity_bytes = capacity_bytes_default;
  options.capacity_bytes = std::clamp(options.capacity_bytes, BufferedEmitter::buffer_bytes_min,
                                      BufferedEmitter::buffer_bytes_max);
  if (options.batch_events == 0) {
    options.batch_events =
        std::clamp(options.capacity_events / 4, std::size_t{1}, batch_events_default_max);
  }
  options.batch_events =
      std::min({options.batch_events, options.capacity_events, limits::batch_events_max});
  options.flush_interval = std::max(options.flush_interval, interval_min);
  options.retry_rest_min = std::max(options.retry_rest_min, interval_min);
  options.retry_rest_max = std::max(options.retry_rest_max, options.retry_rest_min);
  return options;
}

}  // namespace

// What the emitter, its thread and its stop callback share.
class BufferedEmitter::Shared {
 public:
  Shared(std::shared_ptr<EventSink> sink, const BufferedEmitterOptions& options)
      : options_(options), writer_(std::make_shared<BatchWriter>(std::move(sink), options)) {}

  Result<void> start(std::stop_token stop) {
    if (fork_guard_.in_child()) return fail(closed_error());
    {
      const std::lock_guard guard(control_mutex_);
      if (writer_->ring().state().closed) return fail(closed_error());
      if (writer_->running())
        return fail(ErrorCode::invalid_argument, "the emitter was started before");
      if (auto started = BatchWriter::start(writer_); !started) return started;
    }
    // Registered without the lock: an old request runs the callback at once.
    stop_callback_.emplace(std::move(stop), CloseRequest{writer_});
    return {};
  }

  Emitted emit(const EventView& offered) noexcept {
    if (fork_guard_.in_child()) {
      child_drops_.fetch_add(1, std::memory_order_relaxed);
      return Emitted::dropped;
    }
    EventView event = offered;
    if (!event.timestamp.is_set()) event.timestamp = Timestamp::now();
    if (event.status.empty()) event.status = status::ok;
    const std::size_t size = size_bytes(event);
    if (size > limits::event_bytes_max) return emit_cut(event);
    return emit_sized(event, size);
  }

  Result<void> flush(std::chrono::nanoseconds timeout) {
    if (fork_guard_.in_child()) return fail(closed_error());
    const std::int64_t sequence = writer_->ring().state().accepted;
    if (writer_->settled() >= sequence) {
      writer_->flush();
      return {};
    }
    if (!writer_->running() && !writer_->ring().state().closed) {
      return fail(ErrorCode::invalid_argument, "flush: the emitter was not started");
    }
    writer_->flush();
    if (writer_->wait_settled(sequence, after(timeout))) return {};
    if (!writer_->running()) {
      return fail(ErrorCode::closed, "flush: the emitter ended before everything was durable");
    }
    return fail(ErrorCode::deadline,
                std::to_string(sequence - writer_->settled()) + " events are not durable yet");
  }

  Result<void> close(std::chrono::nanoseconds timeout) {
    if (fork_guard_.in_child()) return fail(closed_error());
    const auto deadline = after(timeout);
    const std::lock_guard guard(control_mutex_);
    writer_->ring().close();
    if (abandoned_thread_) return fail(left_behind());
    writer_->finish();
    // Also when it ended before, if there is something to write: events that were
    // buffered without a start, drops since the last close.
    if (!writer_->running() && has_work()) {
      if (auto started = BatchWriter::start(writer_); !started) return started;
    }
    if (writer_->join(deadline)) return {};
    abandoned_thread_ = true;
    return fail(left_behind());
  }

  [[nodiscard]] EmitterCounters counters() const noexcept {
    EmitterCounters counters;
    if (fork_guard_.in_child()) {
      counters.offered = counters.dropped = child_drops_.load(std::memory_order_relaxed);
      return counters;
    }
    // In this order what moves in between is seen in both places, never in none; the
    // difference makes `buffered` right.
    const BatchWriter::Counters written = writer_->counters();
    const ArenaRing::State state = writer_->ring().state();
    counters.accepted = state.accepted;
    counters.dropped = state.dropped;
    counters.offered = state.accepted + state.dropped;
    counters.durable = written.durable;
    counters.refused = written.refused;
    counters.abandoned = written.abandoned;
    counters.buffered = state.accepted - written.durable - written.refused - written.abandoned;
    counters.buffered_bytes = state.bytes;
    counters.gaps_recorded = written.gaps_recorded;
    counters.losses_recorded = written.losses_recorded;
    counters.write_failures = written.write_failures;
    return counters;
  }

  [[nodiscard]] bool in_child() const noexcept { return fork_guard_.in_child(); }

 private:
  struct CloseRequest {
    std::shared_ptr<BatchWriter> writer;
    void operator()() const {
      writer->ring().close();
      writer->finish();
    }
  };

  [[nodiscard]] Error closed_error() const {
    return {.code = ErrorCode::closed,
            .message = fork_guard_.in_child()
                           ? "the emitter belongs to the process that forked this one"
                           : "the emitter is closed"};
  }

  [[nodiscard]] Error left_behind() const {
    const ArenaRing::State state = writer_->ring().state();
    return {.code = ErrorCode::deadline,
            .message = "the sink did not take everything in time; " +
                       std::to_string(state.accepted - writer_->settled()) +
                       " events are abandoned"};
  }

  [[nodiscard]] bool has_work() const {
    if (writer_->ring().state().events > 0) return true;
    const LossTally losses = writer_->ring().losses();
    return std::any_of(losses.begin(), losses.end(),
                       [](const Losses& of_reason) { return of_reason.events > 0; });
  }

  [[nodiscard]] FullPolicy policy_of(std::string_view category) const noexcept {
    for (const CategoryPolicy& exception : options_.category_policies) {
      if (exception.category == category) return exception.policy;
    }
    return options_.full_policy;
  }

  Emitted emit_sized(const EventView& event, std::size_t size) noexcept {
    const FullPolicy policy = policy_of(event.category);
    const bool waits = policy != FullPolicy::drop_newest;
    ArenaRing::Pushed pushed = writer_->ring().push(event, size, !waits);
    if (pushed.outcome != ArenaRing::Push::accepted) {
      if (!waits || !push_when_room(event, size, pushed)) return Emitted::dropped;
    }
    if (policy == FullPolicy::durable) return wait_durable(pushed.sequence);
    if (pushed.wake_consumer) writer_->hurry();
    return Emitted::accepted;
  }

  // Tries again whenever the ring shrank, until the deadline. Counts the drop.
  bool push_when_room(const EventView& event, std::size_t size,
                      ArenaRing::Pushed& pushed) noexcept {
    const auto deadline = after(options_.block_deadline);
    bool last_try = false;
    while (true) {
      const std::int64_t settled = writer_->settled();
      pushed = writer_->ring().push(event, size, last_try);
      if (pushed.outcome == ArenaRing::Push::accepted) return true;
      if (last_try) return false;
      writer_->hurry();
      last_try =
          pushed.outcome == ArenaRing::Push::closed || !writer_->wait_popped(settled, deadline);
    }
  }

  Emitted wait_durable(std::int64_t sequence) noexcept {
    const std::int64_t refused = writer_->counters().refused;
    writer_->hurry();
    if (!writer_->wait_settled(sequence, after(options_.block_deadline))) return Emitted::accepted;
    // Any refusal meanwhile may have been this event: never claim more than is known.
    return writer_->counters().refused == refused ? Emitted::durable : Emitted::accepted;
  }

  Emitted emit_cut(const EventView& event) noexcept {
    try {
      Event shorter = event.to_event();
      (void)cut_to_limit(shorter);
      const EventView view(shorter);
      return emit_sized(view, size_bytes(view));
    } catch (...) {
      writer_->ring().lose(LossReason::out_of_memory);
      return Emitted::dropped;
    }
  }

  // Constant after construction.
  const BufferedEmitterOptions options_;
  const std::shared_ptr<BatchWriter> writer_;
  const ForkGuard fork_guard_;

  std::atomic<std::int64_t> child_drops_{0};

  std::mutex control_mutex_;  // one start or close at a time
  bool abandoned_thread_ = false;
  std::optional<std::stop_callback<CloseRequest>> stop_callback_;
};

BufferedEmitter::BufferedEmitter(std::shared_ptr<EventSink> sink, BufferedEmitterOptions options)
    : shared_(std::make_unique<Shared>(std::move(sink), within_limits(std::move(options)))) {}

BufferedEmitter::~BufferedEmitter() {
  if (shared_->in_child()) {
    // The thread is the parent's; joining or destroying what it uses would hang here.
    [[maybe_unused]] const Shared* const left_behind = shared_.release();
    return;
  }
  (void)close(std::chrono::seconds(5));
}

Result<void> BufferedEmitter::start(std::stop_token stop) {
  return shared_->start(std::move(stop));
}

Emitted BufferedEmitter::emit(const EventView& event) noexcept { return shared_->emit(event); }

Result<void> BufferedEmitter::flush(std::chrono::nanoseconds deadline) {
  return shared_->flush(deadline);
}

Result<void> BufferedEmitter::close(std::chrono::nanoseconds deadline) {
  return shared_->close(deadline);
}

EmitterCounters BufferedEmitter::counters() const noexcept { return shared_->counters(); }

}  // namespace agentaudit
