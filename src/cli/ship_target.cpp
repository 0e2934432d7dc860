#include "cli/ship_target.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>
#include <vector>

#include "agentaudit/core/event_json.h"
#include "agentaudit/store/store.h"
#include "cli/event_post.h"
#include "core/file_descriptor.h"
#include "core/hex.h"
#include "core/write_file.h"
#include "render/event_format.h"
#include "store/clickhouse_writer.h"
#include "store/shipped_again.h"
#include "store/store_url.h"
#include "store/system_error.h"

namespace agentaudit {
namespace {

// Each event once, under a key that its trail and its id make.
class StoreTarget final : public ShipTarget {
 public:
  explicit StoreTarget(std::shared_ptr<Store> store) : store_(std::move(store)) {}

  Result<Held> begin(ShipCursor& cursor) override {
    const auto own = store_->trail_id();
    if (!own) return fail(own.error());
    if (*own != cursor.trail_id) return Held();
    return fail(ErrorCode::invalid_argument, "a trail cannot be shipped into itself");
  }

  Result<void> send(std::span<const RecordedEvent> events, ShipCursor& cursor) override {
    std::string trail(cursor.trail_id.size() / 2, '\0');
    if (!from_hex(cursor.trail_id, trail)) {
      return fail(ErrorCode::corrupt, "the trail's id is no hex: " + cursor.trail_id);
    }
    std::vector<std::string> keys;
    keys.reserve(events.size());
    std::vector<KeyedView> batch;
    for (const RecordedEvent& recorded : events) {
      std::string& key = keys.emplace_back(trail);
      for (int shift = 56; shift >= 0; shift -= 8) {
        key.push_back(static_cast<char>(recorded.event.id >> shift));
      }
      batch.emplace_back(EventView(recorded.event), key);
    }
    const auto stored = store_->insert_new(batch);
    if (!stored) return fail(stored.error());
    return check_shipped_again(*store_, cursor.trail_id, events, *stored);
  }

 private:
  std::shared_ptr<Store> store_;
};

// Each event once, by the trail and the id that go with it.
class DaemonTarget final : public ShipTarget {
 public:
  explicit DaemonTarget(HttpClient daemon) : daemon_(std::move(daemon)) {}

  Result<void> send(std::span<const RecordedEvent> events, ShipCursor& cursor) override {
    const HttpHeader trail{.name = "Agentaudit-Trail", .value = cursor.trail_id};
    std::string body = "[";
    std::size_t count = 0;
    for (const RecordedEvent& recorded : events) {
      if (count > 0) body += ',';
      append_json(body, recorded.event);
      const bool is_last = &recorded == &events.back();
      if (++count < batch_events_max && body.size() < batch_bytes_max && !is_last) continue;
      body += ']';
      if (const auto posted = post_events(daemon_, body, trail); !posted) {
        return fail(posted.error());
      }
      body = "[";
      count = 0;
    }
    return {};
  }

 private:
  // Of one request. JSON writes a byte as six at most, so an event more is within its limit.
  static constexpr std::size_t batch_events_max = 4'096;
  static constexpr std::size_t batch_bytes_max = 8U << 20U;

  HttpClient daemon_;
};

// Rows as the trail has them; it knows itself which it holds.
class ClickhouseTarget final : public ShipTarget {
 public:
  explicit ClickhouseTarget(std::unique_ptr<ClickhouseWriter> writer)
      : writer_(std::move(writer)) {}

  Result<Held> begin(ShipCursor& cursor) override {
    auto position = writer_->position(cursor.trail_id);
    if (!position) return fail(position.error());
    // One that was emptied gets what it had again.
    cursor.last_id = std::min(cursor.last_id, position->last_id);
    return Held{.last_id = position->last_id,
                .leaf = std::move(position->leaf),
                .tree_size = position->tree_size,
                .root = std::move(position->root)};
  }

  Result<void> send(std::span<const RecordedEvent> events, ShipCursor& cursor) override {
    return writer_->insert(cursor.trail_id, events);
  }

  Result<void> checkpoint(std::string_view trail_id, std::string_view note) override {
    return writer_->checkpoint(trail_id, note);
  }

 private:
  std::unique_ptr<ClickhouseWriter> writer_;
};

// Lines at the end of a file, or on standard output.
class FileTarget final : public ShipTarget {
 public:
  FileTarget(FileDescriptor file, std::string name, EventFormat format)
      : file_(std::move(file)), name_(std::move(name)), format_(format) {}

  // What was written after the cursor was, is written again.
  Result<Held> begin(ShipCursor& cursor) override {
    if (!file_.is_open()) return Held();
    // Two at a time would cut off each other's lines.
    if (::flock(file_.get(), LOCK_EX | LOCK_NB) != 0) {
      return fail(ErrorCode::busy, "another process ships to " + name_);
    }
    struct stat status{};
    if (::fstat(file_.get(), &status) != 0) return fail(system_error(errno, name_));
    if (!S_ISREG(status.st_mode)) return Held();
    if (cursor.last_id == 0) cursor.bytes = status.st_size;
    if (status.st_size < cursor.bytes) {
      return fail(ErrorCode::corrupt,
                  name_ +
                      " is shorter than it was; move it away, and the cursor too, to ship the "
                      "trail from its start");
    }
    if (::ftruncate(file_.get(), cursor.bytes) != 0) return fail(system_error(errno, name_));
    return Held();
  }

  Result<void> send(std::span<const RecordedEvent> events, ShipCursor& cursor) override {
    std::string text;
    for (const RecordedEvent& recorded : events) {
      append_event(text, format_, recorded.event, cursor.trail_id);
    }
    const int descriptor = file_.is_open() ? file_.get() : STDOUT_FILENO;
    if (const int error = write_all(descriptor, text); error != 0) {
      // Half a batch would be there twice when it is tried again.
      if (file_.is_open()) (void)::ftruncate(descriptor, cursor.bytes);
      return fail(system_error(error, name_));
    }
    if (file_.is_open() && ::fdatasync(descriptor) != 0 && errno != EINVAL) {
      return fail(system_error(errno, name_));
    }
    cursor.bytes += static_cast<std::int64_t>(text.size());
    return {};
  }

 private:
  FileDescriptor file_;  // not open: standard output
  std::string name_;
  EventFormat format_;
};

Result<std::unique_ptr<ShipTarget>> open_file(const std::string& name, EventFormat format) {
  if (name.empty()) {
    return fail(ErrorCode::invalid_argument,
                "--to: no file named; jsonl:FILE, or jsonl:- for "
                "standard output");
  }
  FileDescriptor file;
  if (name != "-") {
    file = FileDescriptor(::open(name.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    if (!file.is_open()) return fail(system_error(errno, name));
  }
  return std::make_unique<FileTarget>(std::move(file), name, format);
}

}  // namespace

Result<std::unique_ptr<ShipTarget>> ShipTarget::open(const std::string& to,
                                                     const DaemonAccess& access) {
  for (const auto& [scheme, format] :
       {std::pair(std::string_view("jsonl:"), EventFormat::json_lines),
        std::pair(std::string_view("ocsf:"), EventFormat::ocsf)}) {
    if (to.starts_with(scheme)) return open_file(to.substr(scheme.size()), format);
  }
  if (is_clickhouse_url(to)) {
    auto writer = ClickhouseWriter::open(to);
    if (!writer) return fail(writer.error());
    return std::make_unique<ClickhouseTarget>(std::move(*writer));
  }
  if (to.starts_with("http://") || to.starts_with("https://") || to.starts_with("unix:")) {
    constexpr std::chrono::milliseconds timeout{30'000};
    auto daemon = access.to(to, timeout).and_then(HttpClient::make);
    if (!daemon) return fail(daemon.error());
    return std::make_unique<DaemonTarget>(std::move(*daemon));
  }
  auto store = open_store(to);
  if (const auto scheme = to.find("://");
      !store && store.error().code == ErrorCode::unsupported && scheme != std::string::npos) {
    return fail(ErrorCode::unsupported,
                "there is no target for " + to.substr(0, scheme) +
                    "://; give postgres://…, clickhouse://…, https://…, unix:PATH, jsonl:FILE, "
                    "ocsf:FILE or the path of another trail");
  }
  if (!store) return fail(store.error());
  return std::make_unique<StoreTarget>(std::move(*store));
}

}  // namespace agentaudit
