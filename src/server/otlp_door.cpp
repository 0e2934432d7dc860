#include "server/otlp_door.h"

#include <algorithm>
#include <utility>

#include "agentaudit/core/event_json.h"
#include "agentaudit/core/limits.h"
#include "server/http_problem.h"

namespace agentaudit {
namespace {

using Clock = std::chrono::steady_clock;

void append_varint(std::string& out, std::uint64_t value) {
  for (; value > 0x7F; value >>= 7U) out += static_cast<char>(0x80U | (value & 0x7FU));
  out += static_cast<char>(value);
}

// ExportTraceServiceResponse and ExportLogsServiceResponse, which are alike: partial_success
// (1) has the number of rejected records (1) and a message (2).
std::string protobuf_answer(std::int64_t rejected, const std::string& message) {
  if (rejected == 0) return {};
  std::string partial;
  partial += '\x08';
  append_varint(partial, static_cast<std::uint64_t>(rejected));
  partial += '\x12';
  append_varint(partial, message.size());
  partial += message;
  std::string out;
  out += '\x0a';
  append_varint(out, partial.size());
  return out + partial;
}

std::string json_answer(OtlpSignal signal, std::int64_t rejected, const std::string& message) {
  if (rejected == 0) return "{}";
  // 64-bit integers are strings in the JSON of protobuf.
  std::string out = R"({"partialSuccess":{")";
  out += signal == OtlpSignal::traces ? "rejectedSpans" : "rejectedLogRecords";
  out += R"(":")" + std::to_string(rejected) + R"(","errorMessage":)";
  append_json_string(out, message);
  return out + "}}";
}

HttpResponse answer(OtlpSignal signal, OtlpEncoding encoding, const OtlpBatch& batch) {
  std::string message;
  for (const std::string& reason : batch.reasons) {
    message += (message.empty() ? "" : "; ") + reason;
  }
  if (encoding == OtlpEncoding::json) {
    return json_response(200, json_answer(signal, batch.rejected, message));
  }
  HttpResponse response;
  response.headers.push_back({.name = "Content-Type", .value = "application/x-protobuf"});
  response.body = protobuf_answer(batch.rejected, message);
  return response;
}

}  // namespace

OtlpDoor::OtlpDoor(std::shared_ptr<Store> store, std::shared_ptr<const Redactor> redactor,
                   OtlpDoorOptions options, Metrics& metrics, std::function<void()> stored)
    : store_(std::move(store)),
      redactor_(std::move(redactor)),
      options_(std::move(options)),
      metrics_(metrics),
      stored_(std::move(stored)),
      assembler_(options_.assembler) {
  if (options_.journal) {
    for (OtlpBatch& batch : options_.journal->take_left()) {
      assembler_.add(std::move(batch), Clock::now());
    }
  }
  thread_ = std::thread([this] { run(); });
}

OtlpDoor::~OtlpDoor() { stop(); }

HttpResponse OtlpDoor::take(OtlpSignal signal, const HttpRequest& request,
                            std::string_view source) {
  const std::string_view type = request.header("Content-Type").value_or("");
  const bool json = is_media_type(type, "application/json");
  if (!json && !is_media_type(type, "application/x-protobuf")) {
    return problem(415, "\"" + std::string(type) +
                            "\" is not taken here; application/x-protobuf and application/json "
                            "are");
  }
  const auto body = unpacked_body(request, limits::body_bytes_max);
  if (!body) return body_problem(body.error());
  const OtlpEncoding encoding = json ? OtlpEncoding::json : OtlpEncoding::protobuf;
  // There is nothing to keep of metrics, and clients that were refused would complain.
  if (signal == OtlpSignal::metrics) return answer(signal, encoding, {});
  auto batch = signal == OtlpSignal::traces ? decode_otlp_traces((*body)->text, encoding)
                                            : decode_otlp_logs((*body)->text, encoding);
  if (!batch) return problem(batch.error());

  if (!source.empty()) {
    for (OtlpEvent& event : batch->events) event.keyed.event.source = source;
  }

  const std::lock_guard guard(mutex_);
  if (stopping_) return busy_problem("the daemon is about to end");
  if (waiting_.size() > options_.waiting_events_max) {
    return busy_problem(std::to_string(waiting_.size()) +
                        " events wait for the trail to take them");
  }
  if (auto kept = keep_owed(); !kept) return busy_problem(kept.error().message);
  DoorCounters& counters = metrics_.door(Door::otlp);
  counters.offered += static_cast<std::int64_t>(batch->events.size()) + batch->rejected;
  counters.refused += batch->rejected;
  HttpResponse response = answer(signal, encoding, *batch);
  const std::int64_t repeated = assembler_.counters().repeated;
  const auto now = Clock::now();
  std::string record;
  if (options_.journal) {
    redact(*batch);  // the journal is on the disk, too
    record = OtlpJournal::record_of(*batch);
  }
  assembler_.add(std::move(*batch), now);
  counters.repeated += assembler_.counters().repeated - repeated;
  collect(assembler_.take_ready(now));
  changed_.notify_all();
  // The client keeps what it sent, and its repetition is known by its keys.
  const auto held = assembler_.held_since();
  if (held && held->last >= now) owed_ = std::move(record);
  if (auto kept = keep_owed(); !kept) return busy_problem(kept.error().message);
  if (auto stored = store_waiting(); !stored) return busy_problem(stored.error().message);
  return response;
}

Result<void> OtlpDoor::keep_owed() {
  if (owed_.empty()) return {};
  auto kept = options_.journal->append(owed_, Clock::now());
  if (kept) owed_.clear();
  return kept;
}

void OtlpDoor::redact(OtlpBatch& batch) {
  if (redactor_ == nullptr) return;
  for (OtlpEvent& event : batch.events) {
    metrics_.count_redacted(redactor_->redact(event.keyed.event));
  }
  for (OtlpOutcome& outcome : batch.outcomes) {
    Event told;
    told.summary = std::move(outcome.error);
    (void)redactor_->redact(told);  // counted with the event that it is told of
    outcome.error = std::move(told.summary);
  }
}

void OtlpDoor::collect(std::vector<KeyedEvent> ready) {
  for (KeyedEvent& keyed : ready) {
    if (redactor_ != nullptr) metrics_.count_redacted(redactor_->redact(keyed.event));
    (void)cut_to_limit(keyed.event);
    waiting_.push_back(std::move(keyed));
  }
}

Result<void> OtlpDoor::store_waiting() {
  while (!waiting_.empty()) {
    const std::size_t some = std::min(waiting_.size(), limits::batch_events_max);
    const std::vector<KeyedView> views(waiting_.begin(),
                                       waiting_.begin() + static_cast<std::ptrdiff_t>(some));
    const auto start = Clock::now();
    const auto inserted = store_->insert_new(views);
    if (!inserted) return fail(inserted.error());
    metrics_.count_commit(Clock::now() - start);
    metrics_.door(Door::otlp).durable += inserted->stored;
    metrics_.door(Door::otlp).repeated += static_cast<std::int64_t>(some) - inserted->stored;
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(some));
    stored_();
  }
  if (options_.journal) {
    const auto held = assembler_.held_since();
    options_.journal->discard(held ? std::optional(held->first) : std::nullopt);
    if (!held) owed_.clear();
  }
  return {};
}

void OtlpDoor::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const auto deadline = assembler_.next_deadline();
    if (!waiting_.empty()) {
      changed_.wait_for(lock, options_.retry_rest, [&] { return stopping_; });
    } else if (deadline) {
      changed_.wait_until(lock, *deadline);
    } else {
      changed_.wait(lock);
    }
    if (stopping_) return;
    try {
      collect(assembler_.take_ready(Clock::now()));
      (void)store_waiting();  // tried again after the rest
    } catch (const std::bad_alloc&) {
      changed_.wait_for(lock, options_.retry_rest, [&] { return stopping_; });
    }
  }
}

void OtlpDoor::stop() {
  constexpr int tries = 5;
  {
    const std::lock_guard guard(mutex_);
    if (stopping_) return;
    stopping_ = true;
    changed_.notify_all();
  }
  thread_.join();
  std::unique_lock lock(mutex_);
  collect(assembler_.flush());
  for (int i = 0; i < tries && !store_waiting(); ++i) {
    changed_.wait_for(lock, options_.retry_rest);
  }
  if (!options_.journal) {
    metrics_.door(Door::otlp).dropped += static_cast<std::int64_t>(waiting_.size());
  }
  waiting_.clear();
}

std::size_t OtlpDoor::held_events() const {
  const std::lock_guard guard(mutex_);
  return assembler_.counters().held_events + waiting_.size();
}

}  // namespace agentaudit
