// What a configuration file says of redaction:
//
//   [redaction]
//   disabled_kinds = ["payment-card"]
//   allow = ["AKIA.*EXAMPLE"]
//
//   [[redaction.rules]]
//   kind = "acme-badge"
//   keywords = ["badge"]
//   pattern = '(?i)badge[ :=]+([a-z0-9]{8})'
//   entropy = 2.5
#pragma once

#include <filesystem>

#include "agentaudit/core/result.h"
#include "agentaudit/redact/redactor.h"
#include "cli/toml.h"

namespace agentaudit {

// Adds what the table [redaction] says to the options. Errors: parse (which line, and what is
// wrong with it); patterns are looked at by Redactor::create.
[[nodiscard]] Result<void> read_redaction(const toml::table& redaction, RedactorOptions& options);

// The same of a TOML file, whose other tables are passed over. Errors: io, parse.
[[nodiscard]] Result<void> read_redaction_file(const std::filesystem::path& path,
                                               RedactorOptions& options);

}  // namespace agentaudit
