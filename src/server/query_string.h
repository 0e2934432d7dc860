// The parameters of a request: `application/x-www-form-urlencoded` after the `?` (the URL
// standard, section 5).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agentaudit/core/result.h"

namespace agentaudit {

class QueryString {
 public:
  // Parameters in one request.
  static constexpr std::size_t parameters_max = 1'000;

  // Errors: invalid_argument, naming the parameter.
  [[nodiscard]] static Result<QueryString> parse(std::string_view query);

  // Every value of that name, each split at commas (parse_filter_list); marks it as known.
  [[nodiscard]] std::vector<std::string> take_list(std::string_view name);
  // The one value of that name; marks it as known. An empty one counts as absent. Errors:
  // invalid_argument (there are several).
  [[nodiscard]] Result<std::optional<std::string>> take(std::string_view name);

  // Errors: invalid_argument, naming one that nobody took.
  [[nodiscard]] Result<void> all_taken() const;

 private:
  struct Parameter {
    std::string name;
    std::string value;
    bool taken = false;
  };

  std::vector<Parameter> parameters_;
};

}  // namespace agentaudit
