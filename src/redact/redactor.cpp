#include "agentaudit/redact/redactor.h"

#include <algorithm>
#include <mutex>
#include <numeric>
#include <utility>

#include "core/json_value.h"
#include "core/random_bytes.h"
#include "redact/built_in_rules.h"
#include "redact/flat_text.h"
#include "redact/redaction_mark.h"
#include "redact/secret_finder.h"
#include "redact/splice.h"
#include "redact/work_budget.h"

namespace agentaudit {
namespace {

// Texts in which what is left of one secret is a part of the next are not made by chance.
constexpr int rounds_max = 16;
constexpr std::string_view ellipsis = "…";

// What was found, for summaries that were cut within it.
struct FoundSecret {
  std::string text;
  std::string mark;
};

// A summary is made of what the detail has whole, and cut with an ellipsis: what is left of a
// secret before one is too little to be known by itself. Returns whether there was any.
bool replace_beginnings(std::string& summary, const std::vector<FoundSecret>& found) {
  constexpr std::size_t bytes_min = 4;
  bool any = false;
  std::size_t cut = summary.find(ellipsis);
  while (cut != std::string::npos) {
    std::size_t longest = 0;
    const FoundSecret* of = nullptr;
    for (const FoundSecret& secret : found) {
      const std::string_view before = std::string_view(summary).substr(0, cut);
      for (std::size_t bytes = std::min(secret.text.size(), cut);
           bytes >= bytes_min && bytes > longest; --bytes) {
        if (!before.ends_with(std::string_view(secret.text).substr(0, bytes))) continue;
        longest = bytes;
        of = &secret;
      }
    }
    if (of != nullptr) {
      summary.replace(cut - longest, longest, of->mark);
      cut += of->mark.size() - longest;
      any = true;
    }
    cut = summary.find(ellipsis, cut + ellipsis.size());
  }
  return any;
}

bool is_json(std::string_view text) { return JsonDocument::parse(text, 0).has_value(); }

}  // namespace

std::int64_t RedactionReport::secrets() const noexcept {
  return std::accumulate(found.begin(), found.end(), std::int64_t{0},
                         [](std::int64_t sum, const Count& count) { return sum + count.secrets; });
}

void RedactionReport::add(std::string_view kind, std::int64_t secrets) {
  const auto count = std::find_if(found.begin(), found.end(),
                                  [&](const Count& each) { return each.kind == kind; });
  if (count == found.end()) {
    found.push_back({.kind = kind, .secrets = secrets});
  } else {
    count->secrets += secrets;
  }
}

void RedactionReport::add(const RedactionReport& other) {
  for (const Count& count : other.found) add(count.kind, count.secrets);
  texts_dropped += other.texts_dropped;
}

class Redactor::State {
 public:
  State(RedactorOptions options, std::unique_ptr<SecretFinder> finder)
      : options_(std::move(options)), finder_(std::move(finder)) {}

  void redact(Event& event, RedactionReport& report) const {
    WorkBudget budget(options_.bytes_max, options_.time_max);
    std::vector<FoundSecret> found;
    const bool is_cut = event.summary.find(ellipsis) != std::string::npos;
    Pass pass{.budget = budget, .report = report, .found = is_cut ? &found : nullptr};
    // The detail is the last: where a budget is spent, it is what is given up.
    for (std::string Event::* const field :
         {&Event::action, &Event::agent, &Event::summary, &Event::conversation_id, &Event::target,
          &Event::principal}) {
      redact(event.*field, TextForm::plain, pass);
    }
    redact(event.detail, TextForm::json, pass);
    pass.found = nullptr;
    if (replace_beginnings(event.summary, found)) redact(event.summary, TextForm::plain, pass);
  }

 private:
  // Over the texts of one event.
  struct Pass {
    WorkBudget& budget;
    RedactionReport& report;
    std::vector<FoundSecret>* found;  // nullptr: nobody wants to know
  };

  void redact(std::string& text, TextForm form, Pass& pass) const {
    if (text.empty()) return;
    if (pass.budget.take_text(text.size()) && redact_all(text, form, pass)) return;
    ++pass.report.texts_dropped;
    text = form == TextForm::json ? dropped_detail(text, pass.budget.spent())
                                  : mark_of(unread_kind, text, key());
  }

  // Until nothing is found any more, so that doing it again finds nothing either. False: the
  // budget is spent.
  bool redact_all(std::string& text, TextForm form, Pass& pass) const {
    for (int round = 0; round < rounds_max; ++round) {
      std::vector<Replacement> replacements;
      std::vector<Secret> secrets;
      {
        const FlatText flat(text);
        auto found = finder_->find(flat.text(), pass.budget);
        if (!found) return false;
        if (found->empty()) return true;
        secrets = std::move(*found);
        replacements = replacements_of(flat, secrets, pass.found);
      }
      if (round == 0 && form == TextForm::json && !is_json(text)) form = TextForm::plain;
      text = splice(text, form, replacements);
      bool any = false;
      for (std::size_t i = 0; i < replacements.size(); ++i) {
        if (replacements[i].is_done) pass.report.add(secrets[i].kind, 1);
        any |= replacements[i].is_done;
      }
      if (!any) return true;
    }
    return pass.budget.give_up();
  }

  [[nodiscard]] std::vector<Replacement> replacements_of(const FlatText& flat,
                                                         const std::vector<Secret>& secrets,
                                                         std::vector<FoundSecret>* found) const {
    std::vector<TextRange> ranges;
    ranges.reserve(secrets.size());
    for (const Secret& secret : secrets) ranges.push_back(secret.range);
    ranges = flat.raw_ranges(ranges);
    std::vector<Replacement> replacements;
    replacements.reserve(secrets.size());
    for (std::size_t i = 0; i < secrets.size(); ++i) {
      const std::string_view secret = secrets[i].range.of(flat.text());
      replacements.push_back({.range = ranges[i], .mark = mark_of(secrets[i].kind, secret, key())});
      if (found != nullptr) {
        found->push_back({.text = std::string(secret), .mark = replacements.back().mark});
      }
    }
    return replacements;
  }

  [[nodiscard]] std::string dropped_detail(std::string_view detail, std::string_view why) const {
    std::string text = R"({"redaction":"dropped","reason":")";
    text.append(why).append(R"(","bytes":)").append(std::to_string(detail.size()));
    return text.append(R"(,"hmac_sha256":")").append(hmac_hex(key(), detail)).append("\"}");
  }

  [[nodiscard]] const RedactionKey& key() const {
    std::call_once(key_asked_, [this] { key_ = options_.key(); });
    return key_;
  }

  RedactorOptions options_;
  std::unique_ptr<SecretFinder> finder_;
  mutable std::once_flag key_asked_;
  mutable RedactionKey key_{};  // written once, by key_asked_
};

Redactor::Redactor(std::unique_ptr<State> state) : state_(std::move(state)) {}
Redactor::~Redactor() = default;

Result<std::shared_ptr<const Redactor>> Redactor::create(RedactorOptions options) {
  auto finder = SecretFinder::create(options.rules, options.disabled_kinds, options.allow);
  if (!finder) return fail(std::move(finder.error()));
  if (!options.key) {
    std::array<char, std::tuple_size_v<RedactionKey>> bytes{};
    if (auto filled = random_bytes(bytes); !filled) return fail(std::move(filled.error()));
    RedactionKey key{};
    std::copy(bytes.begin(), bytes.end(), key.begin());
    options.key = [key] { return key; };
  }
  return std::shared_ptr<const Redactor>(
      new Redactor(std::make_unique<State>(std::move(options), std::move(*finder))));
}

RedactionReport Redactor::redact(Event& event) const {
  RedactionReport report;
  state_->redact(event, report);
  return report;
}

std::vector<std::string_view> Redactor::built_in_kinds() {
  std::vector<std::string_view> kinds;
  for (const BuiltInRule& rule : built_in_rules()) {
    if (std::find(kinds.begin(), kinds.end(), rule.kind) == kinds.end()) kinds.push_back(rule.kind);
  }
  kinds.push_back(card_kind);
  return kinds;
}

}  // namespace agentaudit
