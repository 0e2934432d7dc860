// The bytes of notes.
#include "ledger/note.h"

#include <gtest/gtest.h>

#include "ledger/base64.h"
#include "ledger/published_notes.h"
#include "store/error_code.h"

namespace agentaudit {
namespace {

using namespace std::string_literals;
using published::by_both;
using published::by_peter;
using published::peter_line;
using published::text;

// The error of a note that must have one.
Error error_of(const std::string& bytes) {
  const auto note = parse_note(bytes);
  return note ? Error{.code = ErrorCode::io, .message = "no error"} : note.error();
}

Note note_of(const std::string& note_text) {
  return {.text = note_text,
          .signatures = {{.key = {.name = "key", .id = 0x01020304}, .signature = "signature"}}};
}

TEST(Note, HasATextAndItsSignaturesInOrder) {
  const auto note = parse_note(by_both);
  ASSERT_TRUE(note);
  EXPECT_EQ(note->text, text);
  ASSERT_EQ(note->signatures.size(), 2U);
  EXPECT_EQ(note->signatures[0].key, (NoteKeyId{.name = "PeterNeumann", .id = 0xc74f20a3}));
  EXPECT_EQ(note->signatures[1].key, (NoteKeyId{.name = "EnochRoot", .id = 0xaf0cfe78}));
  EXPECT_EQ(note->signatures[1].signature.size(), 64U);
  EXPECT_EQ(format_note(*note), by_both);
}

TEST(Note, ATextMayHaveEmptyLines) {
  const auto note = parse_note("a\n\nb\n\n\n" + peter_line);
  ASSERT_TRUE(note);
  EXPECT_EQ(note->text, "a\n\nb\n\n");
}

TEST(Note, ASignatureMayHaveAnyLength) {
  const auto note = parse_note("a\n\n\u2014 key " + to_base64("\1\2\3\4s") + "\n");
  ASSERT_TRUE(note);
  EXPECT_EQ(note->signatures[0].signature, "s");
}

TEST(Note, WithoutAnEmptyLineIsRefused) {
  EXPECT_EQ(error_of("").code, ErrorCode::parse);
  EXPECT_EQ(error_of(text).message, "the note has no empty line between its text and signatures");
  EXPECT_EQ(error_of("\n" + peter_line).code, ErrorCode::parse);
}

TEST(Note, WithoutASignatureIsRefused) {
  EXPECT_EQ(error_of(text + "\n").code, ErrorCode::parse);
  EXPECT_EQ(error_of(text + "\n").message, "the note has no signature");
}

TEST(Note, WithoutANewlineAtItsEndIsRefused) {
  EXPECT_EQ(error_of(by_peter.substr(0, by_peter.size() - 1)).message,
            "the note does not end with a newline");
}

TEST(Note, WithBytesThatAreNotUtf8IsRefused) {
  EXPECT_EQ(error_of("\xff" + by_peter).message, "the note is not UTF-8");
  EXPECT_EQ(error_of("\xed\xa0\x80" + by_peter).code, ErrorCode::parse);
}

TEST(Note, WithAControlCharacterIsRefused) {
  EXPECT_EQ(error_of("ab\x01" + by_peter).message, "the note has a control character at byte 2");
  for (const std::string& control : {"\0"s, "\t"s, "\r"s, "\x1f"s}) {
    EXPECT_EQ(error_of(control + by_peter).code, ErrorCode::parse);
  }
}

TEST(Note, ASignatureLineThatBeginsOtherwiseIsRefused) {
  EXPECT_EQ(error_of(by_peter + "Unexpected line.\n").message,
            "line 2 of the note's signatures does not begin with an em dash and a space");
  EXPECT_EQ(error_of(text + "\n- PeterNeumann AAAAAAAA\n").code, ErrorCode::parse);
}

TEST(Note, ASignatureLineWithoutTheNameOfAKeyIsRefused) {
  EXPECT_EQ(error_of(text + "\n\u2014  AAAAAAAA\n").message,
            "line 1 of the note's signatures has no name of a key");
  EXPECT_EQ(error_of(text + "\n\u2014 a+b AAAAAAAA\n").code, ErrorCode::parse);
}

TEST(Note, ASignatureLineWithASpaceInTheNameIsRefused) {
  EXPECT_EQ(error_of(text + "\n\u2014 Bad Name AAAAAAAA\n").message,
            "line 1 of the note's signatures has no base64 after the key's name");
}

TEST(Note, ASignatureLineWithANameAloneIsRefused) {
  EXPECT_EQ(error_of(text + "\n\u2014 name\n").message,
            "line 1 of the note's signatures has no signature after the key's name");
}

TEST(Note, ASignatureLineWithAnIdAloneIsRefused) {
  EXPECT_EQ(error_of(text + "\n\u2014 name AAAAAA==\n").message,
            "line 1 of the note's signatures has no signature after the key's id");
  EXPECT_EQ(error_of(text + "\n\u2014 name \n").code, ErrorCode::parse);
}

TEST(Note, MayHaveAHundredSignaturesAndNoMore) {
  std::string note = text + "\n";
  for (int i = 0; i < 100; ++i) note += peter_line;
  EXPECT_TRUE(parse_note(note));
  EXPECT_EQ(error_of(note + peter_line).code, ErrorCode::too_large);
  Note formatted = note_of(text);
  formatted.signatures.resize(101, formatted.signatures.front());
  EXPECT_EQ(error_code(format_note(formatted)), ErrorCode::too_large);
}

TEST(Note, MayHaveAMillionBytesAndNoMore) {
  const std::string end = "\n\n" + peter_line;
  EXPECT_TRUE(parse_note(std::string(note_bytes_max - end.size(), 'a') + end));
  EXPECT_EQ(error_of(std::string(note_bytes_max - end.size() + 1, 'a') + end).code,
            ErrorCode::too_large);
  EXPECT_EQ(error_code(format_note(note_of(std::string(note_bytes_max, 'a') + "\n"))),
            ErrorCode::too_large);
}

TEST(Note, IsNotWrittenIfItCouldNotBeRead) {
  EXPECT_TRUE(format_note(note_of("a\n")));
  EXPECT_EQ(error_code(format_note(note_of(""))), ErrorCode::invalid_argument);
  EXPECT_EQ(error_code(format_note(note_of("a"))), ErrorCode::invalid_argument);
  EXPECT_EQ(error_code(format_note(note_of("a\r\n"))), ErrorCode::invalid_argument);
  EXPECT_EQ(error_code(format_note(note_of("\xff\n"))), ErrorCode::invalid_argument);
  Note unsigned_note = note_of("a\n");
  unsigned_note.signatures.clear();
  EXPECT_EQ(error_code(format_note(unsigned_note)), ErrorCode::invalid_argument);
  Note nameless = note_of("a\n");
  nameless.signatures[0].key.name = "a b";
  EXPECT_EQ(error_code(format_note(nameless)), ErrorCode::invalid_argument);
  Note empty = note_of("a\n");
  empty.signatures[0].signature.clear();
  EXPECT_EQ(error_code(format_note(empty)), ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace agentaudit
