#include "cli/ship_cursor.h"

#include <array>
#include <fstream>
#include <utility>

#include "core/hex.h"
#include "core/json_value.h"
#include "core/write_file.h"
#include "store/system_error.h"

namespace agentaudit {
namespace {

constexpr std::size_t cursor_bytes_max = 4'096;
constexpr std::size_t root_bytes = 32;
constexpr std::size_t trail_bytes = 16;

}  // namespace

std::string ShipCursor::to_string() const {
  return R"({"trail":")" + trail_id + R"(","last_id":)" + std::to_string(last_id) + R"(,"root":")" +
         to_hex(root) + R"(","bytes":)" + std::to_string(bytes) + "}\n";
}

Result<ShipCursor> ShipCursor::parse(std::string_view text) {
  const auto json = JsonDocument::parse(text);
  if (!json) return fail(json.error());
  ShipCursor cursor;
  const auto number = [&](std::string_view name) -> std::int64_t {
    const JsonValue* const value = json->root().find(name);
    return value != nullptr ? value->to_int64().value_or(-1) : -1;
  };
  cursor.trail_id = json->root().string_at("trail");
  cursor.last_id = number("last_id");
  cursor.bytes = number("bytes");
  cursor.root.resize(root_bytes);
  std::array<char, trail_bytes> trail{};
  if (!from_hex(cursor.trail_id, trail) ||
      to_hex({trail.data(), trail.size()}) != cursor.trail_id || cursor.last_id < 0 ||
      cursor.bytes < 0 || !from_hex(json->root().string_at("root"), cursor.root)) {
    return fail(ErrorCode::parse, "it has no trail, last_id, root and bytes");
  }
  return cursor;
}

Result<std::optional<ShipCursor>> ShipCursor::read(const std::filesystem::path& path) {
  std::ifstream file(path);
  if (!file) {
    std::error_code error;
    if (!std::filesystem::exists(path, error) && !error) return std::optional<ShipCursor>();
    return fail(ErrorCode::io, "cannot read " + path.native());
  }
  std::string text(cursor_bytes_max, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  auto cursor = parse(text);
  if (cursor) return std::optional<ShipCursor>(std::move(*cursor));
  return fail(ErrorCode::parse, path.native() + " is no cursor of `agentaudit ship` (" +
                                    cursor.error().message +
                                    "); remove it to ship the trail from its start");
}

Result<void> ShipCursor::write(const std::filesystem::path& path) const {
  const int error = replace_file(path, to_string());
  return error == 0 ? Result<void>() : fail(system_error(error, path.native()));
}

}  // namespace agentaudit
