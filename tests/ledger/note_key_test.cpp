// The names, ids and texts of keys.
#include "ledger/note_key.h"

#include <gtest/gtest.h>

#include "ledger/base64.h"
#include "ledger/published_notes.h"
#include "store/error_code.h"

namespace agentaudit {
namespace {

Result<NoteKeyId> parse(std::string_view text) {
  PublicKey key{};
  return parse_note_key(text, key);
}

TEST(NoteKey, IsWrittenAsItWasRead) {
  PublicKey key{};
  const auto id = parse_note_key(published::peter_public, key);
  ASSERT_TRUE(id);
  EXPECT_EQ(*id, (NoteKeyId{.name = "PeterNeumann", .id = 0xc74f20a3}));
  EXPECT_EQ(to_string(*id), "PeterNeumann+c74f20a3");
  EXPECT_EQ(key_id_of("PeterNeumann", key), *id);
  EXPECT_EQ(format_note_key(*id, key), published::peter_public);
}

TEST(NoteKey, AnIdHasEightDigitsEvenIfItIsSmall) {
  EXPECT_EQ(to_string(NoteKeyId{.name = "a", .id = 0xab}), "a+000000ab");
}

TEST(NoteKey, TheIdDependsOnTheName) { EXPECT_NE(key_id_of("a", {}).id, key_id_of("b", {}).id); }

TEST(NoteKey, ANameIsUtf8WithoutSpacesAndPluses) {
  EXPECT_TRUE(is_key_name("build-7.example/trail"));
  EXPECT_TRUE(is_key_name("b\u00fcro"));
  for (const char* const name : {"", "a b", "a+b", "a\tb", "a\nb", "a\x01", "a\u00a0b", "a\u2003",
                                 "a\u3000", "a\u0085", "a\u2028", "\xff", "\xe2\x80"}) {
    EXPECT_FALSE(is_key_name(name)) << name;
  }
}

TEST(NoteKey, ATextWithoutItsThreePartsIsRefused) {
  for (const char* const text : {"", "name", "name+c74f20a3", "+", "++"}) {
    EXPECT_EQ(error_code(parse(text)), ErrorCode::parse) << text;
  }
}

TEST(NoteKey, AnIdThatIsNotEightHexDigitsIsRefused) {
  const std::string key = "+" + to_base64('\1' + std::string(32, 'k'));
  EXPECT_TRUE(parse("name+c74f20a3" + key));
  for (const char* const id :
       {"", "c74f20a", "c74f20a30", "c74f20ag", "-74f20a3", "0x4f20a3", " 74f20a3"}) {
    EXPECT_EQ(error_code(parse("name+" + std::string(id) + key)), ErrorCode::parse) << id;
  }
}

TEST(NoteKey, AKeyThatIsNotBase64IsRefused) {
  const std::string text = published::peter_public;
  EXPECT_EQ(error_code(parse(text + "\n")), ErrorCode::parse);
  EXPECT_EQ(error_code(parse(text + "=")), ErrorCode::parse);
  EXPECT_EQ(error_code(parse(text.substr(0, text.size() - 1))), ErrorCode::parse);
}

TEST(NoteKey, AKeyOfAnotherLengthIsRefused) {
  EXPECT_EQ(error_code(parse("name+c74f20a3+" + to_base64('\1' + std::string(31, 'k')))),
            ErrorCode::parse);
  EXPECT_EQ(error_code(parse("name+c74f20a3+" + to_base64('\1' + std::string(33, 'k')))),
            ErrorCode::parse);
}

TEST(NoteKey, AnotherAlgorithmIsUnsupported) {
  EXPECT_EQ(error_code(parse("name+c74f20a3+" + to_base64('\2' + std::string(32, 'k')))),
            ErrorCode::unsupported);
  EXPECT_EQ(error_code(parse("name+c74f20a3+")), ErrorCode::unsupported);
}

TEST(NoteKey, AnErrorDoesNotHoldTheKey) {
  const std::string secret = to_base64('\1' + std::string(31, 'k'));
  EXPECT_EQ(parse("name+c74f20a3+" + secret).error().message.find(secret), std::string::npos);
}

}  // namespace
}  // namespace agentaudit
