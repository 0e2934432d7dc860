// Files of checkpoints, one after the other, as `anchor` writes and `verify` reads them.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "agentaudit/core/result.h"

namespace agentaudit {

// A note as it is appended: with an empty line after it.
[[nodiscard]] std::string anchored_text(std::string_view note);
// The notes in such a text; what is none is one too, for verify to complain about.
[[nodiscard]] std::vector<std::string> split_notes(std::string_view text);
// At most 16 MiB. Errors: not_found, io, too_large.
[[nodiscard]] Result<std::vector<std::string>> read_notes(const std::filesystem::path& path);

}  // namespace agentaudit
