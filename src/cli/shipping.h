// Shipping: brings what a trail recorded to a ShipTarget, from where it got to before.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "agentaudit/store/store.h"
#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/ship_cursor.h"
#include "cli/ship_target.h"

namespace agentaudit {

struct ShippingOptions {
  std::int64_t rate = 0;  // events a second at most; 0: no limit
  std::chrono::nanoseconds patience = std::chrono::seconds(60);  // with a target that is away
};

struct ShippingCounts {
  std::int64_t shipped = 0;  // now
  EventId last_id = 0;       // of what is there
  std::int64_t behind = 0;   // ids after it
  std::int64_t refused = 0;  // events that the target will not have, now
  std::filesystem::path refused_path{};
};

// Not thread-safe. All it is given must outlive it.
class Shipping {
 public:
  Shipping(Context& context, Store& store, ShipTarget& target, std::filesystem::path cursor_file,
           const ShippingOptions& options);

  // Compares the trail with what was shipped of it. Errors: corrupt (it is not the one that was
  // shipped: forked, rolled back or cut), invalid_argument (the cursor is another trail's), and
  // those of ShipCursor::read, the trail and the target.
  [[nodiscard]] Result<void> begin();
  // Sends all that is there. The cursor is written after each batch. Errors: corrupt (an event
  // is not what was recorded), and those of the trail, the target and the cursor.
  [[nodiscard]] Result<void> catch_up(const Interrupt& interrupt);

  [[nodiscard]] ShippingCounts counts();

 private:
  [[nodiscard]] Result<void> check_held(const ShipTarget::Held& held) const;
  // That the first events of the trail have that root. Errors: corrupt.
  [[nodiscard]] Result<void> check_root(EventId last_id, const std::string& expected) const;
  [[nodiscard]] Result<void> send(std::span<const RecordedEvent> events,
                                  const Interrupt& interrupt);
  [[nodiscard]] Result<void> set_aside(const Event& event, const Error& why);
  [[nodiscard]] Result<void> move_on(EventId last_id);
  [[nodiscard]] Result<void> send_checkpoint();

  Context& context_;
  Store& store_;
  ShipTarget& target_;
  const std::filesystem::path cursor_file_;
  const std::filesystem::path refused_file_;
  const ShippingOptions options_;
  ShipCursor cursor_;
  std::int64_t shipped_ = 0;
  std::int64_t refused_ = 0;
  std::string checkpoint_;  // that was sent last
};

}  // namespace agentaudit
