// Checkpoints, plain and signed.
#include "ledger/checkpoint.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "ledger/published_notes.h"
#include "store/error_code.h"

namespace agentaudit {
namespace {

using namespace std::string_literals;

// The example of C2SP's page.
const std::string body =
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
const std::string root_line = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";

const NoteSigner& signer() {
  static const NoteSigner peter = NoteSigner::from_text(published::peter_private).value();
  return peter;
}

std::string with_size(const std::string& size) { return "origin\n" + size + "\n" + root_line; }

TEST(Checkpoint, IsWrittenAsItWasRead) {
  const auto checkpoint = parse_checkpoint(body);
  ASSERT_TRUE(checkpoint);
  EXPECT_EQ(checkpoint->origin, "example.com/behind-the-sofa");
  EXPECT_EQ(checkpoint->size, 20'852'163U);
  EXPECT_EQ(checkpoint->root[0], 0x0a);
  EXPECT_EQ(checkpoint->root[31], 0x62);
  EXPECT_EQ(format_checkpoint(*checkpoint), body);
}

RC_GTEST_PROP(Checkpoint, IsTheSameAfterItWasSignedAndOpened,
              (std::uint64_t size, const Hash& root)) {
  const Checkpoint checkpoint{.origin = "origin", .size = size, .root = root};
  const auto note = sign_checkpoint(checkpoint, signer());
  RC_ASSERT(note.has_value());
  RC_ASSERT(open_checkpoint(*note, signer().verifier()) == checkpoint);
}

TEST(Checkpoint, FurtherLinesArePassedOver) {
  EXPECT_EQ(parse_checkpoint(body + "extension\nanother\n"), *parse_checkpoint(body));
}

TEST(Checkpoint, AnEmptyFurtherLineIsRefused) {
  EXPECT_EQ(error_code(parse_checkpoint(body + "\n")), ErrorCode::parse);
  EXPECT_EQ(error_code(parse_checkpoint(body + "a\n\nb\n")), ErrorCode::parse);
}

TEST(Checkpoint, AFurtherLineWithoutANewlineIsRefused) {
  EXPECT_EQ(error_code(parse_checkpoint(body + "a")), ErrorCode::parse);
}

TEST(Checkpoint, FewerThanThreeLinesAreRefused) {
  EXPECT_EQ(error_code(parse_checkpoint("")), ErrorCode::parse);
  EXPECT_EQ(error_code(parse_checkpoint("origin\n1\n")), ErrorCode::parse);
  EXPECT_EQ(error_code(parse_checkpoint(body.substr(0, body.size() - 1))), ErrorCode::parse);
}

TEST(Checkpoint, AnOriginThatIsNoLineIsRefused) {
  EXPECT_EQ(error_code(parse_checkpoint("\n1\n" + root_line)), ErrorCode::parse);
  for (const std::string& origin : {""s, "a\nb"s, "a\tb"s, "\xff"s}) {
    EXPECT_EQ(error_code(format_checkpoint({.origin = origin})), ErrorCode::invalid_argument);
    EXPECT_EQ(error_code(sign_checkpoint({.origin = origin}, signer())),
              ErrorCode::invalid_argument);
  }
}

TEST(Checkpoint, ASizeIsADecimalNumberWrittenInOneWay) {
  EXPECT_EQ(parse_checkpoint(with_size("0"))->size, 0U);
  EXPECT_EQ(parse_checkpoint(with_size("18446744073709551615"))->size, ~std::uint64_t{0});
  for (const char* const size : {"", "00", "01", "+1", "-1", "-0", " 1", "1 ", "0x1", "1e3", "1.0",
                                 "18446744073709551616", "one", "\u0661"}) {
    const auto checkpoint = parse_checkpoint(with_size(size));
    EXPECT_EQ(error_code(checkpoint), ErrorCode::parse) << size;
    EXPECT_EQ(checkpoint.error().message,
              "line 2 of the checkpoint, its size, is not a decimal number of 64 bits");
  }
}

TEST(Checkpoint, ARootIsTheBase64Of32Bytes) {
  for (const char* const root : {"", "AA==", "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I",
                                 "not base64", "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J=",
                                 "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2IA"}) {
    const auto checkpoint = parse_checkpoint("origin\n1\n"s + root + "\n");
    EXPECT_EQ(error_code(checkpoint), ErrorCode::parse) << root;
    EXPECT_EQ(checkpoint.error().message,
              "line 3 of the checkpoint, its root, is not the base64 of 32 bytes");
  }
}

TEST(Checkpoint, OnlyWhatTheKeySignedIsOpened) {
  const auto note = sign_checkpoint({.origin = "origin", .size = 5}, signer());
  ASSERT_TRUE(note);
  const auto other = NoteVerifier::from_text(published::enoch_public);
  ASSERT_TRUE(other);
  EXPECT_EQ(error_code(open_checkpoint(*note, *other)), ErrorCode::not_found);
  std::string changed = *note;
  changed[changed.find('5')] = '6';
  EXPECT_EQ(error_code(open_checkpoint(changed, signer().verifier())), ErrorCode::corrupt);
}

TEST(Checkpoint, ASignedTextThatIsNoCheckpointIsRefused) {
  EXPECT_EQ(error_code(open_checkpoint(published::by_peter, signer().verifier())),
            ErrorCode::parse);
  EXPECT_EQ(error_code(open_checkpoint("no note", signer().verifier())), ErrorCode::parse);
}

}  // namespace
}  // namespace agentaudit
