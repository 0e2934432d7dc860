#include "ingest/derived_id.h"

#include "core/hex.h"
#include "core/sha256.h"

namespace agentaudit {

std::string derived_id(std::size_t bytes, std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const std::string_view part : parts) {
    if (!text.empty()) text += '\0';
    text += part;
  }
  const auto digest = sha256(text);
  return to_hex({reinterpret_cast<const char*>(digest.data()), bytes});
}

}  // namespace agentaudit
