// Spool: where an event waits that could not be stored (the trail locked for too long,
// the disk full, a newer version …), until a later process stores it: `<trail>.spool`, a
// SpoolFile of JSON Lines. What was committed is blanked out in it; a crash between the
// commit and the blanking imports that one batch again: at least once, never less.
#pragma once

#include <cstdint>
#include <filesystem>

#include "agentaudit/store/store.h"
#include "cli/command.h"
#include "cli/spool_file.h"
#include "cli/store_option.h"

namespace agentaudit {

// Several processes may use it at once.
class Spool {
 public:
  explicit Spool(const std::filesystem::path& trail);

  // Adds the event, durably. Errors: as SpoolFile::append.
  [[nodiscard]] Result<void> append(const EventView& event) const;

  // Stores up to `batches_max` batches of what waits, unless another process is at it;
  // returns how many events. A line that is no event becomes an `audit`/`gap` event
  // that holds it. Errors: as insert_batch; what was not stored stays.
  [[nodiscard]] Result<std::int64_t> import_into(Store& store, int batches_max) const;

  // Bytes that wait.
  [[nodiscard]] std::int64_t waiting_bytes() const { return file_.waiting_bytes(); }
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return file_.path(); }

 private:
  SpoolFile file_;
};

// Stores what waits beside the trail and says so; what cannot be stored now waits on. For
// commands that write for long.
void import_spool(Context& context, const StoreOption& option, Store& store);

}  // namespace agentaudit
