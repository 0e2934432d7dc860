#include "store/contains.h"

#include <cstring>

#include "core/ascii.h"

namespace agentaudit {
namespace {

// The next place at which `c`, a lower-case letter or any other byte, stands in
// either case.
const char* find_either_case(const char* from, const char* end, char c) {
  const auto size = static_cast<std::size_t>(end - from);
  const auto* const lower = static_cast<const char*>(std::memchr(from, c, size));
  if (c < 'a' || c > 'z') return lower;
  const std::size_t before = lower == nullptr ? size : static_cast<std::size_t>(lower - from);
  const auto* const upper = static_cast<const char*>(std::memchr(from, c - 'a' + 'A', before));
  return upper == nullptr ? lower : upper;
}

}  // namespace

bool contains_ignoring_case(std::string_view text, std::string_view needle_lower) noexcept {
  if (needle_lower.empty()) return true;
  if (text.size() < needle_lower.size()) return false;
  const char* from = text.data();
  const char* const end = text.data() + text.size() - needle_lower.size() + 1;
  while (from < end) {
    from = find_either_case(from, end, needle_lower.front());
    if (from == nullptr) return false;
    std::size_t same = 1;
    while (same < needle_lower.size() && to_lower_ascii(from[same]) == needle_lower[same]) ++same;
    if (same == needle_lower.size()) return true;
    ++from;
  }
  return false;
}

}  // namespace agentaudit
