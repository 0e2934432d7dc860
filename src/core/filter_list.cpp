#include "agentaudit/core/filter_list.h"

#include <algorithm>

namespace agentaudit {

std::vector<std::string> parse_filter_list(std::string_view text) {
  constexpr std::string_view white_space = " \t\r\n\v\f";
  std::vector<std::string> values;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    std::string_view value = text.substr(0, comma);
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
    const std::size_t first = value.find_first_not_of(white_space);
    if (first == std::string_view::npos) continue;
    value = value.substr(first, value.find_last_not_of(white_space) - first + 1);
    if (std::find(values.begin(), values.end(), value) == values.end()) values.emplace_back(value);
  }
  return values;
}

}  // namespace agentaudit
