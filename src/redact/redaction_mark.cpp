#include "redact/redaction_mark.h"

#include <sodium.h>

#include <algorithm>
#include <array>

#include "core/bytes.h"
#include "core/hex.h"

namespace agentaudit {
namespace {

constexpr std::string_view head = "[REDACTED:";
constexpr std::size_t hmac_digits = 12;

bool is_kind_char(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; }
bool is_hex_digit(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

// The bytes of the mark that `text` starts with; 0: none.
std::size_t mark_bytes(std::string_view text) {
  const std::string_view rest = text.substr(head.size());
  const std::size_t colon = rest.substr(0, mark_kind_bytes_max + 1).find(':');
  if (colon == std::string_view::npos || !is_mark_kind(rest.substr(0, colon))) return 0;
  const std::string_view hmac = rest.substr(colon + 1, hmac_digits + 1);
  const bool closed = hmac.size() == hmac_digits + 1 && hmac.back() == ']';
  if (!closed || !std::all_of(hmac.begin(), hmac.end() - 1, is_hex_digit)) return 0;
  return head.size() + colon + 1 + hmac.size();
}

}  // namespace

bool is_mark_kind(std::string_view kind) noexcept {
  return !kind.empty() && kind.size() <= mark_kind_bytes_max &&
         std::all_of(kind.begin(), kind.end(), is_kind_char);
}

std::string hmac_hex(const RedactionKey& key, std::string_view bytes) {
  std::array<std::uint8_t, crypto_auth_hmacsha256_BYTES> hmac{};
  static_assert(crypto_auth_hmacsha256_KEYBYTES == std::tuple_size_v<RedactionKey>);
  crypto_auth_hmacsha256(hmac.data(), reinterpret_cast<const unsigned char*>(bytes.data()),
                         bytes.size(), key.data());
  return to_hex(view_of(hmac));
}

std::string mark_of(std::string_view kind, std::string_view secret, const RedactionKey& key) {
  std::string mark(head);
  return mark.append(kind).append(":").append(hmac_hex(key, secret), 0, hmac_digits).append("]");
}

std::vector<TextRange> find_marks(std::string_view text) {
  std::vector<TextRange> marks;
  std::size_t at = text.find(head);
  while (at != std::string_view::npos) {
    const std::size_t bytes = mark_bytes(text.substr(at));
    if (bytes > 0) marks.push_back({.begin = at, .end = at + bytes});
    at = text.find(head, at + std::max(bytes, head.size()));
  }
  return marks;
}

}  // namespace agentaudit
