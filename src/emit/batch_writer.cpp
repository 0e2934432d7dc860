#include "emit/batch_writer.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <system_error>
#include <utility>

#include "core/out_of_memory.h"
#include "emit/gap_event.h"

namespace agentaudit {
namespace {

// For a call of on_trouble that is under way when the writer is left behind.
constexpr std::chrono::seconds observer_patience{1};

}  // namespace

BatchWriter::BatchWriter(std::shared_ptr<EventSink> sink, const BufferedEmitterOptions& options)
    : sink_(std::move(sink)),
      options_(options),
      ring_(options.capacity_events, options.capacity_bytes) {
  batch_.reserve(options.batch_events);
}

Result<void> BatchWriter::start(const std::shared_ptr<BatchWriter>& self) {
  const std::lock_guard guard(self->mutex_);
  if (self->running_) return {};
  try {
    if (self->thread_.joinable()) self->thread_.join();  // an earlier run that ended
    self->thread_ = std::thread([self] { self->run(); });
  } catch (const std::system_error& error) {
    return fail(ErrorCode::io, std::string("no thread to be had: ") + error.what());
  } catch (const std::bad_alloc&) {
    return out_of_memory();
  }
  self->running_ = true;
  return {};
}

bool BatchWriter::running() const {
  const std::lock_guard guard(mutex_);
  return running_;
}

void BatchWriter::hurry() {
  const std::lock_guard guard(mutex_);
  hurried_ = true;
  work_.notify_all();
}

void BatchWriter::flush() {
  const std::lock_guard guard(mutex_);
  flushed_ = true;
  hurried_ = true;
  work_.notify_all();
}

void BatchWriter::finish() {
  const std::lock_guard guard(mutex_);
  finishing_ = true;
  work_.notify_all();
}

bool BatchWriter::wait_settled(std::int64_t sequence, Clock::time_point deadline) {
  std::unique_lock guard(mutex_);
  changed_.wait_until(guard, deadline, [&] { return settled_ >= sequence || !running_; });
  return settled_ >= sequence;
}

bool BatchWriter::wait_popped(std::int64_t popped, Clock::time_point deadline) {
  std::unique_lock guard(mutex_);
  return changed_.wait_until(guard, deadline, [&] { return settled_ > popped; });
}

std::int64_t BatchWriter::settled() const {
  const std::lock_guard guard(mutex_);
  return settled_;
}

bool BatchWriter::join(Clock::time_point deadline) {
  std::unique_lock guard(mutex_);
  const bool ended = changed_.wait_until(guard, deadline, [&] { return !running_; });
  if (!ended) {
    give_up_ = true;
    work_.notify_all();
    changed_.wait_for(guard, observer_patience, [&] { return !reporting_; });
  }
  // The thread's last act is to let go of the mutex, so joining it here is brief.
  std::thread thread = std::move(thread_);
  guard.unlock();
  if (!thread.joinable()) return ended;
  if (ended) {
    thread.join();
  } else {
    thread.detach();
  }
  return ended;
}

BatchWriter::Counters BatchWriter::counters() const {
  const std::lock_guard guard(mutex_);
  return counters_;
}

void BatchWriter::run() {
  bool more = true;
  while (more) {
    more = wait_for_work();
    report_drops();
    const std::int64_t settled_before = settled();
    if (write_everything() == Outcome::given_up) break;
    sign_when_due(settled() != settled_before);
  }
  abandon_rest();
  const std::lock_guard guard(mutex_);
  running_ = false;
  changed_.notify_all();
}

bool BatchWriter::wait_for_work() {
  std::unique_lock guard(mutex_);
  const auto asked = [&] { return hurried_ || finishing_ || give_up_; };
  if (!asked() && ring_.wake_at(static_cast<std::int64_t>(options_.batch_events))) {
    work_.wait_for(guard, options_.flush_interval, [&] {
      return asked() || ring_.state().events >= static_cast<std::int64_t>(options_.batch_events);
    });
  }
  hurried_ = false;
  return !finishing_ && !give_up_;
}

BatchWriter::Outcome BatchWriter::write_everything() {
  auto gaps_due = Clock::now() + options_.flush_interval;
  while (ring_.state().events > 0) {
    if (write_batch() == Outcome::given_up) return Outcome::given_up;
    // Under a load that never lets the ring run empty, losses are told all the same.
    if (Clock::now() < gaps_due) continue;
    if (record_gaps() == Outcome::given_up) return Outcome::given_up;
    gaps_due = Clock::now() + options_.flush_interval;
  }
  return record_gaps();
}

void BatchWriter::sign_when_due(bool wrote) {
  signed_ = signed_ && !wrote;
  bool asked = false;
  {
    const std::lock_guard guard(mutex_);
    asked = std::exchange(flushed_, false) || finishing_;
  }
  if (signed_ || (wrote && !asked)) return;
  // What cannot be signed now stays durable, and is signed with what comes next.
  signed_ = true;
  try {
    (void)sink_->sign();
  } catch (...) {  // NOLINT(bugprone-empty-catch): to record goes before to prove
  }
}

BatchWriter::Outcome BatchWriter::write_batch() {
  batch_.clear();
  ring_.peek(batch_, options_.batch_events);
  if (batch_.empty()) {
    // The oldest event's bytes are being copied this very moment.
    std::this_thread::yield();
    return Outcome::done;
  }
  std::optional<Error> refusal;
  if (write_until_durable(batch_, refusal) == Outcome::given_up) return Outcome::given_up;
  if (!refusal) {
    settle(batch_.size(), 0);
    return Outcome::done;
  }
  // Something in it will never be taken; the rest must not go with it.
  return write_one_by_one();
}

BatchWriter::Outcome BatchWriter::write_one_by_one() {
  for (const EventView& event : batch_) {
    std::optional<Error> refusal;
    if (write_until_durable({&event, 1}, refusal) == Outcome::given_up) return Outcome::given_up;
    if (!refusal) {
      settle(1, 0);
      continue;
    }
    ring_.lose(LossReason::refused_by_store);
    settle(0, 1);
    report({.kind = Trouble::Kind::event_refused, .error = std::move(*refusal), .events = 1});
  }
  return Outcome::done;
}

BatchWriter::Outcome BatchWriter::write_until_durable(std::span<const EventView> events,
                                                      std::optional<Error>& refusal) {
  auto pause = options_.retry_rest_min;
  const auto count = static_cast<std::int64_t>(events.size());
  for (std::int64_t attempt = 1;; ++attempt) {
    auto written = try_write(events);
    if (written) {
      if (attempt > 1)
        report({.kind = Trouble::Kind::write_recovered, .error = {}, .events = count});
      return Outcome::done;
    }
    if (!is_transient(written.error().code)) {
      refusal = std::move(written.error());
      return Outcome::done;
    }
    {
      const std::lock_guard guard(mutex_);
      ++counters_.write_failures;
    }
    report({.kind = Trouble::Kind::write_failed,
            .error = std::move(written.error()),
            .events = count,
            .attempt = attempt});
    report_drops();
    if (!rest(pause)) return Outcome::given_up;
    pause = std::min(pause * 2, options_.retry_rest_max);
  }
}

// One event for each reason. A gap that the sink refuses, or that there is no memory for,
// stays unsettled and is tried again with the next batch.
BatchWriter::Outcome BatchWriter::record_gaps() {
  const LossTally losses = ring_.losses();
  for (std::size_t i = 0; i < loss_reasons; ++i) {
    if (losses[i].events == 0) continue;
    const auto gap = or_out_of_memory([&]() -> Result<Event> {
      return gap_event(static_cast<LossReason>(i), losses[i], options_.gap_source);
    });
    if (!gap) continue;
    const EventView view(*gap);
    std::optional<Error> refusal;
    if (write_until_durable({&view, 1}, refusal) == Outcome::given_up) return Outcome::given_up;
    if (refusal) continue;
    LossTally recorded;
    recorded[i] = losses[i];
    ring_.settle(recorded);
    const std::lock_guard guard(mutex_);
    ++counters_.gaps_recorded;
    counters_.losses_recorded += losses[i].events;
  }
  return Outcome::done;
}

Result<IdRange> BatchWriter::try_write(std::span<const EventView> events) noexcept {
  // A sink of the host program may throw; that must not end the program.
  return or_out_of_memory([&]() -> Result<IdRange> {
    try {
      return sink_->write(events);
    } catch (const std::bad_alloc&) {
      throw;
    } catch (const std::exception& error) {
      return fail(ErrorCode::io, std::string("the sink threw: ") + error.what());
    } catch (...) {
      return fail(ErrorCode::io, "the sink threw something that is no std::exception");
    }
  });
}

bool BatchWriter::rest(std::chrono::milliseconds duration) {
  std::unique_lock guard(mutex_);
  return !work_.wait_for(guard, duration, [&] { return give_up_; });
}

void BatchWriter::settle(std::size_t durable, std::size_t refused) {
  ring_.pop(durable + refused);
  const std::lock_guard guard(mutex_);
  counters_.durable += static_cast<std::int64_t>(durable);
  counters_.refused += static_cast<std::int64_t>(refused);
  settled_ += static_cast<std::int64_t>(durable + refused);
  changed_.notify_all();
}

// What is left when the thread gives up will not be written any more.
void BatchWriter::abandon_rest() {
  std::int64_t abandoned = 0;
  while (ring_.state().events > 0) {
    batch_.clear();
    ring_.peek(batch_, options_.batch_events);
    ring_.pop(batch_.size());
    abandoned += static_cast<std::int64_t>(batch_.size());
  }
  const std::lock_guard guard(mutex_);
  counters_.abandoned += abandoned;
}

void BatchWriter::report(const Trouble& trouble) noexcept {
  if (!options_.on_trouble) return;
  {
    const std::lock_guard guard(mutex_);
    if (give_up_) return;  // who wanted to hear of it may be gone
    reporting_ = true;
  }
  try {
    options_.on_trouble(trouble);
  } catch (...) {  // NOLINT(bugprone-empty-catch): an observer's failure is its own
  }
  const std::lock_guard guard(mutex_);
  reporting_ = false;
  changed_.notify_all();
}

void BatchWriter::report_drops() {
  const std::int64_t dropped = ring_.state().dropped;
  if (dropped == drops_reported_) return;
  const std::int64_t fresh = dropped - drops_reported_;
  drops_reported_ = dropped;
  report({.kind = Trouble::Kind::events_dropped, .error = {}, .events = fresh});
}

}  // namespace agentaudit
