// Who may ask what: bearer tokens (RFC 6750), of which only the digests are kept.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agentaudit/core/result.h"
#include "agentaudit/core/timestamp.h"

namespace agentaudit {

// What a token is for. `none`: no token is asked for. `admin` may everything.
enum class Scope : std::uint8_t { none, append, read, prune, admin };

[[nodiscard]] std::string_view to_string(Scope scope) noexcept;
// nullopt: no such scope, `none` included.
[[nodiscard]] std::optional<Scope> scope_of(std::string_view name) noexcept;

struct Token {
  std::string id;      // the digest's first eight digits: names it in lists
  std::string sha256;  // of its text, lower-case hex
  std::vector<Scope> scopes{};
  std::string source{};                  // not empty: it stores events of this source alone
  std::string name{};                    // what people call it
  std::int64_t requests_per_minute = 0;  // 0: any number
  std::int64_t bytes_per_minute = 0;     // of bodies, as they are sent; 0: any number
  Timestamp created{};

  [[nodiscard]] bool may(Scope scope) const noexcept;
};

// A file of tokens: JSON, for its owner alone.
class TokenList {
 public:
  static constexpr std::size_t tokens_max = 10'000;

  // An empty list where there is no file. Errors: permission (others may read or write it),
  // too_large (over 16 MiB, or over tokens_max), parse, io.
  [[nodiscard]] static Result<TokenList> read(const std::filesystem::path& path);
  // Replaces the file in one step. Errors: too_large (as read), io, permission; the file is as it
  // was.
  [[nodiscard]] Result<void> write(const std::filesystem::path& path) const;

  // Makes a token and keeps its digest. Returns its text, which nobody can get again. Errors:
  // full, io (no random bytes).
  [[nodiscard]] Result<std::string> create(Token token);
  // Errors: not_found.
  [[nodiscard]] Result<void> revoke(std::string_view id);

  // Whose text it is; nullptr: nobody's. Takes as long whatever the text is.
  [[nodiscard]] const Token* find(std::string_view text) const;
  [[nodiscard]] const std::vector<Token>& tokens() const noexcept { return tokens_; }

 private:
  [[nodiscard]] static Result<TokenList> parse(std::string_view text);
  [[nodiscard]] std::string to_json() const;

  std::vector<Token> tokens_;
};

}  // namespace agentaudit
