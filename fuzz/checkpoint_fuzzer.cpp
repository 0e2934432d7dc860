// A checkpoint that is accepted is written as it was read, but for further lines. The input
// is a checkpoint's body, or a note.
#include "ledger/checkpoint.h"

#include "fuzz_check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace agentaudit;
  // That of golang.org/x/mod's documentation; it signed the good seeds.
  static const NoteVerifier verifier =
      NoteVerifier::from_text("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
          .value();
  const std::string_view input = text_of(data, size);
  if (const auto checkpoint = parse_checkpoint(input); checkpoint) {
    const auto written = format_checkpoint(*checkpoint);
    check(written && input.starts_with(*written), "a checkpoint is written as it was read");
    check(parse_checkpoint(*written).value() == *checkpoint, "what was written is what is read");
  } else {
    check(checkpoint.error().code == ErrorCode::parse, "documented errors");
  }
  if (const auto opened = open_checkpoint(input, verifier); opened) {
    check(parse_checkpoint(parse_note(input)->text).value() == *opened,
          "what is opened is what the note says");
  } else {
    const ErrorCode code = opened.error().code;
    check(code == ErrorCode::parse || code == ErrorCode::too_large ||
              code == ErrorCode::not_found || code == ErrorCode::corrupt,
          "documented errors");
  }
  return 0;
}
