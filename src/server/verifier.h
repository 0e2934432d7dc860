// Verifier: whether the trail is what was recorded, found out beside the requests.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "agentaudit/store/store.h"

namespace agentaudit {

// Verifies in a thread of its own, one run at a time; the verdict is kept until the next.
// Thread-safe.
class Verifier {
 public:
  // `options` is asked at the start of each run; none: the trail alone, without keys.
  Verifier(std::shared_ptr<Store> store, std::function<VerifyOpts(Store&)> options);

  // {"running":true,"done":N,"total":N,"finished":"…","took_ms":N,"verification":{…}}: what is
  // known now. `done` and `total` are there while it runs; the last three, or `error`, as soon
  // as a run has ended. Starts one where there was none yet, and where `fresh` is asked for.
  [[nodiscard]] std::string answer(bool fresh);
  [[nodiscard]] bool is_running();
  // Breaks off what runs, and starts no more.
  void stop();

 private:
  void run(const std::stop_token& stop);

  const std::shared_ptr<Store> store_;
  const std::function<VerifyOpts(Store&)> options_;

  std::mutex mutex_;
  // All below are guarded by mutex_.
  bool running_ = false;
  bool stopped_ = false;
  std::int64_t done_ = 0;
  std::int64_t total_ = 0;
  std::optional<Timestamp> finished_;
  std::chrono::milliseconds took_{};
  std::string verification_;  // JSON
  std::string error_;
  std::jthread thread_;  // last: it uses the others
};

}  // namespace agentaudit
