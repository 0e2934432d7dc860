// Any bytes as the file of tokens: what is taken is written as it was read, and lets nobody in
// who has no token of it.
#include "fuzz_file.h"
#include "server/token_list.h"

namespace agentaudit {
namespace {

bool same(const Token& a, const Token& b) {
  return a.id == b.id && a.sha256 == b.sha256 && a.scopes == b.scopes && a.source == b.source &&
         a.name == b.name && a.requests_per_minute == b.requests_per_minute &&
         a.bytes_per_minute == b.bytes_per_minute && a.created == b.created;
}

void check_file(const ScratchDirectory& directory, std::string_view bytes) {
  const auto path = put(directory, "tokens.json", bytes);
  const auto list = TokenList::read(path);
  if (!list) {
    const ErrorCode code = list.error().code;
    check(code == ErrorCode::parse || code == ErrorCode::too_large, "documented errors");
    check(list.error().message.starts_with(path.native()), "an error names the file");
    return;
  }
  check(list->find("") == nullptr, "no token is nobody's");
  check(list->tokens().size() <= TokenList::tokens_max, "a list keeps its limit");
  check(list->write(path).has_value(), "a list can be written");
  const auto again = TokenList::read(path);
  check(again && again->tokens().size() == list->tokens().size(), "what was written is read");
  for (std::size_t i = 0; i < list->tokens().size(); ++i) {
    check(same(list->tokens()[i], again->tokens()[i]), "a token is written as it was read");
  }
}

}  // namespace
}  // namespace agentaudit

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const agentaudit::ScratchDirectory directory;
  agentaudit::check_file(directory, agentaudit::text_of(data, size));
  return 0;
}
