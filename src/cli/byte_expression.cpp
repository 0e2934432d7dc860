#include "cli/byte_expression.h"

#include <array>
#include <limits>
#include <string>

#include "core/whole_number.h"

namespace agentaudit {

Result<std::int64_t> parse_bytes(std::string_view text) {
  struct Unit {
    std::string_view name;
    unsigned shift;
  };
  constexpr std::array<Unit, 7> units = {
      {{"KiB", 10}, {"MiB", 20}, {"GiB", 30}, {"K", 10}, {"M", 20}, {"G", 30}, {"", 0}}};
  for (const Unit& unit : units) {
    if (!text.ends_with(unit.name)) continue;
    const auto number = whole_number(text.substr(0, text.size() - unit.name.size()));
    if (!number || *number < 0 ||
        *number > std::numeric_limits<std::int64_t>::max() >> unit.shift) {
      break;
    }
    return *number * (std::int64_t{1} << unit.shift);
  }
  return fail(ErrorCode::invalid_argument,
              "\"" + std::string(text) + "\" is no size; that is 4096, 64KiB, 10MiB or 1GiB");
}

}  // namespace agentaudit
