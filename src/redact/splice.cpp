#include "redact/splice.h"

#include <algorithm>

#include "core/plain_text.h"

namespace agentaudit {
namespace {

// Copies a text up to its end, with marks in the place of ranges.
class Copy {
 public:
  explicit Copy(std::string_view text) : text_(text) { out_.reserve(text.size()); }

  void replace(const TextRange& range, Replacement& by, std::string_view quote = {}) {
    out_.append(text_, copied_, range.begin - copied_);
    out_.append(quote).append(by.mark).append(quote);
    copied_ = range.end;
    by.is_done = true;
  }

  [[nodiscard]] std::string finish() && {
    out_.append(text_, copied_);
    return std::move(out_);
  }

 private:
  std::string_view text_;
  std::string out_;
  std::size_t copied_ = 0;
};

std::size_t string_end(std::string_view json, std::size_t at) {
  while (at < json.size() && json[at] != '"') {
    const std::size_t plain = plain_bytes<PlainText::bytes>(json.substr(at));
    at += plain > 0 ? plain : json[at] == '\\' ? 2 : 1;
  }
  return std::min(at, json.size());
}

}  // namespace

std::string splice(std::string_view text, TextForm form, std::vector<Replacement>& replacements) {
  Copy copy(text);
  if (form == TextForm::plain) {
    for (Replacement& replacement : replacements) copy.replace(replacement.range, replacement);
    return std::move(copy).finish();
  }
  auto next = replacements.begin();
  const auto skip_to = [&](std::size_t position) {
    while (next != replacements.end() && next->range.end <= position) ++next;
    return next != replacements.end();
  };
  constexpr std::string_view number = "+-.0123456789eE";
  std::size_t at = 0;
  while (at < text.size() && skip_to(at)) {
    if (text[at] == '"') {
      const std::size_t end = string_end(text, at + 1);
      for (auto each = next; each != replacements.end() && each->range.begin < end; ++each) {
        const TextRange part{.begin = std::max(each->range.begin, at + 1),
                             .end = std::min(each->range.end, end)};
        if (!part.is_empty()) copy.replace(part, *each);
      }
      at = end + 1;
    } else if (text[at] == '-' || (text[at] >= '0' && text[at] <= '9')) {
      const std::size_t end = std::min(text.find_first_not_of(number, at), text.size());
      if (next->range.begin < end) copy.replace({.begin = at, .end = end}, *next, "\"");
      at = end;
    } else {
      ++at;
    }
  }
  return std::move(copy).finish();
}

}  // namespace agentaudit
