#include "cli/daemon_access.h"

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

void DaemonAccess::declare(CommandLine& line) {
  line.option({"--token-file"}, "FILE", token_path_, "The token for --to; else $AGENTAUDIT_TOKEN")
      .value = OptionSpec::Value::file;
  line.option({"--cacert"}, "FILE", certificates_path_,
              "Whom to trust for --to, in PEM; else whom the system trusts")
      .value = OptionSpec::Value::file;
}

Result<DaemonAddress> DaemonAccess::to(const std::string& url,
                                       std::chrono::milliseconds timeout) const {
  Result<std::string> token = environment("AGENTAUDIT_TOKEN");
  if (!token_path_.empty()) token = token_in(token_path_);
  if (!token) return fail(token.error());
  constexpr std::chrono::milliseconds connect_timeout{5'000};
  return DaemonAddress{.url = url,
                       .token = std::move(*token),
                       .certificates_path = certificates_path_,
                       .connect_timeout = std::min(connect_timeout, timeout),
                       .timeout = timeout};
}

}  // namespace agentaudit
