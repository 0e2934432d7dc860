// The key of the marks that stand for secrets: $XDG_CONFIG_HOME/agentaudit/redaction-key,
// else ~/.config/agentaudit/redaction-key. It is made when it is first needed.
#pragma once

#include <filesystem>

#include "agentaudit/core/result.h"
#include "agentaudit/redact/redactor.h"

namespace agentaudit {

// Errors: invalid_argument (no home directory to look in).
[[nodiscard]] Result<std::filesystem::path> redaction_key_path();

// Reads the key, 64 hex digits, which nobody else may be allowed to read. Where there is none
// it makes a random one; of several processes that do so at once all get the same. Errors:
// permission, parse, io.
[[nodiscard]] Result<RedactionKey> read_or_make_redaction_key(const std::filesystem::path& path);

}  // namespace agentaudit
