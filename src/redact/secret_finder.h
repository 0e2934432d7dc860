// SecretFinder: where secrets stand in a text.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agentaudit/redact/redactor.h"
#include "redact/keyword_filter.h"
#include "redact/text_range.h"
#include "redact/work_budget.h"

namespace agentaudit {

struct Secret {
  TextRange range;
  std::string_view kind;  // valid as long as the finder is
};

// A rule with its pattern. Thread-safe once it is made.
class SecretRule;
// Patterns of what is left alone.
class AllowList;

// Immutable, thread-safe. The pattern of a built-in rule is compiled when its keyword is
// first found: a process that never sees one does not pay for it.
class SecretFinder {
 public:
  // Errors: invalid_argument, as Redactor::create.
  [[nodiscard]] static Result<std::unique_ptr<SecretFinder>> create(
      const std::vector<RedactionRule>& rules, const std::vector<std::string>& disabled_kinds,
      const std::vector<std::string>& allow);
  ~SecretFinder();
  SecretFinder(const SecretFinder&) = delete;
  SecretFinder& operator=(const SecretFinder&) = delete;

  // In order and apart; none overlaps a mark. nullopt: the budget is spent.
  [[nodiscard]] std::optional<std::vector<Secret>> find(std::string_view text,
                                                        WorkBudget& budget) const;

 private:
  // Where a keyword of a rule stands.
  struct Hit {
    std::size_t rule = 0;
    std::size_t position = 0;
  };

  SecretFinder();
  void add_rule(std::unique_ptr<SecretRule> rule, const std::vector<std::string_view>& keywords);
  // By rule, then by position. nullopt: the budget is spent.
  [[nodiscard]] std::optional<std::vector<Hit>> hits_in(std::string_view text,
                                                        WorkBudget& budget) const;

  std::vector<std::unique_ptr<SecretRule>> rules_;
  std::vector<std::size_t> rules_without_keyword_;
  KeywordFilter keywords_;
  std::unique_ptr<AllowList> allow_;
  bool finds_cards_ = true;
};

}  // namespace agentaudit
