#include "store/sqlite_row.h"

#include "core/hex.h"

namespace agentaudit {

std::string hex_id(const SqliteStatement& statement, int column) {
  const std::string_view bytes = statement.bytes(column);
  return statement.is_blob(column) ? to_hex(bytes) : std::string(bytes);
}

}  // namespace agentaudit
