// Redactor: takes secrets out of an event before it is stored, hashed or sent on.
//
//   auto redactor = agentaudit::Redactor::create({});
//   const auto report = (*redactor)->redact(event);   // then emitter.emit(event)
//
// In the place of each secret stands a mark, `[REDACTED:github-token:1f3a9c0d2b4e]`: its
// kind, and the first twelve digits of HMAC-SHA256(key, secret), so that equal secrets can
// be told without being known. docs/redaction.md says what is found and what is not.
// (`agentaudit redact` and SqliteStore::redact are another matter: they erase what is
// already stored.)
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agentaudit/core/event.h"
#include "agentaudit/core/limits.h"
#include "agentaudit/core/result.h"

namespace agentaudit {

// What else is a secret. Redactor::create checks it.
struct RedactionRule {
  // What the mark says: lower-case letters, digits and `-`, at most 40.
  std::string kind{};
  // A text that has none of them is not searched; case does not matter. Each has at least
  // three bytes of ASCII. None: every text is searched, which costs more.
  std::vector<std::string> keywords{};
  // RE2's syntax (https://github.com/google/re2/wiki/Syntax), case-sensitive without `(?i)`.
  // The secret is the first group that took part, or all of the match.
  std::string pattern{};
  // Shannon entropy of the secret in bits a byte, 0 to 8; what has less is left alone.
  double min_entropy = 0;
};

// Of HMAC-SHA256. Whoever has it can test guesses of secrets against marks.
using RedactionKey = std::array<std::uint8_t, 32>;

struct RedactorOptions {
  // Asked once, from any thread, when the first secret is found. None: random, so that equal
  // secrets can be told within this Redactor only.
  std::function<RedactionKey()> key{};
  // After the built-in ones, which go before where both find the same text.
  std::vector<RedactionRule> rules{};
  // Of Redactor::built_in_kinds; what is found of them is left alone.
  std::vector<std::string> disabled_kinds{};
  // Patterns of secrets to leave alone; one has to match all of the secret.
  std::vector<std::string> allow{};
  // Bytes of one event's text that are looked at, and the processor time of it, by the
  // calling thread's clock. Beyond, the detail is replaced, unread, by
  // {"redaction":"dropped","reason":"bytes"|"time","bytes":N,"hmac_sha256":"…"}, any other
  // text by a mark of kind `unread`. The event stays.
  std::size_t bytes_max = limits::line_bytes_max;
  std::chrono::microseconds time_max{100'000};
};

// What was taken out of one event or of several.
struct RedactionReport {
  struct Count {
    std::string_view kind;  // valid as long as the Redactor is
    std::int64_t secrets = 0;

    friend bool operator==(const Count&, const Count&) = default;
  };
  std::vector<Count> found{};      // by kind, in the order of their first finding
  std::int64_t texts_dropped = 0;  // a budget was spent

  [[nodiscard]] std::int64_t secrets() const noexcept;
  [[nodiscard]] bool is_clean() const noexcept { return found.empty() && texts_dropped == 0; }
  void add(std::string_view kind, std::int64_t secrets);
  void add(const RedactionReport& other);
};

// Immutable, thread-safe, without I/O of its own.
class Redactor {
 public:
  // Errors: invalid_argument (which rule, kind or pattern is wrong, and how), io (no random
  // bytes for the key).
  [[nodiscard]] static Result<std::shared_ptr<const Redactor>> create(RedactorOptions options);
  ~Redactor();
  Redactor(const Redactor&) = delete;
  Redactor& operator=(const Redactor&) = delete;

  // Replaces the secrets in action, agent, summary, detail, conversation_id, target and
  // principal, and what is left of one before the ellipsis of a summary that was cut. A detail
  // that is JSON stays JSON. Doing it twice changes nothing more. Do it
  // before cut_to_limit, which could cut a secret in two.
  RedactionReport redact(Event& event) const;

  // The kinds that need no rule of one's own, each once.
  [[nodiscard]] static std::vector<std::string_view> built_in_kinds();

 private:
  class State;
  explicit Redactor(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace agentaudit
