// Whose signatures are believed.
#include "ledger/note_verifier.h"

#include <gtest/gtest.h>

#include "ledger/published_notes.h"
#include "store/error_code.h"

namespace agentaudit {
namespace {

NoteVerifier verifier_of(const std::string& text) { return NoteVerifier::from_text(text).value(); }

const NoteVerifier& peter() {
  static const NoteVerifier verifier = verifier_of(published::peter_public);
  return verifier;
}

Note note_of(const std::string& bytes) { return parse_note(bytes).value(); }

TEST(NoteVerifier, HasTheTextItIsMadeOf) {
  EXPECT_EQ(peter().to_text(), published::peter_public);
  EXPECT_EQ(peter().key(), (NoteKeyId{.name = "PeterNeumann", .id = 0xc74f20a3}));
}

TEST(NoteVerifier, AcceptsPublishedNotes) {
  EXPECT_TRUE(peter().verify(note_of(published::by_peter)));
  EXPECT_TRUE(peter().verify(note_of(published::by_both)));
  EXPECT_TRUE(verifier_of(published::enoch_public).verify(note_of(published::by_both)));
}

TEST(NoteVerifier, ANoteThatTheKeyDidNotSignIsNotFound) {
  const auto verified = verifier_of(published::enoch_public).verify(note_of(published::by_peter));
  EXPECT_EQ(error_code(verified), ErrorCode::not_found);
  EXPECT_EQ(verified.error().message, "the note is not signed by EnochRoot+af0cfe78");
}

TEST(NoteVerifier, PassesOverKeysThatShareTheNameOrTheId) {
  Note note = note_of(published::by_peter);
  NoteSignature other = note.signatures[0];
  other.key.id ^= 1;
  note.signatures.push_back(other);
  other = note.signatures[0];
  other.key.name = "CarmenSandiego";
  note.signatures.push_back(other);
  EXPECT_TRUE(peter().verify(note));
  note.signatures.erase(note.signatures.begin());
  EXPECT_EQ(error_code(peter().verify(note)), ErrorCode::not_found);
}

TEST(NoteVerifier, AWrongSignatureOfTheKeyIsCorruptEvenBesideAGoodOne) {
  Note note = note_of(published::by_peter);
  note.signatures.push_back(note.signatures[0]);
  EXPECT_TRUE(peter().verify(note));
  note.signatures[1].signature[0] ^= 1;
  EXPECT_EQ(error_code(peter().verify(note)), ErrorCode::corrupt);
}

TEST(NoteVerifier, NoBitOfTheTextOrTheSignatureCanBeChanged) {
  const Note good = note_of(published::by_peter);
  for (std::size_t bit = 0; bit < good.text.size() * 8; ++bit) {
    Note note = good;
    note.text[bit / 8] = static_cast<char>(note.text[bit / 8] ^ (1 << bit % 8));
    EXPECT_EQ(error_code(peter().verify(note)), ErrorCode::corrupt);
  }
  for (std::size_t bit = 0; bit < good.signatures[0].signature.size() * 8; ++bit) {
    Note note = good;
    char& byte = note.signatures[0].signature[bit / 8];
    byte = static_cast<char>(byte ^ (1 << bit % 8));
    EXPECT_EQ(error_code(peter().verify(note)), ErrorCode::corrupt);
  }
}

TEST(NoteVerifier, ASignatureOfAnotherLengthIsCorrupt) {
  Note note = note_of(published::by_peter);
  note.signatures[0].signature += 's';
  EXPECT_EQ(error_code(peter().verify(note)), ErrorCode::corrupt);
  note.signatures[0].signature = "s";
  EXPECT_EQ(error_code(peter().verify(note)), ErrorCode::corrupt);
}

// As golang.org/x/mod's own tests mangle it.
TEST(NoteVerifier, NoMangledKeyIsTaken) {
  const std::string& key = published::peter_public;
  for (std::size_t first = 0; first < key.size(); ++first) {
    for (std::size_t end = first; end <= key.size(); ++end) {
      if (first == 0 && end == key.size()) continue;
      EXPECT_FALSE(NoteVerifier::from_text(key.substr(first, end - first)));
    }
  }
  for (std::size_t i = 0; i < key.size(); ++i) {
    std::string mangled = key;
    ++mangled[i];
    EXPECT_FALSE(NoteVerifier::from_text(mangled)) << mangled;
  }
}

TEST(NoteVerifier, AKeyOfAnotherLengthOrAlgorithmIsRefused) {
  EXPECT_EQ(error_code(NoteVerifier::from_text(
                "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==")),
            ErrorCode::parse);
  EXPECT_EQ(error_code(NoteVerifier::from_text(
                "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")),
            ErrorCode::unsupported);
}

TEST(NoteVerifier, AnIdOfAnotherKeyIsRefused) {
  const auto verifier =
      NoteVerifier::from_text("PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
  EXPECT_EQ(error_code(verifier), ErrorCode::parse);
  EXPECT_EQ(verifier.error().message,
            "PeterNeumann+c74f20a4 is not the id of that key under that name");
}

}  // namespace
}  // namespace agentaudit
