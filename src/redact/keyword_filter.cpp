#include "redact/keyword_filter.h"

namespace agentaudit {

void KeywordFilter::add(std::string_view keyword, std::size_t rule) {
  const std::uint32_t gram = gram_at(keyword, 0);
  bits_[bit_of(gram) / 64] |= std::uint64_t{1} << (bit_of(gram) % 64);
  keywords_[bit_of(gram) % buckets].push_back(
      {.gram = gram, .rule = rule, .text = std::string(keyword)});
}

}  // namespace agentaudit
