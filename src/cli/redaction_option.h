// How a command that takes events in keeps secrets out: --keep-secrets, --secret-rules.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "agentaudit/redact/redactor.h"
#include "cli/command.h"
#include "cli/command_line.h"

namespace agentaudit {

class RedactionOption {
 public:
  // Hears that the key cannot be kept, from any thread, at most once.
  using Complain = std::function<void(const std::string&)>;

  void declare(CommandLine& line);

  // None with --keep-secrets. The rules are those of --secret-rules, else of config.toml. Reads and
  // makes no key before a secret is found. Errors: invalid_argument, io, parse (of the file of
  // rules).
  [[nodiscard]] Result<std::shared_ptr<const Redactor>> open(Complain complain) const;
  [[nodiscard]] Result<std::shared_ptr<const Redactor>> open(Context& context) const;
  // For those who must go on whatever happens: rules that are wrong are complained about, and
  // the built-in ones hold.
  [[nodiscard]] std::shared_ptr<const Redactor> open_anyhow(const Complain& complain) const;

 private:
  bool keep_ = false;
  std::string rules_;
};

// `3 secrets removed (2 github-token, 1 password)`, `the detail of 1 event dropped …`; empty:
// nothing was found.
[[nodiscard]] std::string text_of(const RedactionReport& report);

}  // namespace agentaudit
