#include "store/sqlite_row.h"

#include "core/hex.h"

namespace agentaudit {

std::string hex_id(const SqliteStatement& statement, int column) {
  std::string text;
  read_hex_id(statement, column, text);
  return text;
}

void read_hex_id(const SqliteStatement& statement, int column, std::string& out) {
  const std::string_view bytes = statement.bytes(column);
  out.clear();
  if (statement.is_blob(column)) {
    append_hex(out, bytes);
  } else {
    out = bytes;
  }
}

}  // namespace agentaudit
