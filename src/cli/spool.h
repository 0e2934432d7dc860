// Spool: where an event waits that could not be stored (the trail locked for too long,
// the disk full, a newer version …), until a later process stores it.
//
// `<trail>.spool` holds JSON Lines. A process that imports it renames it to
// `<trail>.spool.importing` first and holds a lock (flock) on it, so that no two import
// the same events. What was committed is blanked out in it; a crash between the commit
// and the blanking imports that one batch again: at least once, never less.
#pragma once

#include <cstdint>
#include <filesystem>

#include "agentaudit/store/store.h"
#include "cli/command.h"
#include "cli/store_option.h"
#include "core/file_descriptor.h"

namespace agentaudit {

// Several processes may use it at once.
class Spool {
 public:
  explicit Spool(const std::filesystem::path& trail);

  // A trail that can never be written again must not fill the disk.
  static constexpr std::int64_t bytes_max = 256LL << 20U;

  // Adds the event, durably. The file is made 0600. Errors: full (the disk, or over
  // bytes_max), permission, io …
  [[nodiscard]] Result<void> append(const EventView& event) const;

  // Stores up to `batches_max` batches of what waits, unless another process is at it;
  // returns how many events. A line that is no event becomes an `audit`/`gap` event
  // that holds it. Errors: as insert_batch; what was not stored stays.
  [[nodiscard]] Result<std::int64_t> import_into(Store& store, int batches_max) const;

  // Bytes that wait, files of both names together.
  [[nodiscard]] std::int64_t waiting_bytes() const;
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

 private:
  [[nodiscard]] FileDescriptor take_over() const;

  std::filesystem::path path_;
  std::filesystem::path importing_;
};

// Stores what waits beside the trail and says so; what cannot be stored now waits on. For
// commands that write for long.
void import_spool(Context& context, const StoreOption& option, Store& store);

}  // namespace agentaudit
