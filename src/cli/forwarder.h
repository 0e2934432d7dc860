// Forwarder: events to a daemon, by way of a file while it is away.
//
// A batch goes to the daemon with a key of its own (Idempotency-Key). When the daemon
// cannot take it, it waits in `<trail>.to-<digest of the URL>`, a SpoolFile with a line for
// each batch: its key, a space, and the JSON array that is the body of its request. It is
// sent from there with the same key, so nothing is doubled however often it is sent; and
// while something waits, what is new waits behind it, so that the order is kept.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agentaudit/core/event_sink.h"
#include "cli/http_client.h"
#include "cli/spool_file.h"

namespace agentaudit {

struct ForwarderOptions {
  DaemonAddress daemon;
  std::filesystem::path trail;  // beside which what has to wait is kept
  // How long a call goes on to send what waits; 0: to its end.
  std::chrono::milliseconds catch_up_max{0};
  // Hears what the sender of an event is not told: that the daemon is away (once), and what
  // it refused. From any thread.
  std::function<void(const std::string&)> complain{};
};

// Safe to use from any thread; several processes may use the same file at once.
class Forwarder final : public EventSink {
 public:
  // Of one request. An event alone is never over it.
  static constexpr std::size_t batch_events_max = 4'096;
  static constexpr std::size_t batch_bytes_max = 8U << 20U;

  // Does not connect yet. Errors: those of HttpClient::make.
  [[nodiscard]] static Result<std::shared_ptr<Forwarder>> open(ForwarderOptions options);

  // Durable on return: the daemon has them, or the file. Ids of the former; zeros where some
  // had to wait. Errors: invalid_argument (the daemon refuses them, and always will), and
  // those of SpoolFile::append; what had not been sent by then is not kept.
  [[nodiscard]] Result<IdRange> write(std::span<const EventView> events) override;
  // Sends what waits, unless the daemon was away a moment ago.
  [[nodiscard]] Result<void> sign() override;

  // As write; of each event the id that the daemon gave, 0 where it waits in the file. Origin
  // keys are not passed on.
  [[nodiscard]] Result<std::vector<EventId>> deliver(std::span<const EventView> events);

  // Sends what waits, in its order, until the daemon is away or nothing waits, or another
  // process does that already. A batch that it refuses for good goes to `….refused` beside
  // the file, and does not block the next. Errors: why the rest has to wait on.
  [[nodiscard]] Result<void> catch_up();

  [[nodiscard]] const std::string& url() const noexcept { return client_.url(); }
  [[nodiscard]] const std::filesystem::path& waiting_path() const noexcept { return file_.path(); }
  [[nodiscard]] std::int64_t waiting_bytes() const { return file_.waiting_bytes(); }
  // Of every daemon for which something waits beside the trail, or was refused.
  [[nodiscard]] static std::vector<std::filesystem::path> waiting_paths(
      const std::filesystem::path& trail);
  // Where what a daemon refused for good is kept.
  [[nodiscard]] static std::filesystem::path refused_path(const std::filesystem::path& waiting);
  // The file for that URL.
  [[nodiscard]] static std::filesystem::path waiting_path(const std::filesystem::path& trail,
                                                          std::string_view url);

 private:
  using Clock = std::chrono::steady_clock;

  Forwarder(HttpClient client, ForwarderOptions options)
      : client_(std::move(client)),
        options_(std::move(options)),
        file_(waiting_path(options_.trail, client_.url())) {}

  // Under mutex_, as the others below. A batch is a line of the file.
  [[nodiscard]] Result<std::vector<EventId>> deliver_batch(const std::string& batch,
                                                           std::size_t events);
  // The ids. Errors: `busy` and others that may pass; `invalid_argument`, which does not;
  // permission.
  [[nodiscard]] Result<std::vector<EventId>> send(std::string_view batch);
  [[nodiscard]] Result<void> send_waiting();
  // Whether it was away so short a time ago that it is not asked again.
  [[nodiscard]] bool is_resting() const { return Clock::now() < next_try_; }
  void note(const Result<void>& sent);
  // All lines of a file that was taken.
  [[nodiscard]] Result<void> send_lines(const FileDescriptor& taken);
  // A line of it, or puts it aside.
  [[nodiscard]] Result<void> send_line(const SpoolLines::Line& line);
  [[nodiscard]] Result<void> set_aside(std::string_view batch, const Error& why);
  void say(const std::string& text) const {
    if (options_.complain) options_.complain(text);
  }

  std::mutex mutex_;
  HttpClient client_;
  const ForwarderOptions options_;
  const SpoolFile file_;
  bool is_away_ = false;  // and that was said
  std::chrono::milliseconds rest_{0};
  Clock::time_point next_try_{};
};

}  // namespace agentaudit
