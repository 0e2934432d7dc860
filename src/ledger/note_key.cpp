#include "ledger/note_key.h"

#include <sodium/core.h>
#include <sodium/utils.h>

#include <algorithm>
#include <charconv>

#include "core/bytes.h"
#include "core/hex.h"
#include "core/sha256.h"
#include "core/utf8.h"
#include "ledger/base64.h"

namespace agentaudit {
namespace {

constexpr char ed25519 = '\1';
constexpr std::size_t id_digits = 8;

// Unicode's White_Space.
bool is_space(std::uint32_t code_point) noexcept {
  return (code_point >= 0x09 && code_point <= 0x0D) || code_point == 0x20 || code_point == 0x85 ||
         code_point == 0xA0 || code_point == 0x1680 ||
         (code_point >= 0x2000 && code_point <= 0x200A) || code_point == 0x2028 ||
         code_point == 0x2029 || code_point == 0x202F || code_point == 0x205F ||
         code_point == 0x3000;
}

bool parse_id(std::string_view digits, std::uint32_t& id) {
  if (digits.size() != id_digits) return false;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, id, 16);
  return error == std::errc() && stop == end;
}

// What of `bytes` is the key; it is wiped, since it may be secret.
Result<void> take_key(std::string& bytes, std::span<std::uint8_t, note_key_bytes> key) {
  const bool is_ed25519 = !bytes.empty() && bytes.front() == ed25519;
  const bool fits = bytes.size() == 1 + note_key_bytes;
  if (is_ed25519 && fits) std::copy(bytes.begin() + 1, bytes.end(), key.begin());
  sodium_memzero(bytes.data(), bytes.size());
  if (!is_ed25519) {
    return fail(ErrorCode::unsupported, "the key's algorithm is not Ed25519");
  }
  if (!fits) {
    return fail(ErrorCode::parse, "the key has not 32 bytes after the number of its algorithm");
  }
  return {};
}

}  // namespace

std::string to_string(const NoteKeyId& key) {
  std::array<char, 4> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<char>(key.id >> (8 * (bytes.size() - 1 - i)) & 0xFFU);
  }
  return key.name + '+' + to_hex({bytes.data(), bytes.size()});
}

bool is_key_name(std::string_view name) noexcept {
  if (name.empty()) return false;
  while (!name.empty()) {
    const CodePoint point = decode_utf8(name);
    if (point.bytes == 0 || point.value < 0x20 || point.value == '+' || is_space(point.value)) {
      return false;
    }
    name.remove_prefix(point.bytes);
  }
  return true;
}

NoteKeyId key_id_of(std::string_view name, const PublicKey& key) {
  Sha256 hasher;
  hasher.update(name);
  constexpr std::array<char, 2> mark{'\n', ed25519};
  hasher.update({mark.data(), mark.size()});
  hasher.update(view_of(key));
  const auto digest = hasher.digest();
  std::uint32_t id = 0;
  for (std::size_t i = 0; i < sizeof id; ++i) id = id << 8U | digest[i];
  return {.name = std::string(name), .id = id};
}

std::string format_note_key(const NoteKeyId& id,
                            std::span<const std::uint8_t, note_key_bytes> key) {
  std::array<char, 1 + note_key_bytes> bytes{ed25519};
  std::copy(key.begin(), key.end(), bytes.begin() + 1);
  std::string digits = to_base64({bytes.data(), bytes.size()});
  std::string text = to_string(id) + '+' + digits;
  sodium_memzero(bytes.data(), bytes.size());
  sodium_memzero(digits.data(), digits.size());
  return text;
}

Result<NoteKeyId> parse_note_key(std::string_view text,
                                 std::span<std::uint8_t, note_key_bytes> key) {
  const std::size_t name_end = text.find('+');
  const std::size_t id_end =
      name_end == std::string_view::npos ? name_end : text.find('+', name_end + 1);
  if (id_end == std::string_view::npos) {
    return fail(ErrorCode::parse, "the key is not a name, an id and base64 with + between them");
  }
  NoteKeyId id{.name = std::string(text.substr(0, name_end)), .id = 0};
  if (!is_key_name(id.name)) {
    return fail(ErrorCode::parse,
                "the key's name is empty, is not UTF-8, or has spaces or control characters");
  }
  if (!parse_id(text.substr(name_end + 1, id_end - name_end - 1), id.id)) {
    return fail(ErrorCode::parse, "the key's id is not 8 hex digits");
  }
  auto bytes = from_base64(text.substr(id_end + 1));
  if (!bytes) return fail(ErrorCode::parse, "the key is not base64 after its id");
  if (auto taken = take_key(*bytes, key); !taken) return fail(std::move(taken.error()));
  return id;
}

Result<void> start_sodium() noexcept {
  static const bool started = sodium_init() >= 0;
  if (!started) return fail(ErrorCode::unsupported, "libsodium cannot start on this machine");
  return {};
}

}  // namespace agentaudit
