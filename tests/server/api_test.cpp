// What the API answers, without sockets.

#include "server/api.h"

#include <fstream>
#include <iterator>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/gzip.h"
#include "server/event_filter.h"
#include "store/sqlite_trail.h"

namespace agentaudit {
namespace {

using nlohmann::json;

class ApiTest : public SqliteTrail {
 protected:
  HttpResponse ask(const std::string& method, const std::string& target,
                   std::vector<HttpHeader> headers = {}, std::string body = {}) {
    HttpRequest request;
    request.method = method;
    const std::size_t mark = std::min(target.find('?'), target.size());
    request.path = target.substr(0, mark);
    request.query = target.substr(std::min(mark + 1, target.size()));
    request.headers = std::move(headers);
    request.headers.push_back({.name = "Host", .value = "localhost"});
    request.body = std::move(body);
    return api_.handle(request);
  }
  HttpResponse post(std::string body, const std::string& type = "application/json",
                    std::vector<HttpHeader> headers = {}) {
    headers.push_back({.name = "Content-Type", .value = type});
    return ask("POST", "/api/v1/audit", std::move(headers), std::move(body));
  }
  json get(const std::string& target, int status = 200) {
    const HttpResponse response = ask("GET", target);
    EXPECT_EQ(response.status, status) << target << ": " << response.body;
    return json::parse(response.body);
  }
  static std::string header(const HttpResponse& response, std::string_view name) {
    for (const HttpHeader& header : response.headers) {
      if (same_token(header.name, name)) return header.value;
    }
    return {};
  }
  static std::string whole(const HttpResponse& response) {
    std::string out;
    while (response.source->produce(out) == BodySource::State::more) {
    }
    return out;
  }

  std::shared_ptr<SqliteStore> store_ = open();
  Api api_{store_, {}};
};

TEST_F(ApiTest, StoresAnEventAndAnswersItsId) {
  const HttpResponse response = post(R"({"category":"tool_call","target":"bash"})");
  EXPECT_EQ(response.status, 201);
  EXPECT_EQ(response.body, R"({"ids":[1]})");
  EXPECT_EQ(store_->get(1)->target, "bash");
}

TEST_F(ApiTest, StoresAnArrayInItsOrder) {
  EXPECT_EQ(post(R"([{"category":"llm","action":"a"},{"category":"llm","action":"b"}])").body,
            R"({"ids":[1,2]})");
  EXPECT_EQ(store_->get(2)->action, "b");
}

TEST_F(ApiTest, StoresJsonLines) {
  EXPECT_EQ(
      post("{\"category\":\"llm\"}\n\n{\"category\":\"skill\"}\n", "application/x-ndjson").body,
      R"({"ids":[1,2]})");
}

TEST_F(ApiTest, StoresAPackedBody) {
  EXPECT_EQ(post(gzip(R"({"category":"llm"})"), "application/json; charset=utf-8",
                 {{.name = "Content-Encoding", .value = "gzip"}})
                .status,
            201);
}

TEST_F(ApiTest, ARequestWithAnIdempotencyKeyIsStoredOnce) {
  const std::vector<HttpHeader> key = {{.name = "Idempotency-Key", .value = "try-1"}};
  const std::string body = R"([{"category":"llm"},{"category":"skill"}])";
  EXPECT_EQ(post(body, "application/json", key).body, R"({"ids":[1,2]})");
  const HttpResponse again = post(body, "application/json", key);
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(again.body, R"({"ids":[1,2]})");
  EXPECT_EQ(post(body, "application/json", {{.name = "Idempotency-Key", .value = "try-2"}}).body,
            R"({"ids":[3,4]})");
  EXPECT_EQ(get("/api/v1/audit")["total"], 4);
  for (const std::string& bad : {std::string(), std::string(256, 'k'), std::string("\x01")}) {
    EXPECT_EQ(post(body, "application/json", {{.name = "Idempotency-Key", .value = bad}}).status,
              400);
  }
}

TEST_F(ApiTest, ABadEventAmongGoodOnesStoresNone) {
  const HttpResponse response = post(R"([{"category":"llm"},{"category":7},{}])");
  EXPECT_EQ(response.status, 400);
  const json problem = json::parse(response.body);
  EXPECT_EQ(problem["errors"].size(), 2U);
  EXPECT_TRUE(problem["errors"][0].get<std::string>().starts_with("event 2: "));
  EXPECT_EQ(header(response, "Content-Type"), "application/problem+json");
  EXPECT_EQ(get("/api/v1/audit")["total"], 0);
}

TEST_F(ApiTest, BodiesThatCannotBeEventsAreRefused) {
  EXPECT_EQ(post("").status, 400);
  EXPECT_EQ(post("[]").status, 400);
  EXPECT_EQ(post("{\"category\":").status, 400);
  EXPECT_EQ(post("7").status, 400);
  EXPECT_EQ(post("{\"category\":\"llm\"}", "text/plain").status, 415);
  EXPECT_EQ(post("{\"category\":\"llm\"}", "").status, 415);
  EXPECT_EQ(
      post("no gzip", "application/json", {{.name = "Content-Encoding", .value = "gzip"}}).status,
      400);
  EXPECT_EQ(post("x", "application/json", {{.name = "Content-Encoding", .value = "br"}}).status,
            415);
  EXPECT_EQ(post(gzip(std::string(std::size_t{17} << 20U, ' ')), "application/json",
                 {{.name = "Content-Encoding", .value = "gzip"}})
                .status,
            413);
  EXPECT_EQ(post(std::string(100'000, '[')).status, 413);
  std::string many = "[";
  for (int i = 0; i <= 10'000; ++i) many += i == 0 ? "{}" : ",{}";
  EXPECT_EQ(post(many + "]").status, 400);
  EXPECT_EQ(get("/api/v1/audit")["total"], 0);
}

constexpr std::string_view one_span =
    R"({"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":)"
    R"("agent-x"}}]},"scopeSpans":[{"spans":[{"traceId":"0af7651916cd43dd8448eb211c80319c",)"
    R"("spanId":"b7ad6b7169203331","name":"execute_tool bash","startTimeUnixNano":"1000000000",)"
    R"("endTimeUnixNano":"2000000000","attributes":[{"key":"gen_ai.operation.name","value":)"
    R"({"stringValue":"execute_tool"}},{"key":"gen_ai.tool.name","value":{"stringValue":"bash"}},)"
    R"({"key":"gen_ai.agent.name","value":{"stringValue":"agent-x"}},{"key":)"
    R"("gen_ai.conversation.id","value":{"stringValue":"k"}}]}]}]}]})";

TEST_F(ApiTest, ASpanIsAnEventOnceHoweverOftenItComes) {
  for (int i = 0; i < 3; ++i) {
    const HttpResponse response =
        ask("POST", "/v1/traces", {{.name = "Content-Type", .value = "application/json"}},
            std::string(one_span));
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, "{}");
  }
  api_.stop();
  const json page = get("/api/v1/audit");
  EXPECT_EQ(page["total"], 1);
  EXPECT_EQ(page["events"][0]["category"], "tool_call");
  EXPECT_EQ(page["events"][0]["target"], "bash");
  EXPECT_EQ(page["events"][0]["agent"], "agent-x");
}

TEST_F(ApiTest, ABadSpanIsCountedInThePartialSuccess) {
  std::string body(one_span);
  body.replace(body.find("b7ad6b7169203331"), 16, "b7ad6b71692033zz");
  const HttpResponse response =
      ask("POST", "/v1/traces", {{.name = "Content-Type", .value = "application/json"}}, body);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(json::parse(response.body)["partialSuccess"]["rejectedSpans"], "1");
}

TEST_F(ApiTest, OtlpIsAnsweredInItsOwnEncoding) {
  const HttpResponse response =
      ask("POST", "/v1/traces", {{.name = "Content-Type", .value = "application/x-protobuf"}});
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(header(response, "Content-Type"), "application/x-protobuf");
  EXPECT_EQ(ask("POST", "/v1/metrics", {{.name = "Content-Type", .value = "application/json"}},
                "{\"resourceMetrics\":[]}")
                .status,
            200);
}

TEST_F(ApiTest, OnlyABodyThatIsNoOtlpIsABadRequest) {
  const auto post_otlp = [&](const std::string& type, std::string body) {
    return ask("POST", "/v1/logs", {{.name = "Content-Type", .value = type}}, std::move(body))
        .status;
  };
  EXPECT_EQ(post_otlp("application/json", "{\"resourceLogs\":"), 400);
  EXPECT_EQ(post_otlp("application/x-protobuf", "\xff\xff\xff"), 400);
  EXPECT_EQ(post_otlp("text/plain", "{}"), 415);
  EXPECT_EQ(post_otlp("application/json", "{}"), 200);
}

TEST_F(ApiTest, OtlpThatTheTrailCannotTakeIsToBeSentAgain) {
  ASSERT_TRUE(store_->close());
  const HttpResponse response =
      ask("POST", "/v1/traces", {{.name = "Content-Type", .value = "application/json"}},
          std::string(one_span));
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(header(response, "Retry-After"), "1");
}

class TokenTest : public ApiTest {
 protected:
  std::string create(std::vector<Scope> scopes, const std::string& source = {}) {
    auto list = TokenList::read(tokens_path_).value();
    const std::string text =
        list.create({.id = {}, .sha256 = {}, .scopes = std::move(scopes), .source = source})
            .value();
    EXPECT_TRUE(list.write(tokens_path_));
    return text;
  }
  int status(const std::string& method, const std::string& target, const std::string& token) {
    HttpRequest request;
    request.method = method;
    request.path = target;
    request.headers = {{.name = "Host", .value = "localhost"},
                       {.name = "Content-Type", .value = "application/json"}};
    if (!token.empty()) request.headers.push_back({"Authorization", "Bearer " + token});
    request.body = method == "POST" ? R"({"category":"llm","source":"claimed"})" : "";
    Api api(store_, {.tokens = std::shared_ptr(TokenFile::open(tokens_path_).value())});
    return api.handle(request).status;
  }

  std::filesystem::path tokens_path_ = scratch_ / "tokens.json";
};

TEST_F(TokenTest, WithoutAFileNobodyNeedsOne) {
  EXPECT_EQ(status("GET", "/api/v1/audit", ""), 200);
}

// Every route against every scope.
TEST_F(TokenTest, EachRouteAsksForItsScope) {
  const std::map<Scope, std::string> tokens = {{Scope::append, create({Scope::append})},
                                               {Scope::read, create({Scope::read})},
                                               {Scope::prune, create({Scope::prune})},
                                               {Scope::admin, create({Scope::admin})}};
  for (const Api::Route& route : Api::routes()) {
    std::string target(route.path);
    if (const auto at = target.find("{id}"); at != std::string::npos) target.replace(at, 4, "1");
    const std::string method(route.method);
    const bool open = route.scope == Scope::none;
    EXPECT_EQ(status(method, target, "") == 401, !open) << target;
    EXPECT_EQ(status(method, target, "agentaudit_0000") == 401, !open) << target;
    for (const auto& [scope, token] : tokens) {
      const bool may = open || scope == route.scope || scope == Scope::admin;
      EXPECT_EQ(status(method, target, token) == 403, !may) << target << " " << to_string(scope);
    }
  }
}

TEST_F(TokenTest, ABoundTokenStoresEventsOfItsSourceAlone) {
  const std::string token = create({Scope::append}, "researcher");
  EXPECT_EQ(status("POST", "/api/v1/audit", token), 201);
  EXPECT_EQ(store_->get(1)->source, "researcher");
}

TEST_F(TokenTest, ARevokedTokenIsNoMore) {
  const std::string token = create({Scope::read});
  auto list = TokenList::read(tokens_path_).value();
  ASSERT_TRUE(list.revoke(list.tokens().front().id));
  EXPECT_EQ(error_code(list.revoke("no such")), ErrorCode::not_found);
  ASSERT_TRUE(list.write(tokens_path_));
  // Nobody may ask, rather than everybody.
  EXPECT_EQ(status("GET", "/api/v1/audit", token), 401);
  EXPECT_EQ(status("GET", "/api/v1/audit", ""), 401);
}

TEST_F(TokenTest, TheFileKeepsNoToken) {
  const std::string token = create({Scope::read}, "s");
  std::ifstream file(tokens_path_);
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  EXPECT_EQ(text.find(token), std::string::npos);
  const auto list = TokenList::read(tokens_path_).value();
  ASSERT_NE(list.find(token), nullptr);
  EXPECT_EQ(list.find(token)->source, "s");
  EXPECT_EQ(list.find(token + "0"), nullptr);
  EXPECT_EQ(list.find(""), nullptr);
}

TEST_F(TokenTest, AFileThatOthersCanReadOrThatIsNoneIsRefused) {
  create({Scope::read});
  std::filesystem::permissions(tokens_path_, std::filesystem::perms::group_read,
                               std::filesystem::perm_options::add);
  EXPECT_EQ(error_code(TokenList::read(tokens_path_)), ErrorCode::permission);
  for (const char* const text :
       {"", "{}", "[]", R"({"tokens":[{"id":"a"}]})", R"({"tokens":[{"sha256":"zz"}]})"}) {
    std::ofstream(tokens_path_) << text;
    std::filesystem::permissions(
        tokens_path_, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    EXPECT_EQ(error_code(TokenList::read(tokens_path_)), ErrorCode::parse) << text;
  }
}

TEST_F(ApiTest, AListTakesEveryFilterAndPage) {
  for (const char* const agent : {"a", "b", "c"}) {
    post(R"({"category":"llm","status":"error","source":"s","target":"t","conversation_id":"k",)"
         R"("trace_id":"11111111111111111111111111111111","timestamp":"2026-01-01T00:00:00Z",)"
         R"("agent":")" +
         std::string(agent) + R"(","summary":"Needle"})");
  }
  post(R"({"category":"skill","source":"other"})");
  const json page =
      get("/api/v1/audit?category=llm,skill&status=error&agent=a&agent=b,c&source=s&"
          "exclude_source=other&target=t&conversation_id=k&"
          "trace_id=11111111111111111111111111111111&search=needle&since=2026-01-01T00:00:00Z&"
          "until=2026-01-01T00:00:00%2B00:00&limit=2&offset=1&order=oldest&total=exact");
  EXPECT_EQ(page["total"], 3);
  EXPECT_EQ(page["limit"], 2);
  EXPECT_EQ(page["offset"], 1);
  ASSERT_EQ(page["events"].size(), 2U);
  EXPECT_EQ(page["events"][0]["agent"], "b");
  const json next = get("/api/v1/audit?limit=1");
  EXPECT_EQ(get("/api/v1/audit?limit=1&cursor=" + next["next_cursor"].get<std::string>())["events"]
                .size(),
            1U);
}

TEST_F(ApiTest, AWrongParameterIsNamed) {
  for (const auto& [query, name] : std::map<std::string, std::string>{{"limit=0", "limit"},
                                                                      {"limit=1001", "limit"},
                                                                      {"limit=ten", "limit"},
                                                                      {"limit=1&limit=2", "limit"},
                                                                      {"offset=-1", "offset"},
                                                                      {"since=yesterday", "since"},
                                                                      {"order=sideways", "order"},
                                                                      {"total=maybe", "total"},
                                                                      {"cursor=nonsense", "cursor"},
                                                                      {"limt=5", "limt"},
                                                                      {"agent=%zz", "agent"}}) {
    const json problem = get("/api/v1/audit?" + query, 400);
    EXPECT_NE(problem["detail"].get<std::string>().find(name), std::string::npos)
        << query << ": " << problem["detail"];
  }
}

TEST_F(ApiTest, AnswersStatsHistogramGroupsConversationsAndPending) {
  post(R"([{"category":"llm","agent":"a","conversation_id":"k","duration_ms":5,)"
       R"("timestamp":"2026-01-01T00:00:00Z"},{"category":"tool_call","agent":"b",)"
       R"("timestamp":"2026-01-02T00:00:00Z","status":"pending","span_id":"1111111111111111"}])");
  EXPECT_EQ(get("/api/v1/audit/stats?exclude_source=x")["by_category"]["llm"], 1);
  EXPECT_EQ(get("/api/v1/audit/histogram?buckets=5").size(), 5U);
  EXPECT_EQ(get("/api/v1/audit/groups?by=agent")["groups"].size(), 2U);
  EXPECT_EQ(get("/api/v1/audit/conversations")["conversations"][0]["conversation_id"], "k");
  EXPECT_EQ(get("/api/v1/audit/pending")["total"], 1);
  get("/api/v1/audit/histogram?buckets=0", 400);
  get("/api/v1/audit/histogram?buckets=1001", 400);
  get("/api/v1/audit/groups?by=colour", 400);
}

TEST_F(ApiTest, OneEventAndItsProof) {
  post(R"({"category":"llm","summary":"s"})");
  EXPECT_EQ(get("/api/v1/audit/1")["summary"], "s");
  EXPECT_EQ(get("/api/v1/audit/1/proof")["format"], "agentaudit-bundle/1");
  get("/api/v1/audit/2", 404);
  get("/api/v1/audit/0", 400);
  get("/api/v1/audit/abc", 400);
  get("/api/v1/audit/1/2", 404);
  get("/checkpoint", 404);  // there is no key
}

TEST_F(ApiTest, APageHasATagThatHoldsUntilItWouldChange) {
  post(R"({"category":"llm"})");
  const std::string tag = header(ask("GET", "/api/v1/audit"), "ETag");
  ASSERT_FALSE(tag.empty());
  const HttpResponse same =
      ask("GET", "/api/v1/audit", {{.name = "If-None-Match", .value = "\"x\", " + tag}});
  EXPECT_EQ(same.status, 304);
  EXPECT_TRUE(same.body.empty());
  post(R"({"category":"llm"})");
  EXPECT_EQ(ask("GET", "/api/v1/audit", {{.name = "If-None-Match", .value = tag}}).status, 200);
}

TEST_F(ApiTest, ExportsAllThatMatches) {
  for (int i = 0; i < 3; ++i) post(R"([{"category":"llm"},{"category":"skill"}])");
  const HttpResponse lines = ask("GET", "/api/v1/audit/export?category=llm");
  EXPECT_EQ(header(lines, "Content-Type"), "application/x-ndjson");
  const std::string text = whole(lines);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 3);
  EXPECT_TRUE(whole(ask("GET", "/api/v1/audit/export?format=csv")).starts_with("id,timestamp,"));
  EXPECT_EQ(ask("GET", "/api/v1/audit/export?format=xml").status, 400);
  EXPECT_EQ(ask("GET", "/api/v1/audit/export?limit=5").status, 400);
}

TEST_F(ApiTest, WhatIsNotThereIsSaid) {
  get("/api/v1/nothing", 404);
  const HttpResponse wrong = ask("DELETE", "/api/v1/audit");
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(header(wrong, "Allow"), "POST, GET");
  EXPECT_EQ(ask("HEAD", "/api/v1/audit").status, 200);
  EXPECT_EQ(ask("GET", "/%zz").status, 400);
}

TEST_F(ApiTest, AnAnswerIsNeverTakenForAPage) {
  const HttpResponse response = ask("GET", "/api/v1/audit");
  EXPECT_EQ(header(response, "X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(header(response, "Content-Security-Policy"),
            "default-src 'none'; frame-ancestors 'none'");
}

TEST_F(ApiTest, CountsAddUp) {
  post(R"([{"category":"llm"},{"category":"llm"}])");
  post(R"([{"category":"llm"},{}])");
  ASSERT_TRUE(store_->close());
  EXPECT_EQ(post(R"({"category":"llm"})").status, 503);
  const std::string text = ask("GET", "/metrics").body;
  EXPECT_NE(text.find("agentaudit_events_offered_total{door=\"http\"} 5\n"), std::string::npos);
  EXPECT_NE(text.find("agentaudit_events_durable_total{door=\"http\"} 2\n"), std::string::npos);
  EXPECT_NE(text.find("agentaudit_events_refused_total{door=\"http\"} 2\n"), std::string::npos);
  EXPECT_NE(text.find("agentaudit_events_dropped_total{door=\"http\"} 1\n"), std::string::npos);
  EXPECT_NE(text.find("agentaudit_http_requests_total{route=\"/api/v1/audit\",code=\"201\"} 1\n"),
            std::string::npos);
}

TEST_F(ApiTest, AClosedTrailIsNotReady) {
  get("/healthz");
  get("/readyz");
  ASSERT_TRUE(store_->close());
  get("/healthz");
  const HttpResponse response = ask("GET", "/readyz");
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(header(response, "Retry-After"), "1");
}

// The description and the handlers are held against each other: each route is there, takes
// the parameters that it is said to take, and no other.
TEST_F(ApiTest, TheDescriptionIsTrue) {
  post(R"({"category":"llm"})");
  const json document = get("/openapi.json");
  EXPECT_EQ(document["openapi"], "3.1.0");
  std::size_t operations = 0;
  for (const auto& [path, methods] : document["paths"].items()) {
    for (const auto& [method, operation] : methods.items()) {
      ++operations;
      std::string target = path;
      if (const auto at = target.find("{id}"); at != std::string::npos) target.replace(at, 4, "1");
      if (method == "post") {
        // It is there, and says what it takes.
        EXPECT_EQ(ask("POST", target).status, 415) << target;
        continue;
      }
      for (const auto& parameter : operation["parameters"]) {
        if (parameter["in"] != "query") continue;
        const std::string name = parameter["name"];
        // Absent in effect, but known.
        EXPECT_LT(ask("GET", target + "?" + name + "=").status, 400) << target << " " << name;
      }
      EXPECT_EQ(ask("GET", target + "?no_such_parameter=1").status, 400) << target;
    }
  }
  EXPECT_EQ(operations, Api::routes().size());
}

TEST_F(ApiTest, AFilterInMemoryFindsWhatTheStoreFinds) {
  const std::vector<std::string> names = {"", "a", "B", "needle"};
  for (int i = 0; i < 64; ++i) {
    Event event;
    event.category = i % 2 == 0 ? "llm" : "skill";
    event.status = i % 3 == 0 ? "ok" : "error";
    event.agent = names[static_cast<std::size_t>(i) % 4];
    event.source = names[static_cast<std::size_t>(i / 4) % 4];
    event.summary = i % 5 == 0 ? "a NEEDLE here" : "nothing";
    event.timestamp = at(i + 1);
    store_->insert(event).value();
  }
  std::vector<ListOpts> questions(8);
  questions[1].categories = {"llm"};
  questions[2].statuses = {"error", "denied"};
  questions[3].agents = {"a", "B"};
  questions[4].exclude_sources = {"a"};
  questions[5].search = "needle";
  questions[6].since = at(10);
  questions[6].until = at(20);
  questions[7].sources = {"needle"};
  questions[7].categories = {"skill"};
  for (ListOpts& question : questions) {
    question.limit = 1'000;
    std::int64_t found = 0;
    for (EventId id = 1; id <= 64; ++id) found += matches(question, *store_->get(id)) ? 1 : 0;
    EXPECT_EQ(found, store_->list(question)->total);
  }
}

}  // namespace
}  // namespace agentaudit
