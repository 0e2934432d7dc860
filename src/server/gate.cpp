#include "server/gate.h"

#include <array>
#include <chrono>
#include <utility>

#include "core/ascii.h"
#include "server/http_problem.h"

namespace agentaudit {
namespace {

constexpr std::string_view scheme = "Bearer ";

HttpResponse too_many(std::string_view detail, std::chrono::seconds wait) {
  HttpResponse response = problem(429, detail);
  response.headers.push_back({.name = "Retry-After", .value = std::to_string(wait.count())});
  return response;
}

// Empty: there is none.
std::string_view token_in(const HttpRequest& request) {
  const std::string_view header = request.header("Authorization").value_or("");
  const bool bearer =
      header.size() > scheme.size() && equal_ignoring_case(header.substr(0, scheme.size()), scheme);
  return bearer ? header.substr(scheme.size()) : std::string_view();
}

}  // namespace

std::optional<HttpResponse> Gate::refusal(const HttpRequest& request, Scope scope, Caller& caller) {
  if (scope == Scope::none || !tokens_) return std::nullopt;
  const auto list = tokens_->current();
  if (!list) return std::nullopt;
  const auto now = std::chrono::steady_clock::now();
  constexpr std::string_view told_to_wait = "too many wrong tokens from this address";
  // On one machine all have the same address, and one that is wrong must not be heard for all.
  if (!request.is_local()) {
    if (const auto wait = wrong_tokens_.wait_for(request.peer, wrong_tokens_per_minute, now)) {
      return too_many(told_to_wait, *wait);
    }
  }
  const std::string_view text = token_in(request);
  const Token* const token = list->find(text);
  if (text.empty() || token == nullptr) {
    if (!text.empty()) {
      if (const auto wait = wrong_tokens_.take(request.peer, 1, wrong_tokens_per_minute, now)) {
        return too_many(told_to_wait, *wait);
      }
    }
    HttpResponse response =
        problem(401, text.empty() ? "a token is needed: Authorization: Bearer …" : "no such token");
    response.headers.push_back(
        {.name = "WWW-Authenticate",
         .value = text.empty() ? "Bearer" : R"(Bearer error="invalid_token")"});
    return response;
  }
  caller = {.token_id = token->id, .name = token->name, .source = token->source};
  if (!token->may(scope)) {
    HttpResponse response = problem(
        403, "the token " + token->id + " has not the scope " + std::string(to_string(scope)));
    response.headers.push_back({.name = "WWW-Authenticate",
                                .value = R"(Bearer error="insufficient_scope", scope=")" +
                                         std::string(to_string(scope)) + '"'});
    return response;
  }
  return over_quota(request, *token);
}

std::optional<HttpResponse> Gate::over_quota(const HttpRequest& request, const Token& token) {
  struct Quota {
    RateLimiter* limiter;
    std::int64_t amount;
    std::int64_t per_minute;
    std::string_view what;
  };
  const std::array quotas = {Quota{&requests_, 1, token.requests_per_minute, "requests"},
                             Quota{&bytes_, static_cast<std::int64_t>(request.body.size()),
                                   token.bytes_per_minute, "bytes"}};
  const auto now = std::chrono::steady_clock::now();
  for (const Quota& quota : quotas) {
    if (quota.per_minute == 0) continue;
    if (const auto wait = quota.limiter->take(token.id, quota.amount, quota.per_minute, now)) {
      return too_many("the token " + token.id + " may use " + std::to_string(quota.per_minute) +
                          " " + std::string(quota.what) + " a minute",
                      *wait);
    }
  }
  return std::nullopt;
}

}  // namespace agentaudit
