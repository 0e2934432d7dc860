// A sink of one's own: events go as JSON Lines to any stream. BufferedEmitter in front
// of it gives the batches, the retries, the counters and the thread.
#include <agentaudit/agentaudit.h>

#include <chrono>
#include <iostream>
#include <memory>
#include <mutex>
#include <ostream>
#include <span>
#include <string>

namespace {

// Thread-safe. The stream must outlive it.
class JsonLinesSink final : public agentaudit::EventSink {
 public:
  explicit JsonLinesSink(std::ostream& out) : out_(out) {}

  agentaudit::Result<agentaudit::IdRange> write(
      std::span<const agentaudit::EventView> events) override {
    if (events.empty())
      return agentaudit::fail(agentaudit::ErrorCode::invalid_argument, "no events");
    const std::scoped_lock lock(mutex_);
    std::string lines;
    for (agentaudit::EventView event : events) {
      event.id = ++last_id_;
      agentaudit::append_json(lines, event);
      lines += '\n';
    }
    // All or none: one write. What a sink cannot take now (io, full, busy) it is
    // offered again.
    if (!(out_ << lines).flush()) {
      out_.clear();
      last_id_ -= static_cast<agentaudit::EventId>(events.size());
      return agentaudit::fail(agentaudit::ErrorCode::io, "the stream refused the events");
    }
    return agentaudit::IdRange{
        .first = last_id_ - static_cast<agentaudit::EventId>(events.size()) + 1, .last = last_id_};
  }

 private:
  std::mutex mutex_;
  std::ostream& out_;
  agentaudit::EventId last_id_ = 0;
};

}  // namespace

int main() {
  agentaudit::BufferedEmitterOptions options;
  options.on_trouble = [](const agentaudit::Trouble& trouble) {
    std::cerr << trouble.error.message << '\n';
  };
  agentaudit::BufferedEmitter emitter(std::make_shared<JsonLinesSink>(std::cout), options);

  agentaudit::Event event;
  event.category = agentaudit::category::llm;
  event.action = "complete";
  event.agent = "researcher";
  event.target = "a-model";
  event.duration = std::chrono::milliseconds(820);
  event.summary = "a-model: 412 tokens in, 96 out";
  emitter.emit(event);
  emitter.emit(event);

  const auto closed = emitter.close(std::chrono::seconds(5));
  return closed && emitter.counters().durable == 2 ? 0 : 1;
}
