// OtlpDoor: OTLP requests to durable events. docs/otlp.md says what becomes of them.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "agentaudit/core/keyed_event.h"
#include "agentaudit/ingest/otlp.h"
#include "agentaudit/redact/redactor.h"
#include "agentaudit/store/store.h"
#include "server/http_message.h"
#include "server/metrics.h"
#include "server/otlp_journal.h"

namespace agentaudit {

struct OtlpDoorOptions {
  OtlpAssemblerOptions assembler{};
  // Of events that the trail could not take yet. Over this a request is answered 503; its
  // client sends it again.
  std::size_t waiting_events_max = 65'536;
  std::chrono::milliseconds retry_rest{500};
  // Where what is held outlives the process. None: it is lost with it.
  std::shared_ptr<OtlpJournal> journal{};
};

// Completes events by what comes later, for a few seconds (OtlpAssembler), and stores them;
// until then they are in the journal, so that a request is answered when its events are
// durable. One thread stores what is not asked for by a request: events whose time is up, and those
// that the trail could not take before. Thread-safe.
class OtlpDoor {
 public:
  // Calls `stored` after each commit, from any thread. It and the metrics must outlive the
  // door. Without a redactor secrets stay.
  OtlpDoor(std::shared_ptr<Store> store, std::shared_ptr<const Redactor> redactor,
           OtlpDoorOptions options, Metrics& metrics, std::function<void()> stored);
  ~OtlpDoor();
  OtlpDoor(const OtlpDoor&) = delete;
  OtlpDoor& operator=(const OtlpDoor&) = delete;

  // Answers a request as OTLP/HTTP wants it, in the encoding of the request. `source`, if
  // there is one, is that of its events.
  [[nodiscard]] HttpResponse take(OtlpSignal signal, const HttpRequest& request,
                                  std::string_view source);

  // Stores what is held, with what is known. Afterwards requests are answered 503. What the
  // trail cannot take within a few tries waits in the journal for the next daemon; without
  // one it is counted as dropped. Idempotent.
  void stop();

  [[nodiscard]] std::size_t held_events() const;

 private:
  void run();
  // Takes the secrets out of what the journal gets.
  void redact(OtlpBatch& batch);
  // Under mutex_: puts owed_ into the journal.
  [[nodiscard]] Result<void> keep_owed();
  // Under mutex_: moves what is ready to waiting_, without its secrets.
  void collect(std::vector<KeyedEvent> ready);
  // Under mutex_: stores waiting_, and lets the journal go of it. Errors: those of
  // insert_new; what is not stored stays.
  [[nodiscard]] Result<void> store_waiting();

  const std::shared_ptr<Store> store_;
  const std::shared_ptr<const Redactor> redactor_;
  const OtlpDoorOptions options_;
  Metrics& metrics_;
  const std::function<void()> stored_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_.
  OtlpAssembler assembler_;
  std::vector<KeyedEvent> waiting_;
  // A record whose events are held and not in the journal yet; nothing more is taken before
  // it is. Empty: all that is held is there.
  std::string owed_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace agentaudit
