// Any bytes as an event's text in PostgreSQL: they come back, and lie there as UTF-8 without NUL.
#include "core/utf8.h"
#include "fuzz_check.h"
#include "store/postgres_text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace agentaudit;  // NOLINT(google-build-using-namespace)
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::string text = postgres_text::escaped(bytes);
  check(postgres_text::unescaped(text) == bytes, "what is escaped comes back");
  check(is_utf8(text), "it is UTF-8");
  check(text.find('\0') == std::string::npos, "it has no NUL");
  // Of an answer that is no text of ours.
  check(postgres_text::unescaped(bytes).size() <= bytes.size(), "to unescape never grows");
  return 0;
}
