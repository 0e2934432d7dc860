#include "cli/forward_option.h"

#include <utility>

namespace agentaudit {
void ForwardOption::declare(CommandLine& line) {
  line.option({"--to"}, "URL", url_,
              "Send to the daemon there, in place of a trail: http://HOST:PORT, https://… or "
              "unix:PATH. While it is away, events wait in a file beside the trail");
  access_.declare(line);
}

Result<std::shared_ptr<Forwarder>> ForwardOption::open(
    const StoreOption& store, std::chrono::milliseconds timeout,
    std::chrono::milliseconds catch_up_max,
    std::function<void(const std::string&)> complain) const {
  const auto trail = store.beside();
  if (!trail) return fail(trail.error());
  auto daemon = access_.to(url_, timeout);
  if (!daemon) return fail(daemon.error());
  return Forwarder::open({.daemon = std::move(*daemon),
                          .trail = *trail,
                          .catch_up_max = catch_up_max,
                          .complain = std::move(complain)});
}

}  // namespace agentaudit
