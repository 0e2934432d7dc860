// A note that is accepted is written as it was read, and a key that is taken is the same
// after it was written and read again. The input is a note or the text of a key.
#include "ledger/note.h"

#include <string>

#include "fuzz_check.h"
#include "ledger/note_signer.h"
#include "ledger/note_verifier.h"

namespace agentaudit {
namespace {

// That of golang.org/x/mod's documentation; it signed the good seeds.
const NoteVerifier& verifier() {
  static const NoteVerifier peter =
      NoteVerifier::from_text("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
          .value();
  return peter;
}

void check_note(std::string_view bytes) {
  auto note = parse_note(bytes);
  if (!note) {
    const ErrorCode code = note.error().code;
    check(code == ErrorCode::parse || code == ErrorCode::too_large, "documented errors");
    check(!note.error().message.empty(), "an error says what is wrong");
    return;
  }
  check(!note->signatures.empty(), "a note is signed");
  const auto written = format_note(*note);
  check(written && *written == bytes, "a note is written as it was read");
  const auto verified = verifier().verify(*note);
  if (!verified) {
    const ErrorCode code = verified.error().code;
    check(code == ErrorCode::not_found || code == ErrorCode::corrupt, "documented errors");
    return;
  }
  note->text.front() = static_cast<char>(note->text.front() ^ 1);
  check(!verifier().verify(*note), "what is changed is not verified");
}

void check_error_of_key(const Error& error) {
  check(error.code == ErrorCode::parse || error.code == ErrorCode::unsupported,
        "documented errors");
}

void check_keys(std::string_view text) {
  if (const auto read = NoteVerifier::from_text(text); read) {
    const auto again = NoteVerifier::from_text(read->to_text());
    check(again && again->key() == read->key(), "what was written is what is read");
  } else {
    check_error_of_key(read.error());
  }
  if (const auto read = NoteSigner::from_text(text); read) {
    const auto again = NoteSigner::from_text(*read->private_text());
    check(again && again->key() == read->key(), "what was written is what is read");
    const auto note = read->sign("text\n");
    check(note && read->verifier().verify(parse_note(*note).value()), "what is signed is verified");
  } else {
    check_error_of_key(read.error());
  }
}

}  // namespace
}  // namespace agentaudit

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input = agentaudit::text_of(data, size);
  agentaudit::check_note(input);
  agentaudit::check_keys(input);
  return 0;
}
