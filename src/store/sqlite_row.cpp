#include "store/sqlite_row.h"

#include "core/hex.h"

namespace agentaudit {

bool bind_hex_id(SqliteStatement& statement, int index, std::string_view text, std::size_t id_bytes,
                 std::string& buffer) {
  if (text.empty()) {
    statement.bind_null(index);
    return false;
  }
  const bool hex = text.size() == id_bytes * 2 && from_hex(text, buffer);
  if (hex) {
    statement.bind_blob(index, buffer);
  } else {
    statement.bind_text(index, text);
  }
  return hex;
}

std::string hex_id(const SqliteStatement& statement, int column) {
  const std::string_view bytes = statement.bytes(column);
  return statement.is_blob(column) ? to_hex(bytes) : std::string(bytes);
}

}  // namespace agentaudit
