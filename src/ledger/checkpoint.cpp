#include "ledger/checkpoint.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "core/utf8.h"
#include "ledger/base64.h"

namespace agentaudit {
namespace {

bool is_origin(std::string_view origin) {
  return !origin.empty() && is_utf8(origin) &&
         std::all_of(origin.begin(), origin.end(),
                     [](char c) { return static_cast<unsigned char>(c) >= 0x20; });
}

// Takes a line off the front, without its newline. Not set: there is none.
std::optional<std::string_view> take_line(std::string_view& body) {
  const std::size_t end = body.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = body.substr(0, end);
  body.remove_prefix(end + 1);
  return line;
}

bool parse_size(std::string_view digits, std::uint64_t& size) {
  if (digits.size() > 1 && digits.front() == '0') return false;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, size);
  return error == std::errc() && stop == end;
}

}  // namespace

Result<std::string> format_checkpoint(const Checkpoint& checkpoint) {
  if (!is_origin(checkpoint.origin)) {
    return fail(ErrorCode::invalid_argument,
                "the checkpoint's origin is empty, is not UTF-8, or has control characters");
  }
  return checkpoint.origin + '\n' + std::to_string(checkpoint.size) + '\n' +
         to_base64(checkpoint.root) + '\n';
}

Result<Checkpoint> parse_checkpoint(std::string_view body) {
  const auto origin = take_line(body);
  const auto size = take_line(body);
  const auto root = take_line(body);
  if (!root) return fail(ErrorCode::parse, "the checkpoint has not three lines");
  Checkpoint checkpoint{.origin = std::string(*origin)};
  if (!is_origin(*origin)) {
    return fail(ErrorCode::parse,
                "line 1 of the checkpoint, its origin, is empty, is not UTF-8, or has control "
                "characters");
  }
  if (!parse_size(*size, checkpoint.size)) {
    return fail(ErrorCode::parse,
                "line 2 of the checkpoint, its size, is not a decimal number of 64 bits");
  }
  const auto hash = hash_from_base64(*root);
  if (!hash) {
    return fail(ErrorCode::parse,
                "line 3 of the checkpoint, its root, is not the base64 of 32 bytes");
  }
  checkpoint.root = *hash;
  while (!body.empty()) {
    const auto extension = take_line(body);
    if (!extension) return fail(ErrorCode::parse, "the checkpoint does not end with a newline");
    if (extension->empty()) return fail(ErrorCode::parse, "the checkpoint has an empty line");
  }
  return checkpoint;
}

Result<std::string> sign_checkpoint(const Checkpoint& checkpoint, const NoteSigner& signer) {
  const auto body = format_checkpoint(checkpoint);
  if (!body) return fail(body.error());
  return signer.sign(*body);
}

Result<Checkpoint> open_checkpoint(std::string_view note, const NoteVerifier& verifier) {
  const auto parsed = parse_note(note);
  if (!parsed) return fail(parsed.error());
  if (auto verified = verifier.verify(*parsed); !verified) {
    return fail(std::move(verified.error()));
  }
  return parse_checkpoint(parsed->text);
}

}  // namespace agentaudit
