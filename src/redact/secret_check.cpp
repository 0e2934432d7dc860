#include "redact/secret_check.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "core/ascii.h"

namespace agentaudit {
namespace {

// Of what is assigned to a name.
constexpr std::size_t password_bytes_min = 6;
constexpr std::size_t secret_bytes_min = 10;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_letter(char c) { return is_lower(c) || is_upper(c); }
bool is_name_char(char c) { return is_letter(c) || is_digit(c) || c == '_' || c == '-'; }

template <typename Is>
bool has(std::string_view text, const Is& is) {
  return std::any_of(text.begin(), text.end(), is);
}

// Other than what joins words.
bool is_symbol(char c) {
  return !is_letter(c) && !is_digit(c) && std::string_view("_-. \t\n").find(c) == std::string::npos;
}

// Letters alone and what joins them, and of one case but for the first.
bool is_word(std::string_view text) {
  const std::string_view rest = text.substr(1);
  const bool letters = std::all_of(text.begin(), text.end(), [](char c) {
    return is_letter(c) || c == '_' || c == '-' || c == '.';
  });
  return letters && (!has(rest, is_upper) || !has(text, is_lower));
}

// How often upper case follows lower case, or the other way round: in camel case at most
// twice a word.
std::size_t case_changes(std::string_view text) {
  std::size_t changes = 0;
  for (std::size_t i = 1; i < text.size(); ++i) {
    changes +=
        (is_lower(text[i - 1]) && is_upper(text[i])) || (is_upper(text[i - 1]) && is_lower(text[i]))
            ? 1
            : 0;
  }
  return changes;
}

// As what is drawn at random is, which once in a hundred times has no digit.
bool is_mixed(std::string_view text) {
  return has(text, is_letter) && (has(text, is_digit) || case_changes(text) * 5 >= text.size() * 2);
}

bool is_uuid(std::string_view text) {
  constexpr std::size_t bytes = 36;
  if (text.size() != bytes) return false;
  for (std::size_t i = 0; i < bytes; ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    const char c = to_lower_ascii(text[i]);
    if (dash ? c != '-' : !is_digit(c) && !(c >= 'a' && c <= 'f')) return false;
  }
  return true;
}

// What stands where a secret will be, or is got from elsewhere.
bool is_placeholder(std::string_view value) {
  static constexpr std::array<std::string_view, 22> words = {
      "example", "changeme", "change_me",   "change-me",   "placeholder", "your_",
      "your-",   "yourpass", "xxxx",        "****",        "....",        "redacted",
      "${",      "{{",       "process.env", "os.environ",  "getenv",      "://",
      "dummy",   "not-set",  "undefined",   "secretkeyref"};
  const std::string lower = to_lower_ascii(value);
  if (std::any_of(words.begin(), words.end(),
                  [&](std::string_view word) { return lower.find(word) != std::string::npos; })) {
    return true;
  }
  constexpr std::string_view opening = "$%{[<(*/~@:";
  return opening.find(value.front()) != std::string_view::npos || value.back() == ':' ||
         value.starts_with("./") || value.starts_with("../");
}

// The whole name around a keyword: `next_page_token` of `token`.
std::string_view name_around(std::string_view text, std::size_t keyword_at) {
  constexpr std::size_t reach = 64;
  std::size_t begin = keyword_at;
  while (begin > 0 && keyword_at - begin < reach && is_name_char(text[begin - 1])) --begin;
  std::size_t end = keyword_at;
  while (end < text.size() && end - keyword_at < reach && is_name_char(text[end])) ++end;
  return text.substr(begin, end - begin);
}

// Splits `sessionTokenCount`, `session_token_count` and `session-token-count`; lower-case.
// Calls for each word; true: one of the calls was.
template <typename IsWanted>
bool has_word(std::string_view name, const IsWanted& is_wanted) {
  std::string word;
  bool found = false;
  for (std::size_t i = 0; i <= name.size(); ++i) {
    const bool ends = i == name.size() || name[i] == '_' || name[i] == '-' ||
                      (i > 0 && is_upper(name[i]) && is_lower(name[i - 1]));
    if (ends && !word.empty()) {
      found |= is_wanted(std::string_view(word));
      word.clear();
    }
    if (i < name.size() && name[i] != '_' && name[i] != '-') word += to_lower_ascii(name[i]);
  }
  return found;
}

// Names of what is about secrets, or of other things that are called tokens and keys.
bool names_no_secret(std::string_view name) {
  static constexpr std::array<std::string_view, 60> words = {
      "url",        "uri",    "path",         "file",       "filename", "dir",      "name",
      "type",       "id",     "ids",          "count",      "counts",   "counter",  "limit",
      "length",     "len",    "size",         "usage",      "budget",   "expires",  "expiry",
      "expiration", "ttl",    "policy",       "hint",       "field",    "label",    "regex",
      "pattern",    "format", "version",      "arn",        "ref",      "endpoint", "required",
      "status",     "tokens", "tokenizer",    "tokenize",   "next",     "page",     "continuation",
      "sync",       "cancel", "cancellation", "pagination", "cursor",   "eos",      "bos",
      "pad",        "stop",   "max",          "min",        "public",   "manager",  "provider",
      "index",      "offset", "prefix",       "fingerprint"};
  return has_word(name, [&](std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
  });
}

// Whether a quote stands before it.
bool is_quoted(std::string_view text, const TextRange& secret) {
  constexpr std::string_view quotes = "\"'`";
  return secret.begin > 0 && quotes.find(text[secret.begin - 1]) != std::string_view::npos;
}

// What stands without quotes may be an expression: `token.sha256.substr`, `std::uint8_t`,
// `sha256_hex(`.
bool is_code(std::string_view text, const TextRange& value_range) {
  const std::string_view value = value_range.of(text);
  if (is_quoted(text, value_range)) return false;
  if (value.find("::") != std::string_view::npos || value.find("->") != std::string_view::npos)
    return true;
  if (value_range.end < text.size() && text[value_range.end] == '(') return true;
  // Names with dots between them.
  const auto is_name = [](std::string_view part) {
    return !part.empty() && !is_digit(part.front()) && part.front() != '-' &&
           std::all_of(part.begin(), part.end(), is_name_char);
  };
  bool names = true;
  std::size_t parts = 0;
  for (std::string_view rest = value; names; ++parts) {
    const std::size_t dot = rest.find('.');
    names = is_name(rest.substr(0, dot));
    if (dot == std::string_view::npos) break;
    rest.remove_prefix(dot + 1);
  }
  if (names && parts > 0) return true;
  const auto digits = static_cast<std::size_t>(std::count_if(value.begin(), value.end(), is_digit));
  return names && value.find('_') != std::string_view::npos && !has(value, is_upper) &&
         digits * 4 < value.size();
}

bool is_named_password(std::string_view text, std::size_t keyword_at, const TextRange& secret) {
  constexpr double entropy_min = 2.0;
  const std::string_view value = secret.of(text);
  if (value.size() < password_bytes_min || entropy_bits(value) < entropy_min) return false;
  if (text[keyword_at] == '-') return !is_word(value);  // an option's value
  const bool digits = has(value, is_digit);
  const bool symbols = has(value, is_symbol);
  const bool letters = has(value, is_letter);
  // Without a quote a word may be code: another variable, a type.
  if (!is_quoted(text, secret)) return letters ? digits || symbols : digits;
  if (digits || symbols) return true;
  const bool both_cases = has(value, is_lower) && has(value, is_upper);
  return both_cases && to_lower_ascii(value).find("passw") == std::string::npos;
}

bool is_named_secret(std::string_view text, const TextRange& secret) {
  constexpr double entropy_min = 3.0;
  const std::string_view value = secret.of(text);
  if (value.size() < secret_bytes_min || entropy_bits(value) < entropy_min) return false;
  return is_mixed(value);
}

bool is_url_password(std::string_view value) {
  static constexpr std::array<std::string_view, 8> words = {"pass",   "password", "passwd", "pwd",
                                                            "secret", "token",    "user",   "pw"};
  constexpr std::size_t bytes_min = 3;
  const std::string lower = to_lower_ascii(value);
  return value.size() >= bytes_min && std::find(words.begin(), words.end(), lower) == words.end();
}

// Whether what stands there, in quotes or not, could be long enough.
bool has_value_of(std::string_view text, std::size_t at, std::size_t bytes_min) {
  constexpr std::string_view before = " \t=:>";
  constexpr std::string_view quotes = "\"'`";
  at = text.find_first_not_of(before, at);
  if (at == std::string_view::npos) return false;
  const bool quoted = quotes.find(text[at]) != std::string_view::npos;
  if (quoted) ++at;
  const std::size_t end = text.find_first_of(quoted ? " \t\n\"'`" : " \t\n\"'`,;}", at);
  return std::min(end, text.size()) - at >= bytes_min;
}

}  // namespace

double entropy_bits(std::string_view bytes) {
  std::array<std::size_t, 256> counts{};
  for (const char c : bytes) ++counts[static_cast<unsigned char>(c)];
  double bits = 0;
  for (const std::size_t count : counts) {
    if (count == 0) continue;
    const double share = static_cast<double>(count) / static_cast<double>(bytes.size());
    bits -= share * std::log2(share);
  }
  return bits;
}

bool may_pass(SecretCheck check, std::string_view text, std::size_t keyword_at) {
  if (check != SecretCheck::named_password && check != SecretCheck::named_secret) return true;
  if (text[keyword_at] == '-') return true;  // an option, whose value needs no sign before it
  constexpr std::string_view between = " \t\r\n\"'],";
  // `v` is that of "name":"password","value":"…".
  constexpr std::string_view signs = "=:>vV";
  std::size_t at = keyword_at;
  while (at < text.size() && (is_name_char(text[at]) || text[at] == '.')) ++at;
  at = text.find_first_not_of(between, at);
  if (at == std::string_view::npos || signs.find(text[at]) == std::string_view::npos) return false;
  const bool is_password = check == SecretCheck::named_password;
  return to_lower_ascii(text[at]) == 'v' ||
         has_value_of(text, at, is_password ? password_bytes_min : secret_bytes_min);
}

bool passes(SecretCheck check, std::string_view text, std::size_t keyword_at,
            const TextRange& secret) {
  const std::string_view value = secret.of(text);
  switch (check) {
    case SecretCheck::none: return true;
    case SecretCheck::mixed: return is_mixed(value);
    case SecretCheck::no_word: return !is_word(value);
    case SecretCheck::after_digit: return keyword_at > 0 && is_digit(text[keyword_at - 1]);
    case SecretCheck::url_password: return !is_placeholder(value) && is_url_password(value);
    case SecretCheck::named_password:
    case SecretCheck::named_secret: break;
  }
  const std::string_view name = name_around(text, keyword_at);
  if (names_no_secret(name) || is_placeholder(value) || is_code(text, secret)) return false;
  if (check == SecretCheck::named_password) return is_named_password(text, keyword_at, secret);
  // What else is called a token may well be a plain id.
  const bool is_token = equal_ignoring_case(text.substr(keyword_at, 5), "token");
  return is_named_secret(text, secret) && !(is_token && is_uuid(value));
}

}  // namespace agentaudit
