#include "server/verifier.h"

#include <utility>

#include "agentaudit/render/answer_json.h"
#include "render/json_writer.h"

namespace agentaudit {

Verifier::Verifier(std::shared_ptr<Store> store, std::function<VerifyOpts(Store&)> options)
    : store_(std::move(store)), options_(std::move(options)) {}

std::string Verifier::answer(bool fresh) {
  const std::lock_guard lock(mutex_);
  if (!running_ && !stopped_ && (fresh || !finished_)) {
    // The thread before has nothing left to do but to end.
    running_ = true;
    done_ = 0;
    total_ = 0;
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  }
  std::string out;
  JsonWriter json(out);
  json.open('{');
  json.member("running", running_);
  if (running_) {
    json.member("done", done_);
    json.member("total", total_);
  }
  if (finished_) {
    json.member("finished", *finished_);
    json.member("took_ms", static_cast<std::int64_t>(took_.count()));
    if (error_.empty()) {
      json.name("verification");
      json.raw(verification_);
    } else {
      json.member("error", std::string_view(error_));
    }
  }
  json.close('}');
  return out;
}

bool Verifier::is_running() {
  const std::lock_guard lock(mutex_);
  return running_;
}

void Verifier::run(const std::stop_token& stop) {
  VerifyOpts opts = options_ ? options_(*store_) : VerifyOpts{};
  opts.progress = [this](std::int64_t done, std::int64_t total) {
    const std::lock_guard lock(mutex_);
    done_ = done;
    total_ = total;
  };
  const auto start = std::chrono::steady_clock::now();
  const auto result = store_->verify(opts, stop);
  const auto took = std::chrono::steady_clock::now() - start;
  std::string verification;
  if (result) append_json(verification, *result);
  const std::lock_guard lock(mutex_);
  running_ = false;
  finished_ = Timestamp::now();
  took_ = std::chrono::duration_cast<std::chrono::milliseconds>(took);
  verification_ = std::move(verification);
  error_ = result ? std::string() : result.error().message;
}

void Verifier::stop() {
  std::jthread thread;
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    thread = std::move(thread_);
  }
  thread.request_stop();
}

}  // namespace agentaudit
