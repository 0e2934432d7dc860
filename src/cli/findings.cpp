#include "cli/findings.h"

#include <utility>

#include "cli/forwarder.h"
#include "cli/spool.h"
#include "cli/spool_file.h"
#include "render/figures.h"
#include "server/otlp_journal.h"

namespace agentaudit {

void Findings::found(std::string name, std::string value, std::string advice) {
  findings_.push_back({std::move(name), std::move(value), false, std::move(advice)});
}

void Findings::wrong(std::string name, std::string value, std::string advice) {
  findings_.push_back({std::move(name), std::move(value), true, std::move(advice)});
}

void Findings::look_at_what_waits(const std::filesystem::path& trail) {
  look_at_spool(trail);
  look_at_forwarded(trail);
  look_at_journal(trail);
}

void Findings::look_at_spool(const std::filesystem::path& trail) {
  const Spool spool(trail);
  const std::int64_t bytes = spool.waiting_bytes();
  if (bytes == 0) {
    found("spool", "empty");
    return;
  }
  wrong("spool", bytes_text(bytes) + " in " + spool.path().native(),
        "Events of hooks could not be stored. When the cause is gone, the next hook stores "
        "them, or at once: agentaudit record </dev/null");
}

void Findings::look_at_forwarded(const std::filesystem::path& trail) {
  for (const std::filesystem::path& path : Forwarder::waiting_paths(trail)) {
    const std::int64_t bytes = SpoolFile(path).waiting_bytes();
    if (bytes > 0) {
      wrong("sending", bytes_text(bytes) + " in " + path.native(),
            "Events wait for a daemon that was away. What next sends to it with --to sends "
            "them, too; at once: agentaudit record --to URL </dev/null");
    }
    const std::filesystem::path refused = Forwarder::refused_path(path);
    const std::int64_t refused_bytes = SpoolFile(refused).waiting_bytes();
    if (refused_bytes > 0) {
      wrong("refused", bytes_text(refused_bytes) + " in " + refused.native(),
            "A daemon refused these events for good. Each line is a key and the events as "
            "JSON; remove the file when you have seen to them.");
    }
  }
}

// A running daemon's own, for some seconds; else what one that was killed left.
void Findings::look_at_journal(const std::filesystem::path& trail) {
  const std::int64_t bytes = OtlpJournal::waiting_bytes(trail);
  if (bytes == 0) return;
  found("otlp", bytes_text(bytes) + " wait beside the trail",
        "agentaudit serve stores them, now if it runs, else when it is started.");
}

}  // namespace agentaudit
