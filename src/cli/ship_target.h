// ShipTarget: where `agentaudit ship` brings a trail's events.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "agentaudit/core/result.h"
#include "agentaudit/store/proof.h"
#include "cli/daemon_access.h"
#include "cli/ship_cursor.h"

namespace agentaudit {

// Not thread-safe.
class ShipTarget {
 public:
  ShipTarget() = default;
  ShipTarget(const ShipTarget&) = delete;
  ShipTarget& operator=(const ShipTarget&) = delete;
  virtual ~ShipTarget() = default;

  // postgres://… and the path of another trail (each event is stored once, under the key of its
  // trail and id), http://…, https://… and unix:… (a daemon, likewise), clickhouse://… (as the
  // trail has it), jsonl:FILE and ocsf:FILE (`-`: standard output). `access`: to a daemon.
  // Errors: invalid_argument, unsupported (a scheme), and those of opening it.
  [[nodiscard]] static Result<std::unique_ptr<ShipTarget>> open(const std::string& to,
                                                                const DaemonAccess& access);

  // What the target holds of the trail, to be compared with it.
  struct Held {
    EventId last_id = 0;         // the greatest; 0: none, or it does not know
    std::string leaf{};          // of that event
    std::int64_t tree_size = 0;  // of the greatest checkpoint; 0 likewise
    std::string root{};          // that it names
  };
  // Before anything is sent. Where the target knows itself how far it got, it moves the cursor
  // back. Errors: corrupt (what it holds is of another history than the trail).
  [[nodiscard]] virtual Result<Held> begin(ShipCursor& cursor) {
    (void)cursor;
    return Held();
  }
  // Sends events in the order of their ids; they are durable on return. The same may come
  // again, and is there once. Moves the cursor's bytes on, not its id. Errors: too_large and
  // invalid_argument (one of them is refused and always will be), corrupt (one came before as
  // another), and those of the target.
  [[nodiscard]] virtual Result<void> send(std::span<const RecordedEvent> events,
                                          ShipCursor& cursor) = 0;
  // The newest signed checkpoint of the trail; it may come again.
  [[nodiscard]] virtual Result<void> checkpoint(std::string_view trail_id, std::string_view note) {
    (void)trail_id;
    (void)note;
    return {};
  }
};

}  // namespace agentaudit
