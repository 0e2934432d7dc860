#include "redact/secret_rule.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "redact/keyword_filter.h"
#include "redact/redaction_mark.h"
#include "redact/secret_check.h"

namespace agentaudit {
namespace {

// Beyond, a match at a keyword is cut off: what a keyword costs has a bound.
constexpr std::size_t match_bytes_max = 64U << 10U;
constexpr std::size_t built_in_groups_max = 3;

RE2::Options quiet(RE2::Options::Encoding encoding) {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_encoding(encoding);
  return options;
}

Result<std::unique_ptr<RE2>> compile(const std::string& pattern, const std::string& whose) {
  auto compiled = std::make_unique<RE2>(pattern, quiet(RE2::Options::EncodingUTF8));
  if (compiled->ok()) return compiled;
  return fail(ErrorCode::invalid_argument, whose + ": the pattern \"" + pattern +
                                               "\" is none that RE2 takes: " + compiled->error());
}

// Of a match: the first group that took part in it, or else all of it.
TextRange first_group(std::span<const re2::StringPiece> groups, std::string_view text) {
  const auto group = std::find_if(groups.begin() + 1, groups.end(),
                                  [](const auto& each) { return each.data() != nullptr; });
  const re2::StringPiece& secret = group != groups.end() ? *group : groups.front();
  const auto begin = static_cast<std::size_t>(secret.data() - text.data());
  return {.begin = begin, .end = begin + secret.size()};
}

// All of the match is one.
std::size_t groups_of(const RE2& pattern) {
  return static_cast<std::size_t>(pattern.NumberOfCapturingGroups()) + 1;
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

}  // namespace

SecretRule::SecretRule(std::string kind, double min_entropy)
    : kind_(std::move(kind)), min_entropy_(min_entropy) {}

SecretRule::SecretRule(const BuiltInRule& rule)
    : kind_(rule.kind), min_entropy_(rule.min_entropy), built_in_(&rule) {}

Result<std::unique_ptr<SecretRule>> SecretRule::create(const RedactionRule& rule) {
  const std::string whose = "the rule \"" + rule.kind + "\"";
  const auto wrong = [&](const std::string& what) {
    return fail(ErrorCode::invalid_argument, whose + ": " + what);
  };
  if (!is_mark_kind(rule.kind)) {
    return wrong("a kind has 1 to " + std::to_string(mark_kind_bytes_max) +
                 " lower-case letters, digits and -");
  }
  for (const std::string& keyword : rule.keywords) {
    if (keyword.size() < KeywordFilter::keyword_bytes_min || !is_ascii(keyword)) {
      return wrong("the keyword \"" + keyword + "\" has not three or more characters of ASCII");
    }
  }
  constexpr double entropy_max = 8;
  if (!(rule.min_entropy >= 0 && rule.min_entropy <= entropy_max)) {
    return wrong("an entropy is between 0 and 8 bits a byte");
  }
  if (rule.pattern.empty()) return wrong("it has no pattern");
  auto pattern = compile(rule.pattern, whose);
  if (!pattern) return fail(std::move(pattern.error()));
  std::unique_ptr<SecretRule> made(new SecretRule(rule.kind, rule.min_entropy));
  made->pattern_ = std::move(*pattern);
  return made;
}

const RE2* SecretRule::pattern() const {
  if (built_in_ == nullptr) return pattern_.get();
  std::call_once(compiled_, [this] {
    const re2::StringPiece pattern(built_in_->pattern.data(), built_in_->pattern.size());
    pattern_ = std::make_unique<RE2>(pattern, quiet(RE2::Options::EncodingLatin1));
  });
  return pattern_.get();
}

bool SecretRule::is_dense(std::string_view secret) const {
  return min_entropy_ == 0 || entropy_bits(secret) >= min_entropy_;
}

TextRange SecretRule::match_at(std::string_view text, std::size_t keyword_at) const {
  if (!may_pass(built_in_->check, text, keyword_at)) return {};
  const RE2& re = *pattern();
  std::size_t end = keyword_at + std::min(text.size() - keyword_at, match_bytes_max);
  // Not within a character.
  while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) ++end;
  std::array<re2::StringPiece, built_in_groups_max> all_groups;
  const std::span groups(all_groups.data(), std::min(groups_of(re), all_groups.size()));
  if (!re.Match({text.data(), text.size()}, keyword_at, end, RE2::ANCHOR_START, groups.data(),
                static_cast<int>(groups.size()))) {
    return {};
  }
  const TextRange secret = first_group(groups, text);
  if (secret.is_empty() || !is_dense(secret.of(text)) ||
      !passes(built_in_->check, text, keyword_at, secret)) {
    return {};
  }
  return secret;
}

bool SecretRule::search(std::string_view text, WorkBudget& budget,
                        const OnSecret& on_secret) const {
  const RE2& re = *pattern();
  std::vector<re2::StringPiece> groups(groups_of(re));
  std::size_t at = 0;
  while (at <= text.size() && re.Match({text.data(), text.size()}, at, text.size(), RE2::UNANCHORED,
                                       groups.data(), static_cast<int>(groups.size()))) {
    const TextRange secret = first_group(groups, text);
    if (!secret.is_empty() && is_dense(secret.of(text))) on_secret(secret);
    const auto end = static_cast<std::size_t>(groups[0].data() - text.data()) + groups[0].size();
    const std::size_t next = std::max(end, at + 1);
    if (!budget.go_on(next - at)) return false;
    at = next;
  }
  return at >= text.size() || budget.go_on(text.size() - at);
}

Result<std::unique_ptr<AllowList>> AllowList::create(const std::vector<std::string>& patterns) {
  auto list = std::make_unique<AllowList>();
  for (const std::string& pattern : patterns) {
    auto compiled = compile(pattern, "allow");
    if (!compiled) return fail(std::move(compiled.error()));
    list->patterns_.push_back(std::move(*compiled));
  }
  return list;
}

bool AllowList::allows(std::string_view secret) const {
  const re2::StringPiece text(secret.data(), secret.size());
  return std::any_of(patterns_.begin(), patterns_.end(),
                     [&](const auto& pattern) { return RE2::FullMatch(text, *pattern); });
}

}  // namespace agentaudit
