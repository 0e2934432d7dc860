// ShipCursor: how far a trail was shipped to one place, in a file that survives a crash.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "agentaudit/core/event.h"
#include "agentaudit/core/result.h"

namespace agentaudit {

struct ShipCursor {
  std::string trail_id{};
  EventId last_id = 0;     // of what is there for good
  std::string root{};      // of the tree of that many leaves, 32 bytes
  std::int64_t bytes = 0;  // of a file that is shipped to: how long it was then

  // {"trail":"…","last_id":N,"root":"HEX","bytes":N} and a line end.
  [[nodiscard]] std::string to_string() const;
  // Errors: parse (to_string does not write such a text).
  [[nodiscard]] static Result<ShipCursor> parse(std::string_view text);

  // Not set: there is no such file. Errors: parse (it is no cursor), io.
  [[nodiscard]] static Result<std::optional<ShipCursor>> read(const std::filesystem::path& path);
  // Replaces the file; synced on return. Errors: io, full, permission.
  [[nodiscard]] Result<void> write(const std::filesystem::path& path) const;

  friend bool operator==(const ShipCursor&, const ShipCursor&) = default;
};

}  // namespace agentaudit
