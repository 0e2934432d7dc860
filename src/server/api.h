// Api: the daemon's answers, apart from sockets. docs/http.md says what it answers.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "agentaudit/store/sqlite_store.h"
#include "server/host_guard.h"
#include "server/http_message.h"
#include "server/live_hub.h"
#include "server/metrics.h"
#include "server/otlp_door.h"
#include "server/query_string.h"
#include "server/token_file.h"

namespace agentaudit {

struct ApiOptions {
  HostGuardOptions guard{};
  LiveHubOptions live{};
  OtlpDoorOptions otlp{};
  std::shared_ptr<TokenFile> tokens{};  // none: nobody needs a token
};

// Thread-safe. An answer's source borrows the Api: it has to be destroyed before it.
class Api {
 public:
  struct Request {
    const HttpRequest& http;
    std::string_view id;  // what stands in the path for `{id}`
    QueryString query;
    std::string source{};  // which the token stores events of; empty: any
  };
  struct Parameter {
    std::string_view name;
    std::string_view type;  // of JSON Schema
    std::string_view description;
  };
  struct Route {
    std::string_view method;
    std::string_view path;  // `{id}` stands for one part of it
    Scope scope;
    std::string_view summary;
    std::string_view content_type;  // of the answer
    std::span<const Parameter> parameters;
    HttpResponse (Api::*answer)(Request& request);
  };

  Api(std::shared_ptr<SqliteStore> store, ApiOptions options);

  // Answers every request, errors included; may wait for the trail. Does not throw but for
  // want of memory.
  [[nodiscard]] HttpResponse handle(const HttpRequest& request);
  // Stores what is held, and ends the live streams. Requests may still come.
  void stop();

  [[nodiscard]] static std::span<const Route> routes() noexcept;

 private:
  [[nodiscard]] HttpResponse answer(const HttpRequest& request, std::string_view& route);
  // What the request is refused with for want of a token; nullopt: it may go on.
  [[nodiscard]] std::optional<HttpResponse> refusal(Request& request, Scope scope) const;

  HttpResponse post_events(Request& request);
  HttpResponse otlp_traces(Request& request);
  HttpResponse otlp_logs(Request& request);
  HttpResponse otlp_metrics(Request& request);
  HttpResponse list(Request& request);
  HttpResponse stats(Request& request);
  HttpResponse histogram(Request& request);
  HttpResponse groups(Request& request);
  HttpResponse conversations(Request& request);
  HttpResponse pending(Request& request);
  HttpResponse stream(Request& request);
  HttpResponse export_events(Request& request);
  HttpResponse proof(Request& request);
  HttpResponse get(Request& request);
  HttpResponse checkpoint(Request& request);
  HttpResponse metrics(Request& request);
  HttpResponse healthz(Request& request);
  HttpResponse readyz(Request& request);
  HttpResponse openapi(Request& request);

  const std::shared_ptr<SqliteStore> store_;
  const HostGuard guard_;
  const std::shared_ptr<TokenFile> tokens_;
  LiveHub live_;
  Metrics metrics_;
  OtlpDoor otlp_;
};

}  // namespace agentaudit
