// FleetVerifiers: a Verifier for each trail of a fleet that somebody asks about.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "server/verifier.h"

namespace agentaudit {

// Thread-safe.
class FleetVerifiers {
 public:
  static constexpr std::size_t kept_max = 64;    // trails whose verdicts are kept
  static constexpr std::size_t running_max = 2;  // at a time

  explicit FleetVerifiers(std::function<VerifyOpts(Store&)> options)
      : options_(std::move(options)) {}

  // See Verifier::answer. Errors: those of Store::trail_id (it is not one trail's), busy
  // (running_max others are being verified).
  [[nodiscard]] Result<std::string> answer(std::shared_ptr<Store> store, bool fresh);
  void stop();

 private:
  [[nodiscard]] bool is_full() const;
  void forget_one();

  const std::function<VerifyOpts(Store&)> options_;
  std::mutex mutex_;
  // By the trail's id; guarded by mutex_.
  std::map<std::string, std::unique_ptr<Verifier>> verifiers_;
  bool stopped_ = false;
};

}  // namespace agentaudit
