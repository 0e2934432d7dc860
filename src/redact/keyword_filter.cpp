#include "redact/keyword_filter.h"

namespace agentaudit {

void KeywordFilter::add(std::string_view keyword, std::size_t rule) {
  std::uint32_t gram = 0;
  for (std::size_t i = 0; i < keyword_bytes_min; ++i) gram = shifted(gram, keyword[i]);
  bits_[bit_of(gram) / 64] |= std::uint64_t{1} << (bit_of(gram) % 64);
  keywords_[bit_of(gram) % buckets].push_back(
      {.gram = gram, .rule = rule, .text = std::string(keyword)});
}

}  // namespace agentaudit
