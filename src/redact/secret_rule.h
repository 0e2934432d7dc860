// SecretRule: one rule and its pattern, as RE2 has it.
#pragma once

#include <re2/re2.h>

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "agentaudit/redact/redactor.h"
#include "redact/built_in_rules.h"
#include "redact/text_range.h"
#include "redact/work_budget.h"

namespace agentaudit {

// Thread-safe once it is made.
class SecretRule {
 public:
  using OnSecret = std::function<void(const TextRange&)>;

  // Is matched where its keyword stands; compiled when that is first asked for.
  explicit SecretRule(const BuiltInRule& rule);
  // Searches the whole text. Errors: invalid_argument (what is wrong with the rule).
  [[nodiscard]] static Result<std::unique_ptr<SecretRule>> create(const RedactionRule& rule);

  [[nodiscard]] std::string_view kind() const noexcept { return kind_; }
  [[nodiscard]] bool is_built_in() const noexcept { return built_in_ != nullptr; }

  // Of a built-in rule: the secret whose keyword stands there, or an empty range.
  [[nodiscard]] TextRange match_at(std::string_view text, std::size_t keyword_at) const;
  // Of an own rule: every secret in the text. False: the budget is spent.
  [[nodiscard]] bool search(std::string_view text, WorkBudget& budget,
                            const OnSecret& on_secret) const;

 private:
  SecretRule(std::string kind, double min_entropy);
  [[nodiscard]] const RE2* pattern() const;
  [[nodiscard]] bool is_dense(std::string_view secret) const;

  std::string kind_;
  double min_entropy_ = 0;
  const BuiltInRule* built_in_ = nullptr;
  mutable std::once_flag compiled_;
  mutable std::unique_ptr<RE2> pattern_;  // written once, by compiled_
};

// Secrets to leave alone. Immutable, thread-safe.
class AllowList {
 public:
  // Errors: invalid_argument (a pattern that RE2 does not take).
  [[nodiscard]] static Result<std::unique_ptr<AllowList>> create(
      const std::vector<std::string>& patterns);

  [[nodiscard]] bool allows(std::string_view secret) const;

 private:
  std::vector<std::unique_ptr<RE2>> patterns_;
};

}  // namespace agentaudit
