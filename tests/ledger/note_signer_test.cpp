// Signing notes, and the private keys for it.
#include "ledger/note_signer.h"

#include <gtest/gtest.h>

#include <utility>

#include "ledger/published_notes.h"
#include "store/error_code.h"

namespace agentaudit {
namespace {

TEST(NoteSigner, SignsAsPublished) {
  const auto peter = NoteSigner::from_text(published::peter_private);
  ASSERT_TRUE(peter);
  EXPECT_EQ(peter->sign(published::text), published::by_peter);
  EXPECT_EQ(peter->verifier().to_text(), published::peter_public);
  const auto enoch = NoteSigner::from_text(published::enoch_private);
  ASSERT_TRUE(enoch);
  EXPECT_EQ(enoch->sign(published::text), published::text + "\n" + published::enoch_line);
  EXPECT_EQ(enoch->verifier().to_text(), published::enoch_public);
}

TEST(NoteSigner, HasThePrivateTextItIsMadeOf) {
  const auto peter = NoteSigner::from_text(published::peter_private);
  ASSERT_TRUE(peter);
  EXPECT_EQ(*peter->private_text(), published::peter_private);
}

TEST(NoteSigner, ANewKeyIsTheSameAfterItWasWrittenAndRead) {
  const auto made = NoteSigner::generate("build-7.example");
  ASSERT_TRUE(made);
  const auto read = NoteSigner::from_text(*made->private_text());
  ASSERT_TRUE(read);
  EXPECT_EQ(read->key(), made->key());
  EXPECT_EQ(read->verifier().to_text(), made->verifier().to_text());
  const auto note = read->sign("text\n");
  ASSERT_TRUE(note);
  EXPECT_TRUE(made->verifier().verify(parse_note(*note).value()));
}

TEST(NoteSigner, NoTwoNewKeysAreTheSame) {
  EXPECT_NE(*NoteSigner::generate("a")->private_text(), *NoteSigner::generate("a")->private_text());
}

TEST(NoteSigner, SignsAfterItWasMoved) {
  auto peter = NoteSigner::from_text(published::peter_private);
  ASSERT_TRUE(peter);
  const NoteSigner moved = std::move(*peter);
  EXPECT_EQ(moved.sign(published::text), published::by_peter);
}

TEST(NoteSigner, ANameThatNoKeyMayHaveIsRefused) {
  EXPECT_EQ(error_code(NoteSigner::generate("")), ErrorCode::invalid_argument);
  EXPECT_EQ(error_code(NoteSigner::generate("a+b")), ErrorCode::invalid_argument);
}

TEST(NoteSigner, ATextThatIsNoNotesIsRefused) {
  const auto peter = NoteSigner::from_text(published::peter_private);
  ASSERT_TRUE(peter);
  EXPECT_EQ(error_code(peter->sign("")), ErrorCode::invalid_argument);
  EXPECT_EQ(error_code(peter->sign("no newline")), ErrorCode::invalid_argument);
  EXPECT_EQ(error_code(peter->sign("tab\t\n")), ErrorCode::invalid_argument);
  EXPECT_EQ(error_code(peter->sign(std::string(note_bytes_max, 'a') + "\n")), ErrorCode::too_large);
}

// As golang.org/x/mod's own tests mangle it.
TEST(NoteSigner, NoMangledKeyIsTaken) {
  const std::string& key = published::peter_private;
  for (std::size_t first = 0; first < key.size(); ++first) {
    for (std::size_t end = first; end <= key.size(); ++end) {
      if (first == 0 && end == key.size()) continue;
      EXPECT_FALSE(NoteSigner::from_text(key.substr(first, end - first)));
    }
  }
  for (std::size_t i = 0; i < key.size(); ++i) {
    std::string mangled = key;
    ++mangled[i];
    EXPECT_FALSE(NoteSigner::from_text(mangled)) << mangled;
  }
}

TEST(NoteSigner, APublicKeyIsNoPrivateOne) {
  const auto signer = NoteSigner::from_text(published::peter_public);
  EXPECT_EQ(error_code(signer), ErrorCode::parse);
  EXPECT_EQ(signer.error().message, "the private key does not begin with PRIVATE+KEY+");
}

}  // namespace
}  // namespace agentaudit
