#include "cli/forward_option.h"

#include <algorithm>
#include <fstream>
#include <utility>

#include "cli/environment.h"

namespace agentaudit {
namespace {

Result<std::string> token_in(const std::string& path) {
  std::ifstream file(path);
  std::string token;
  if (!std::getline(file, token) || token.empty()) {
    return fail(ErrorCode::io, "--token-file: " + path + " has no token in its first line");
  }
  return token;
}

}  // namespace

void ForwardOption::declare(CommandLine& line) {
  line.option({"--to"}, "URL", url_,
              "Send to the daemon there, in place of a trail: http://HOST:PORT, https://… or "
              "unix:PATH. While it is away, events wait in a file beside the trail");
  line.option({"--token-file"}, "FILE", token_path_, "The token for --to; else $AGENTAUDIT_TOKEN")
      .value = OptionSpec::Value::file;
  line.option({"--cacert"}, "FILE", certificates_path_,
              "Whom to trust for --to, in PEM; else whom the system trusts")
      .value = OptionSpec::Value::file;
}

Result<std::shared_ptr<Forwarder>> ForwardOption::open(
    const StoreOption& store, std::chrono::milliseconds timeout,
    std::chrono::milliseconds catch_up_max,
    std::function<void(const std::string&)> complain) const {
  const auto trail = store.beside();
  if (!trail) return fail(trail.error());
  Result<std::string> token = environment("AGENTAUDIT_TOKEN");
  if (!token_path_.empty()) token = token_in(token_path_);
  if (!token) return fail(token.error());
  constexpr std::chrono::milliseconds connect_timeout{5'000};
  return Forwarder::open({.daemon = {.url = url_,
                                     .token = std::move(*token),
                                     .certificates_path = certificates_path_,
                                     .connect_timeout = std::min(connect_timeout, timeout),
                                     .timeout = timeout},
                          .trail = *trail,
                          .catch_up_max = catch_up_max,
                          .complain = std::move(complain)});
}

}  // namespace agentaudit
