#include "cli/forwarder.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "agentaudit/core/event_json.h"
#include "agentaudit/core/limits.h"
#include "cli/event_post.h"
#include "core/hex.h"
#include "core/random_bytes.h"
#include "core/sha256.h"

namespace agentaudit {
namespace {

constexpr std::size_t key_digits = 32;
constexpr std::size_t line_bytes_max = limits::body_bytes_max + key_digits + 1;
// Of the file in which events wait: between the trail's name and a digest of the URL.
constexpr std::string_view waiting_infix = ".to-";
constexpr std::size_t waiting_digits = 12;

Result<std::string> new_key() {
  std::array<char, key_digits / 2> bytes{};
  if (auto made = random_bytes(bytes); !made) return fail(made.error());
  return to_hex({bytes.data(), bytes.size()});
}

// Whether the daemon may take the same batch another time. What it answers to a token, or
// what stands before it (a proxy) answers, may be mended; what it says of events is final.
bool may_pass(ErrorCode code) { return code != ErrorCode::invalid_argument; }

}  // namespace

std::filesystem::path Forwarder::waiting_path(const std::filesystem::path& trail,
                                              std::string_view url) {
  return trail.native() + std::string(waiting_infix) + sha256_hex(url).substr(0, waiting_digits);
}

std::vector<std::filesystem::path> Forwarder::waiting_paths(const std::filesystem::path& trail) {
  const std::string start = trail.filename().native() + std::string(waiting_infix);
  const std::filesystem::path parent = trail.parent_path();
  std::set<std::filesystem::path> paths;
  std::error_code ignored;
  for (const auto& entry :
       std::filesystem::directory_iterator(parent.empty() ? "." : parent, ignored)) {
    const std::string name = entry.path().filename().native();
    if (!name.starts_with(start) || name.size() < start.size() + waiting_digits) continue;
    paths.insert(parent / name.substr(0, start.size() + waiting_digits));
  }
  return {paths.begin(), paths.end()};
}

std::filesystem::path Forwarder::refused_path(const std::filesystem::path& waiting) {
  return waiting.native() + ".refused";
}

Result<std::shared_ptr<Forwarder>> Forwarder::open(ForwarderOptions options) {
  auto client = HttpClient::make(options.daemon);
  if (!client) return fail(client.error());
  return std::shared_ptr<Forwarder>(new Forwarder(std::move(*client), std::move(options)));
}

Result<IdRange> Forwarder::write(std::span<const EventView> events) {
  const auto ids = deliver(events);
  if (!ids) return fail(ids.error());
  if (std::find(ids->begin(), ids->end(), 0) != ids->end()) return IdRange{};
  return IdRange{.first = ids->front(), .last = ids->back()};
}

Result<void> Forwarder::sign() {
  const std::lock_guard guard(mutex_);
  return is_resting() ? Result<void>() : send_waiting();
}

Result<std::vector<EventId>> Forwarder::deliver(std::span<const EventView> events) {
  if (events.empty()) return fail(ErrorCode::invalid_argument, "there is no event to send");
  const Timestamp now = Timestamp::now();
  const std::lock_guard guard(mutex_);
  std::vector<EventId> all;
  for (std::size_t first = 0; first < events.size();) {
    auto batch = new_key();
    if (!batch) return fail(batch.error());
    *batch += ' ';
    std::size_t count = 0;
    for (; first + count < events.size() && count < batch_events_max; ++count) {
      if (count > 0 && batch->size() >= batch_bytes_max) break;
      *batch += count == 0 ? '[' : ',';
      EventView event = events[first + count];
      // It may wait for long.
      if (!event.timestamp.is_set()) event.timestamp = now;
      append_json(*batch, event);
    }
    *batch += ']';
    auto delivered = deliver_batch(*batch, count);
    if (!delivered) return fail(delivered.error());
    all.insert(all.end(), delivered->begin(), delivered->end());
    first += count;
  }
  return all;
}

Result<std::vector<EventId>> Forwarder::deliver_batch(const std::string& batch,
                                                      std::size_t events) {
  const bool others_wait = file_.waiting_bytes() > 0;
  if (!others_wait && !is_resting()) {
    auto sent = send(batch);
    if (sent) {
      sent->resize(events);  // as many as it should be, whatever answered
      return sent;
    }
    if (!may_pass(sent.error().code)) return fail(sent.error());
    if (!std::exchange(is_away_, true)) {
      say(sent.error().message + "; events wait in " + file_.path().native());
    }
  }
  if (auto kept = file_.append(batch); !kept) return fail(kept.error());
  // Should the daemon be away still, that is no news.
  if (others_wait && !is_resting()) (void)send_waiting();
  return std::vector<EventId>(events, 0);
}

Result<std::vector<EventId>> Forwarder::send(std::string_view batch) {
  auto ids =
      post_events(client_, batch.substr(key_digits + 1),
                  {.name = "Idempotency-Key", .value = std::string(batch.substr(0, key_digits))});
  const bool is_away = !ids && may_pass(ids.error().code);
  note(is_away ? Result<void>(fail(ids.error())) : Result<void>());
  return ids;
}

void Forwarder::note(const Result<void>& sent) {
  constexpr std::chrono::milliseconds rest_min{250};
  constexpr std::chrono::milliseconds rest_max{30'000};
  rest_ = sent ? std::chrono::milliseconds(0) : std::clamp(2 * rest_, rest_min, rest_max);
  next_try_ = Clock::now() + rest_;
}

Result<void> Forwarder::catch_up() {
  const std::lock_guard guard(mutex_);
  return send_waiting();
}

Result<void> Forwarder::send_waiting() {
  while (file_.waiting_bytes() > 0) {
    const FileDescriptor taken = file_.take();
    if (!taken.is_open()) return {};
    if (auto sent = send_lines(taken); !sent) return sent;
    file_.remove_taken();
  }
  if (std::exchange(is_away_, false)) say(url() + " has taken what waited");
  return {};
}

Result<void> Forwarder::send_lines(const FileDescriptor& taken) {
  const auto start = Clock::now();
  SpoolLines lines(taken, file_.importing(), line_bytes_max);
  for (auto line = lines.next(); !line || line->has_value(); line = lines.next()) {
    if (!line) return fail(line.error());
    if (auto sent = send_line(**line); !sent) return sent;
    if (auto done = file_.blank_out(taken, (*line)->first_bytes, (*line)->end_bytes); !done) {
      return done;
    }
    if (options_.catch_up_max.count() > 0 && Clock::now() - start > options_.catch_up_max) {
      return fail(ErrorCode::deadline, "more waits than can be sent now");
    }
  }
  return {};
}

Result<void> Forwarder::send_line(const SpoolLines::Line& line) {
  const std::string& batch = line.text;
  const bool is_batch = line.is_whole && batch.size() > key_digits + 1 && batch[key_digits] == ' ';
  if (!is_batch) {
    return set_aside(batch, {.code = ErrorCode::parse, .message = "a line of it is no batch"});
  }
  const auto sent = send(batch);
  if (sent) return {};
  if (may_pass(sent.error().code)) return fail(sent.error());
  return set_aside(batch, sent.error());
}

Result<void> Forwarder::set_aside(std::string_view batch, const Error& why) {
  const SpoolFile refused(refused_path(file_.path()));
  say(why.message + "; they are kept in " + refused.path().native());
  return refused.append(batch);
}

}  // namespace agentaudit
