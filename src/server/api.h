// Api: the daemon's answers, apart from sockets. docs/http.md says what it answers.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "agentaudit/redact/redactor.h"
#include "agentaudit/store/store.h"
#include "server/fleet_hubs.h"
#include "server/fleet_stores.h"
#include "server/fleet_verifiers.h"
#include "server/gate.h"
#include "server/group_commit.h"
#include "server/host_guard.h"
#include "server/http_message.h"
#include "server/live_hub.h"
#include "server/metrics.h"
#include "server/otlp_door.h"
#include "server/query_string.h"
#include "server/verifier.h"

namespace agentaudit {

// One request, as a log tells it.
struct RequestRecord {
  std::string_view method;
  std::string_view path;
  std::string_view peer;      // empty: a unix socket
  std::string_view token_id;  // empty: none
  int status = 0;
  std::chrono::nanoseconds duration{0};  // to the answer; not to its last byte
};

struct ApiOptions {
  HostGuardOptions guard{};
  LiveHubOptions live{};
  OtlpDoorOptions otlp{};
  std::shared_ptr<TokenFile> tokens{};  // none: nobody needs a token
  // Whether each request that is answered with details is recorded itself, before it is
  // answered: an `audit`/`read` event.
  bool audit_reads = false;
  // Hears of every request, from any thread.
  std::function<void(const RequestRecord&)> on_request{};
  // Takes secrets out of what comes in; none: they stay.
  std::shared_ptr<const Redactor> redactor{};
  // What to verify by, asked anew for each run; none: the trail alone.
  std::function<VerifyOpts(Store&)> verify_options{};
};

// Thread-safe. An answer's source borrows the Api: it has to be destroyed before it.
class Api {
 public:
  struct Request {
    const HttpRequest& http;
    std::string_view id;  // what stands in the path for the part in braces
    QueryString query;
    Caller caller{};
    std::shared_ptr<Store> store{};  // of the trails that it asks about
  };
  struct Parameter {
    std::string_view name;
    std::string_view type;  // of JSON Schema
    std::string_view description;
  };
  struct Route {
    std::string_view method;
    std::string_view path;  // `{id}`, `{file}` stand for one part of it, `{path}` for the rest
    Scope scope;
    std::string_view summary;
    std::string_view content_type;  // of the answer
    std::span<const Parameter> parameters;
    HttpResponse (Api::*answer)(Request& request);
    bool gives_details = false;

    [[nodiscard]] bool takes(std::string_view name) const;
  };

  Api(std::shared_ptr<Store> store, ApiOptions options);

  // Answers every request, errors included; may wait for the trail. Does not throw but for
  // want of memory.
  [[nodiscard]] HttpResponse handle(const HttpRequest& request);
  // Stores what is held, and ends the live streams. Requests may still come.
  void stop();

  [[nodiscard]] static std::span<const Route> routes() noexcept;

 private:
  // nullptr: there is none. What stands for the part in braces in `id`.
  [[nodiscard]] static const Route* find_route(std::string_view path, std::string_view method,
                                               std::string_view& id);
  // 405 where the path takes other methods, else 404.
  [[nodiscard]] static HttpResponse no_route(const std::string& path, const std::string& method);
  [[nodiscard]] HttpResponse answer(const HttpRequest& request, std::string_view& route,
                                    Caller& caller);
  // The record of a read, durable. Errors: those of the trail.
  [[nodiscard]] Result<void> record_read(const Request& request, const Route& route);

  HttpResponse post_events(Request& request);
  // Of events of another trail that came before. Errors: those of check_shipped_again.
  [[nodiscard]] Result<void> check_again(std::string_view trail_id, std::span<const Event> events,
                                         const InsertedNew& inserted);
  HttpResponse otlp_traces(Request& request);
  HttpResponse otlp_logs(Request& request);
  HttpResponse otlp_metrics(Request& request);
  HttpResponse list(Request& request);
  HttpResponse stats(Request& request);
  HttpResponse histogram(Request& request);
  HttpResponse groups(Request& request);
  HttpResponse conversations(Request& request);
  HttpResponse pending(Request& request);
  HttpResponse trails(Request& request);
  HttpResponse stream(Request& request);
  HttpResponse export_events(Request& request);
  HttpResponse proof(Request& request);
  HttpResponse get(Request& request);
  HttpResponse verification(Request& request);
  HttpResponse bundle(Request& request);
  HttpResponse checkpoint(Request& request);
  HttpResponse tile(Request& request);
  HttpResponse metrics(Request& request);
  HttpResponse healthz(Request& request);
  HttpResponse readyz(Request& request);
  HttpResponse openapi(Request& request);
  HttpResponse page(Request& request);
  HttpResponse asset(Request& request);

  const std::shared_ptr<Store> store_;
  FleetStores fleet_;
  const HostGuard guard_;
  const bool audit_reads_;
  const std::function<void(const RequestRecord&)> on_request_;
  Gate gate_;
  const std::shared_ptr<const Redactor> redactor_;
  LiveHub live_;
  FleetHubs fleet_live_;
  Metrics metrics_;
  GroupCommit commits_;
  OtlpDoor otlp_;
  Verifier verifier_;
  FleetVerifiers fleet_verifiers_;
};

}  // namespace agentaudit
