// The bytes of an entry and its commitments, against docs/ledger.md and against values
// that Python's hashlib computed.
#include "ledger/leaf.h"

#include <gtest/gtest.h>

#include <string>

#include "core/hex.h"
#include "core/sha256.h"

namespace agentaudit {
namespace {

using namespace std::string_literals;

template <std::size_t Bytes>
std::string hex_of(const std::array<std::uint8_t, Bytes>& bytes) {
  return to_hex({reinterpret_cast<const char*>(bytes.data()), Bytes});
}

const std::string nonce(nonce_bytes, '\x11');

Event every_field() {
  Event event;
  event.id = 0x0102030405060708;
  event.timestamp = Timestamp::from_ns(-2);
  event.category = "tool_call";
  event.action = "execute";
  event.agent = "ada";
  event.status = "ok";
  event.duration = std::chrono::milliseconds(-1);
  event.source = "hook";
  event.conversation_id = "c\0x"s;
  event.target = "bash";
  event.principal = "kim";
  event.trace_id = "0af7651916cd43dd8448eb211c80319c";
  event.span_id = "b7ad6b7169203331";
  event.summary = "bash: ls";
  event.detail = "{}";
  return event;
}

TEST(Leaf, AnEntryHasTheBytesOfTheFormat) {
  const Event event = every_field();
  std::string entry;
  Commitments commitments;
  commitments.summary.fill(0xAA);
  commitments.detail.fill(0xBB);
  append_entry(entry, event, Timestamp::from_ns(3), commitments);
  const std::string expected =
      "AA1\0"s + "\1\2\3\4\5\6\7\x08"s + "\0\0\0\0\0\0\0\3"s + "\xff\xff\xff\xff\xff\xff\xff\xfe"s +
      "\0\0\0\x09tool_call"s + "\0\0\0\7execute"s +
      "\0\0\0\3"
      "ada"s +
      "\0\0\0\2ok"s + "\xff\xff\xff\xff\xff\xff\xff\xff"s + "\0\0\0\4hook"s +
      "\0\0\0\3"
      "c\0x"s +
      "\0\0\0\4"
      "bash"s +
      "\0\0\0\3kim"s +
      "\0\0\0\x20"
      "0af7651916cd43dd8448eb211c80319c"s +
      "\0\0\0\x10"
      "b7ad6b7169203331"s +
      "\0\0\0\0"s + std::string(32, '\xAA') + std::string(32, '\xBB');
  EXPECT_EQ(to_hex(entry), to_hex(expected));
}

TEST(Leaf, SaltAndCommitmentAreThoseOfTheFormat) {
  EXPECT_EQ(hex_of(salt_of(nonce, SecretField::summary)), "8f83378811f15eaf1da17827d780357e");
  EXPECT_EQ(hex_of(salt_of(nonce, SecretField::detail)), "867a8816e8587ed5415f3c0c1d0bd135");
  EXPECT_EQ(hex_of(commitments_of(every_field(), nonce).summary),
            "f72fda6af36e49135eed21e0e653c86f1b516a7d5cf41eddb3f4de94245798e3");
  EXPECT_EQ(hex_of(commitments_of(every_field(), nonce).detail),
            "df26367a76ca7bdda894110b6d6c29a750c2159d36a0bedc27404adb5afade00");
}

// Whoever knows one field's salt cannot open the other.
TEST(Leaf, TheFieldsOfOneEventHaveSaltsOfTheirOwn) {
  EXPECT_NE(salt_of(nonce, SecretField::summary), salt_of(nonce, SecretField::detail));
}

// Strings are counted, so that nothing can move from one into the next.
TEST(Leaf, MovingABorderBetweenFieldsChangesTheEntry) {
  Event one = every_field();
  Event other = every_field();
  one.category = "ab";
  one.action = "c";
  other.category = "a";
  other.action = "bc";
  std::string entry;
  std::string moved;
  append_entry(entry, one, {}, {});
  append_entry(moved, other, {}, {});
  EXPECT_NE(entry, moved);
}

TEST(Leaf, AnAbsentEventHasAnEntryOfItsOwnKind) {
  std::string entry;
  append_absent_entry(entry, 258);
  EXPECT_EQ(entry, "AA0\0\0\0\0\0\0\0\1\2"s);
}

}  // namespace
}  // namespace agentaudit
