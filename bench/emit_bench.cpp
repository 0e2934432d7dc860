#include <atomic>
#include <barrier>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <utility>

#include "agentaudit/emit/buffered_emitter.h"
#include "cli/event_generator.h"
#include "groups.h"

namespace agentaudit::bench {
namespace {

// Bursts that fit into the buffer, so that no emit is measured that was refused.
constexpr std::size_t burst_events = 10'000;

class DiscardingSink final : public EventSink {
 public:
  Result<IdRange> write(std::span<const EventView> events) override {
    last_id_ += static_cast<EventId>(events.size());
    return IdRange{.first = last_id_ - static_cast<EventId>(events.size()) + 1, .last = last_id_};
  }

 private:
  std::atomic<EventId> last_id_ = 0;
};

// The floor: what one writes without thinking twice. Events are built in place, a
// thread takes them all at once.
class VectorQueue {
 public:
  VectorQueue()
      : thread_([this](const std::stop_token& stop) {
          std::unique_lock lock(mutex_);
          while (filled_.wait(lock, stop, [this] { return !events_.empty(); })) {
            std::vector<Event> taken;
            taken.swap(events_);
            lock.unlock();
            taken.clear();
            lock.lock();
            emptied_.notify_all();
          }
        }) {}

  void emit(const EventView& view) {
    {
      const std::scoped_lock lock(mutex_);
      Event& event = events_.emplace_back();
      event.timestamp = view.timestamp;
      event.category = view.category;
      event.action = view.action;
      event.agent = view.agent;
      event.summary = view.summary;
      event.detail = view.detail;
      event.status = view.status;
      event.duration = view.duration;
      event.source = view.source;
      event.conversation_id = view.conversation_id;
      event.target = view.target;
      event.principal = view.principal;
      event.trace_id = view.trace_id;
      event.span_id = view.span_id;
      event.parent_span_id = view.parent_span_id;
    }
    filled_.notify_one();
  }

  void flush() {
    std::unique_lock lock(mutex_);
    emptied_.wait(lock, [this] { return events_.empty(); });
  }

 private:
  std::mutex mutex_;
  std::condition_variable_any filled_;
  std::condition_variable_any emptied_;
  std::vector<Event> events_;
  std::jthread thread_;
};

// Nanoseconds of one call of emit as a producer sees it: its share of its thread's
// time, the mean over the bursts of all producers.
template <typename Emit, typename Flush>
double ns_per_emit(int producers, int bursts, std::span<const EventView> events, const Emit& emit,
                   const Flush& flush) {
  std::atomic<std::int64_t> busy_ns = 0;
  std::barrier together(producers, [&]() noexcept { flush(); });
  {
    std::vector<std::jthread> threads;
    for (int producer = 0; producer < producers; ++producer) {
      threads.emplace_back([&] {
        for (int burst = 0; burst < bursts; ++burst) {
          together.arrive_and_wait();
          const double seconds = seconds_of([&] {
            for (const EventView& event : events) emit(event);
          });
          busy_ns += static_cast<std::int64_t>(seconds * 1e9);
        }
      });
    }
  }
  flush();
  return static_cast<double>(busy_ns) /
         (static_cast<double>(producers) * bursts * static_cast<double>(events.size()));
}

// The time of each single emit, the clock's own included.
template <typename Emit, typename Flush>
double p999_us(int producers, int bursts, std::span<const EventView> events, const Emit& emit,
               const Flush& flush) {
  std::vector<std::vector<double>> times(static_cast<std::size_t>(producers));
  for (auto& of_producer : times) {
    of_producer.reserve(static_cast<std::size_t>(bursts) * events.size());
  }
  std::barrier together(producers, [&]() noexcept { flush(); });
  {
    std::vector<std::jthread> threads;
    for (auto& of_producer : times) {
      threads.emplace_back([&] {
        for (int burst = 0; burst < bursts; ++burst) {
          together.arrive_and_wait();
          for (const EventView& event : events) {
            of_producer.push_back(seconds_of([&] { emit(event); }) * 1e6);
          }
        }
      });
    }
  }
  flush();
  std::vector<double> all;
  for (const auto& of_producer : times)
    all.insert(all.end(), of_producer.begin(), of_producer.end());
  return percentile(std::move(all), 0.999);
}

}  // namespace

std::vector<Row> measure_emit(const Settings& settings) {
  const std::vector<Event> events = EventGenerator(2).take(burst_events);
  const std::vector<EventView> views = views_of(events);
  const int bursts = settings.quick ? 5 : 20;

  BufferedEmitterOptions options;
  options.capacity_events = 65'536;
  options.capacity_bytes = BufferedEmitter::buffer_bytes_max;
  options.batch_events = 4'096;
  BufferedEmitter emitter(std::make_shared<DiscardingSink>(), options);
  must(emitter.start());
  const auto emit = [&](const EventView& event) { emitter.emit(event); };
  const auto flush = [&] { static_cast<void>(emitter.flush(std::chrono::seconds(10))); };
  VectorQueue queue;
  const auto queue_emit = [&](const EventView& event) { queue.emit(event); };
  const auto queue_flush = [&] { queue.flush(); };

  std::vector<Row> rows;
  for (const int producers : {1, 2}) {
    const std::string who =
        "emit, " + std::to_string(producers) + (producers == 1 ? " producer" : " producers");
    rows.push_back(compared(
        who + " (floor: mutex and vector)", "ns", settings.runs,
        [&] { return ns_per_emit(producers, bursts, views, emit, flush); },
        [&] { return ns_per_emit(producers, bursts, views, queue_emit, queue_flush); },
        ratio_at_most(0.10)));
    rows.push_back(compared(
        who + ", p99.9", "us", settings.runs,
        [&] { return p999_us(producers, bursts, views, emit, flush); },
        [&] { return p999_us(producers, bursts, views, queue_emit, queue_flush); },
        value_at_most(2)));
  }
  const EmitterCounters counters = emitter.counters();
  if (counters.dropped != 0) give_up("emits were dropped, so they were not measured whole");
  return rows;
}

}  // namespace agentaudit::bench
