// Files written whole. Errors are numbers of errno(3); 0: there is none.
#pragma once

#include <filesystem>
#include <string_view>

namespace agentaudit {

// Writes all bytes to a descriptor, through interruptions. Returns errno, 0 for none.
[[nodiscard]] int write_all(int descriptor, std::string_view bytes) noexcept;

// Gives the file this text and the mode 0600, or leaves it as it was: `PATH.part` is written,
// synced and takes its place, for good when the call returns; on an error nothing of
// it is left. Its directory must be there.
[[nodiscard]] int replace_file(const std::filesystem::path& path, std::string_view text);

}  // namespace agentaudit
