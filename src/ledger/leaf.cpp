#include "ledger/leaf.h"

#include <algorithm>
#include <ranges>
#include <type_traits>

#include "core/bytes.h"
#include "core/sha256.h"

namespace agentaudit {
namespace {

constexpr std::string_view entry_mark("AA1\0", 4);
constexpr std::string_view absent_mark("AA0\0", 4);
constexpr std::string_view field_mark("aa-field\0", 9);
constexpr std::string_view salt_mark("aa-salt\0", 8);

template <typename Integer>
void append_big_endian(std::string& out, Integer value) {
  std::array<char, sizeof(Integer)> bytes{};
  for (auto bits = static_cast<std::make_unsigned_t<Integer>>(value);
       char& byte : std::views::reverse(bytes)) {
    byte = static_cast<char>(bits & 0xFFU);
    bits = static_cast<decltype(bits)>(bits >> 8U);
  }
  out.append(bytes.data(), bytes.size());
}

// No event holds a string that a u32 could not count: limits::event_bytes_max.
void append_string(std::string& out, std::string_view text) {
  append_big_endian(out, static_cast<std::uint32_t>(text.size()));
  out += text;
}

}  // namespace

Salt salt_of(std::string_view nonce, SecretField field) noexcept {
  std::array<char, salt_mark.size() + nonce_bytes + 1> bytes{};
  const auto after_mark = std::copy(salt_mark.begin(), salt_mark.end(), bytes.begin());
  *std::copy_n(nonce.begin(), nonce_bytes, after_mark) = static_cast<char>(field);
  const Hash whole = sha256({bytes.data(), bytes.size()});
  Salt salt{};
  std::copy_n(whole.begin(), salt.size(), salt.begin());
  return salt;
}

std::optional<Salt> kept_salt(std::string_view nonce, SecretField field) noexcept {
  if (nonce.size() == nonce_bytes) return salt_of(nonce, field);
  Salt salt{};
  if (nonce.size() != salt.size()) return std::nullopt;
  std::copy(nonce.begin(), nonce.end(), salt.begin());
  return salt;
}

Hash commitment(const Salt& salt, std::string_view text) {
  std::array<char, field_mark.size() + sizeof(Salt)> start{};
  std::copy_n(salt.begin(), salt.size(),
              std::copy(field_mark.begin(), field_mark.end(), start.begin()));
  Sha256 hasher;
  hasher.update({start.data(), start.size()});
  hasher.update(text);
  return hasher.digest();
}

std::optional<Hash> kept_commitment(SecretField field, std::string_view text,
                                    std::string_view nonce, std::string_view erased) {
  if (erased.empty()) {
    const auto salt = kept_salt(nonce, field);
    if (!salt) return std::nullopt;
    return commitment(*salt, text);
  }
  if (text != (field == SecretField::summary ? redacted_summary : redacted_detail)) {
    return std::nullopt;
  }
  Hash hash{};
  if (erased.size() != hash.size()) return std::nullopt;
  std::copy(erased.begin(), erased.end(), hash.begin());
  return hash;
}

Commitments commitments_of(const EventView& event, std::string_view nonce) {
  return {.summary = commitment(salt_of(nonce, SecretField::summary), event.summary),
          .detail = commitment(salt_of(nonce, SecretField::detail), event.detail)};
}

void append_entry(std::string& out, const EventView& event, Timestamp recorded_at,
                  const Commitments& commitments) {
  out += entry_mark;
  append_big_endian(out, event.id);
  append_big_endian(out, recorded_at.ns());
  append_big_endian(out, event.timestamp.ns());
  append_string(out, event.category);
  append_string(out, event.action);
  append_string(out, event.agent);
  append_string(out, event.status);
  append_big_endian(out, std::int64_t{event.duration.count()});
  append_string(out, event.source);
  append_string(out, event.conversation_id);
  append_string(out, event.target);
  append_string(out, event.principal);
  append_string(out, event.trace_id);
  append_string(out, event.span_id);
  append_string(out, event.parent_span_id);
  out += view_of(commitments.summary);
  out += view_of(commitments.detail);
}

void append_absent_entry(std::string& out, EventId id) {
  out += absent_mark;
  append_big_endian(out, id);
}

}  // namespace agentaudit
