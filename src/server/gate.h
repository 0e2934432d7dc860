// Gate: who may ask, and how much. docs/http.md says it for users.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "server/http_message.h"
#include "server/rate_limiter.h"
#include "server/token_file.h"

namespace agentaudit {

// Who asks, as far as it had to say.
struct Caller {
  std::string token_id;  // empty: no token was asked for
  std::string name;      // of the token
  std::string source;    // which it stores events of; empty: any
};

// Thread-safe.
class Gate {
 public:
  // Tokens that are none, from one address. After them it is told to wait; an address of
  // another machine is not heard meanwhile, whatever it sends.
  static constexpr std::int64_t wrong_tokens_per_minute = 20;

  // Without tokens everybody may everything.
  explicit Gate(std::shared_ptr<TokenFile> tokens) : tokens_(std::move(tokens)) {}

  // What the request is refused with: 401, 403, 429. nullopt: it may go on, and `caller` is
  // who asks.
  [[nodiscard]] std::optional<HttpResponse> refusal(const HttpRequest& request, Scope scope,
                                                    Caller& caller);

 private:
  [[nodiscard]] std::optional<HttpResponse> over_quota(const HttpRequest& request,
                                                       const Token& token);

  const std::shared_ptr<TokenFile> tokens_;
  RateLimiter wrong_tokens_;  // by address
  RateLimiter requests_;      // by token
  RateLimiter bytes_;         // by token
};

}  // namespace agentaudit
