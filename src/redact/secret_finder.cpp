#include "redact/secret_finder.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "core/ascii.h"
#include "redact/built_in_rules.h"
#include "redact/card_number.h"
#include "redact/redaction_mark.h"
#include "redact/secret_rule.h"

namespace agentaudit {
namespace {

// What a match at a keyword costs, in bytes that could be scanned meanwhile.
constexpr std::size_t match_work = 1'024;
constexpr std::size_t scan_bytes = 64U << 10U;

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const std::size_t space = text.find(' ');
    words.push_back(text.substr(0, space));
    text.remove_prefix(space == std::string_view::npos ? text.size() : space + 1);
  }
  return words;
}

// Parts of a text that are somebody's: marks (of no kind) and the secrets found so far.
class Claims {
 public:
  explicit Claims(const std::vector<TextRange>& marks) {
    for (const TextRange& mark : marks) claims_.push_back({.range = mark, .kind = {}});
  }

  [[nodiscard]] bool holds(std::size_t position) const {
    const auto next = first_after(position);
    return next != claims_.begin() && std::prev(next)->range.end > position;
  }

  // Claims what nobody has of the range.
  void add(TextRange range, std::string_view kind) {
    auto next = first_after(range.begin);
    if (next != claims_.begin()) range.begin = std::max(range.begin, std::prev(next)->range.end);
    while (!range.is_empty()) {
      const std::size_t end =
          next == claims_.end() ? range.end : std::min(range.end, next->range.begin);
      if (range.begin < end) {
        next = std::next(
            claims_.insert(next, {.range = {.begin = range.begin, .end = end}, .kind = kind}));
      }
      if (next == claims_.end()) return;
      range.begin = std::max(end, next->range.end);
      ++next;
    }
  }

  [[nodiscard]] std::vector<Secret> secrets() && {
    std::erase_if(claims_, [](const Secret& claim) { return claim.kind.empty(); });
    return std::move(claims_);
  }

 private:
  [[nodiscard]] std::vector<Secret>::const_iterator first_after(std::size_t position) const {
    return std::upper_bound(
        claims_.begin(), claims_.end(), position,
        [](std::size_t at, const Secret& claim) { return at < claim.range.begin; });
  }

  std::vector<Secret> claims_;  // in order and apart
};

// The first card number and all after it. False: the budget is spent.
template <typename Claim>
bool claim_cards(std::string_view text, const TextRange& first, WorkBudget& budget,
                 const Claim& claim) {
  for (std::optional<TextRange> card = first; card; card = find_card_number(text, card->end)) {
    claim(*card, card_kind);
    if (!budget.go_on(match_work)) return false;
  }
  return true;
}

}  // namespace

SecretFinder::SecretFinder() = default;
SecretFinder::~SecretFinder() = default;

Result<std::unique_ptr<SecretFinder>> SecretFinder::create(
    const std::vector<RedactionRule>& rules, const std::vector<std::string>& disabled_kinds,
    const std::vector<std::string>& allow) {
  std::unique_ptr<SecretFinder> finder(new SecretFinder());
  const auto known = Redactor::built_in_kinds();
  for (const std::string& kind : disabled_kinds) {
    if (std::find(known.begin(), known.end(), kind) != known.end()) continue;
    return fail(ErrorCode::invalid_argument,
                "there is no built-in kind \"" + kind + "\" to disable");
  }
  const auto disabled = [&](std::string_view kind) {
    return std::find(disabled_kinds.begin(), disabled_kinds.end(), kind) != disabled_kinds.end();
  };
  for (const BuiltInRule& rule : built_in_rules()) {
    if (!disabled(rule.kind)) {
      finder->add_rule(std::make_unique<SecretRule>(rule), words_of(rule.keywords));
    }
  }
  finder->finds_cards_ = !disabled(card_kind);
  for (const RedactionRule& rule : rules) {
    auto made = SecretRule::create(rule);
    if (!made) return fail(std::move(made.error()));
    finder->add_rule(std::move(*made), {rule.keywords.begin(), rule.keywords.end()});
  }
  auto allowed = AllowList::create(allow);
  if (!allowed) return fail(std::move(allowed.error()));
  finder->allow_ = std::move(*allowed);
  return finder;
}

void SecretFinder::add_rule(std::unique_ptr<SecretRule> rule,
                            const std::vector<std::string_view>& keywords) {
  for (const std::string_view keyword : keywords) keywords_.add(keyword, rules_.size());
  if (keywords.empty()) rules_without_keyword_.push_back(rules_.size());
  rules_.push_back(std::move(rule));
}

std::optional<std::vector<SecretFinder::Hit>> SecretFinder::hits_in(std::string_view text,
                                                                    WorkBudget& budget) const {
  std::vector<Hit> hits;
  for (std::size_t begin = 0; begin < text.size(); begin += scan_bytes) {
    const std::size_t bytes = std::min(text.size() - begin, scan_bytes);
    keywords_.scan(text, begin, begin + bytes, [&](std::size_t position, std::size_t rule) {
      hits.push_back({.rule = rule, .position = position});
    });
    if (!budget.go_on(bytes)) return std::nullopt;
  }
  for (const std::size_t rule : rules_without_keyword_) hits.push_back({.rule = rule});
  std::sort(hits.begin(), hits.end(), [](const Hit& a, const Hit& b) {
    return std::tie(a.rule, a.position) < std::tie(b.rule, b.position);
  });
  return hits;
}

std::optional<std::vector<Secret>> SecretFinder::find(std::string_view text,
                                                      WorkBudget& budget) const {
  const auto hits = hits_in(text, budget);
  if (!hits) return std::nullopt;
  const auto card = finds_cards_ ? find_card_number(text, 0) : std::nullopt;
  if (hits->empty() && !card) return std::vector<Secret>{};

  Claims claims(find_marks(text));
  const auto claim = [&](const TextRange& range, std::string_view kind) {
    if (!allow_->allows(range.of(text))) claims.add(range, kind);
  };
  const SecretRule* searched = nullptr;
  for (const Hit& hit : *hits) {
    const SecretRule& rule = *rules_[hit.rule];
    if (rule.is_built_in()) {
      if (!claims.holds(hit.position)) {
        const TextRange secret = rule.match_at(text, hit.position);
        if (!secret.is_empty()) claim(secret, rule.kind());
      }
      if (!budget.go_on(match_work)) return std::nullopt;
    } else if (searched != &rule) {
      searched = &rule;
      const bool in_time =
          rule.search(text, budget, [&](const TextRange& secret) { claim(secret, rule.kind()); });
      if (!in_time) return std::nullopt;
    }
  }
  if (card && !claim_cards(text, *card, budget, claim)) return std::nullopt;
  return std::move(claims).secrets();
}

}  // namespace agentaudit
