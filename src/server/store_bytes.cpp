#include "server/store_bytes.h"

#include <filesystem>
#include <string>
#include <system_error>

#include "agentaudit/store/sqlite_store.h"

namespace agentaudit {

std::int64_t store_bytes(const Store& store) {
  const auto* const file = dynamic_cast<const SqliteStore*>(&store);
  if (file == nullptr) return 0;
  std::int64_t bytes = 0;
  for (const std::string_view suffix : {"", "-wal", "-shm"}) {
    std::error_code error;
    const auto size =
        std::filesystem::file_size(file->path().native() + std::string(suffix), error);
    if (!error) bytes += static_cast<std::int64_t>(size);
  }
  return bytes;
}

}  // namespace agentaudit
