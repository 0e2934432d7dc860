// What the API answers, without sockets.

#include "core/gzip.h"
#include "ledger/note_signer.h"
#include "server/api_fixture.h"
#include "server/event_filter.h"

namespace agentaudit {
namespace {

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

TEST_F(ApiTest, AnEventOfAnotherTrailIsStoredOnceWhereverItStandsInABody) {
  const std::string other(32, 'a');
  const auto ship = [&](const std::string& body, const std::string& trail) {
    return post(body, "application/json", {{.name = "Agentaudit-Trail", .value = trail}});
  };
  const std::string both = R"([{"id":7,"category":"llm"},{"id":9,"category":"skill"}])";
  EXPECT_EQ(ship(both, other).body, R"({"ids":[1,2]})");
  EXPECT_EQ(ship(R"([{"id":9,"category":"skill"},{"id":10,"category":"mcp"}])", other).body,
            R"({"ids":[2,3]})");
  EXPECT_EQ(ship(both, std::string(32, 'b')).body, R"({"ids":[4,5]})");
  const HttpResponse nameless = ship(R"([{"category":"llm"}])", other);
  EXPECT_EQ(nameless.status, 400);
  EXPECT_NE(nameless.body.find("event 1: no id"), std::string::npos) << nameless.body;
  EXPECT_EQ(ship(both, "no trail").status, 400);
  EXPECT_EQ(ship(both, *store_->trail_id()).status, 409);
  EXPECT_EQ(post(both, "application/json",
                 {{.name = "Agentaudit-Trail", .value = other},
                  {.name = "Idempotency-Key", .value = "k"}})
                .status,
            400);
  EXPECT_EQ(get("/api/v1/audit")["total"], 5);
}

TEST_F(ApiTest, AnEventOfAnotherTrailThatCameBeforeAsAnotherIsAFork) {
  const auto ship = [&](const std::string& body) {
    return post(body, "application/json",
                {{.name = "Agentaudit-Trail", .value = std::string(32, 'a')}});
  };
  const std::string first =
      R"({"id":7,"timestamp":"2026-01-02T03:04:05Z","category":"llm","summary":"s"})";
  EXPECT_EQ(ship("[" + first + "]").status, 201);
  EXPECT_EQ(ship("[" + first + R"(,{"id":8,"category":"llm"}])").body, R"({"ids":[1,2]})");
  const HttpResponse forked =
      ship(R"([{"id":9,"category":"llm"},)"
           R"({"id":7,"timestamp":"2026-01-02T03:04:05Z","category":"llm","summary":"t"}])");
  EXPECT_EQ(forked.status, 409);
  EXPECT_NE(forked.body.find("event 7 of trail aaaa"), std::string::npos) << forked.body;
  EXPECT_NE(forked.body.find("the trail was forked"), std::string::npos);
  // What is new is stored all the same, and a text that was erased may be another.
  EXPECT_EQ(get("/api/v1/audit")["total"], 3);
  EXPECT_EQ(
      ship(
          R"([{"id":7,"timestamp":"2026-01-02T03:04:05Z","category":"llm","summary":"[redacted]"}])")
          .status,
      201);
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
  std::string lines;
  for (int i = 0; i <= 10'000; ++i) lines += i % 2 == 0 ? "{}\n" : "{\"category\":\"llm\"}\n";
  EXPECT_NE(post(lines, "application/x-ndjson").body.find("more than 10000 events in one body"),
            std::string::npos);
  EXPECT_EQ(get("/api/v1/audit")["total"], 0);
}

TEST_F(ApiTest, AnEventOverTheLimitIsCut) {
  EXPECT_EQ(post(R"({"category":"llm","detail":")" + std::string(2U << 20U, 'x') + "\"}").status,
            201);
  EXPECT_TRUE(store_->get(1)->detail.starts_with(R"({"truncated":true,)"));
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

TEST_F(ApiTest, AWrongParameterIsNamedWhateverIsAsked) {
  for (const std::string asked : {"stats?since=x",
                                  "stats?limit=5",
                                  "histogram?until=x",
                                  "histogram?buckets=0",
                                  "groups?by=x",
                                  "groups?since=x",
                                  "groups?limit=0",
                                  "conversations?since=x",
                                  "conversations?until=x",
                                  "conversations?limit=0",
                                  "conversations?offset=x",
                                  "pending?since=x",
                                  "pending?until=x",
                                  "pending?limit=0",
                                  "pending?conversation_id=1&conversation_id=2",
                                  "export?since=x",
                                  "export?format=x",
                                  "export?format=csv&format=csv",
                                  "bundle?since=x",
                                  "stream?since=x",
                                  "stream?last_event_id=x",
                                  "verify?fresh=x",
                                  "verify?since=x"}) {
    const std::size_t mark = asked.find('?');
    const std::string name = asked.substr(mark + 1, asked.find('=') - mark - 1);
    const json problem = get("/api/v1/audit/" + asked, 400);
    EXPECT_NE(problem["detail"].get<std::string>().find(name), std::string::npos)
        << asked << ": " << problem["detail"];
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
  // What is not what was recorded cannot be proved.
  ASSERT_TRUE(raw(SqliteConnection::Mode::read_write).exec("UPDATE events SET summary = 'x'"));
  get("/api/v1/audit/1/proof", 500);
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

TEST_F(ApiTest, APageSaysAfterWhichEventToFollow) {
  const auto newest = [&](const std::string& path) {
    return header(ask("GET", path), "Last-Event-ID");
  };
  EXPECT_EQ(newest("/api/v1/audit"), "0");
  post(R"([{"category":"llm"},{"category":"skill"}])");
  EXPECT_EQ(newest("/api/v1/audit"), "2");
  EXPECT_EQ(newest("/api/v1/audit?category=llm&limit=1&order=oldest"), "2");
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
      if (const auto at = target.find("{path}"); at != std::string::npos) {
        target.replace(at, 6, "0/000");
      }
      if (method == "post") {
        // It is there, and says what it takes.
        EXPECT_EQ(ask("POST", target).status, 415) << target;
        continue;
      }
      for (const auto& parameter : operation["parameters"]) {
        if (parameter["in"] != "query") continue;
        const std::string name = parameter["name"];
        // Absent in effect, but known.
        EXPECT_NE(ask("GET", target + "?" + name + "=").status, 400) << target << " " << name;
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
    for (EventId id = 1; id <= 64; ++id)
      found += EventFilter(question).matches(*store_->get(id)) ? 1 : 0;
    EXPECT_EQ(found, store_->list(question)->total);
  }
}

TEST_F(ApiTest, AReadOfDetailsIsRecordedBeforeItIsAnswered) {
  Api api(store_, {.audit_reads = true});
  HttpRequest request;
  request.method = "GET";
  request.path = "/api/v1/audit";
  request.query = "agent=ada";
  request.headers = {{.name = "Host", .value = "localhost"}};
  request.peer = "10.0.0.7";
  EXPECT_EQ(api.handle(request).status, 200);
  request.path = "/api/v1/audit/stats";
  EXPECT_EQ(api.handle(request).status, 200);
  const json page = get("/api/v1/audit");
  ASSERT_EQ(page["events"].size(), 1U);
  const json& read = page["events"][0];
  EXPECT_EQ(read["category"], "audit");
  EXPECT_EQ(read["action"], "read");
  EXPECT_EQ(read["summary"], "read /api/v1/audit?agent=ada");
  EXPECT_EQ(json::parse(read["detail"].get<std::string>())["peer"], "10.0.0.7");
  // What cannot be recorded is not shown.
  ASSERT_TRUE(store_->close());
  request.path = "/api/v1/audit/1";
  request.query = "";
  EXPECT_EQ(api.handle(request).status, 503);
  api.stop();
}

TEST_F(ApiTest, EveryRequestIsTold) {
  std::vector<std::string> told;
  Api api(store_, {.on_request = [&](const RequestRecord& record) {
            told.push_back(std::string(record.method) + " " + std::string(record.path) + " " +
                           std::to_string(record.status));
          }});
  HttpRequest request;
  request.method = "GET";
  request.path = "/nowhere";
  request.headers = {{.name = "Host", .value = "localhost"}};
  EXPECT_EQ(api.handle(request).status, 404);
  request.path = "/healthz";
  EXPECT_EQ(api.handle(request).status, 200);
  EXPECT_EQ(told, (std::vector<std::string>{"GET /nowhere 404", "GET /healthz 200"}));
}

TEST_F(ApiTest, GivesTheTilesOfASignedTree) {
  ASSERT_TRUE(store_->close());
  SqliteStoreOptions options;
  options.signing_key = *NoteSigner::generate("own.example").value().private_text();
  const auto store = SqliteStore::open(path_, options).value();
  Api api(store, {});
  const auto ask_tile = [&](const std::string& path) {
    HttpRequest request;
    request.method = "GET";
    request.path = "/tile/" + path;
    request.headers = {{.name = "Host", .value = "localhost"}};
    return api.handle(request);
  };
  EXPECT_EQ(ask_tile("0/000").status, 404);  // there is no checkpoint
  append(*store, 300);
  ASSERT_TRUE(store->checkpoint());
  const HttpResponse hashes = ask_tile("0/000");
  EXPECT_EQ(hashes.status, 200);
  EXPECT_EQ(hashes.body.size(), 256U * 32U);
  EXPECT_EQ(header(hashes, "Content-Type"), "application/octet-stream");
  EXPECT_EQ(ask_tile("entries/001.p/44").status, 200);
  EXPECT_EQ(ask_tile("0/002").status, 404);
  EXPECT_EQ(ask_tile("../audit.db").status, 404);
  api.stop();
}

TEST_F(ApiTest, ExportsForASiem) {
  post(R"({"category":"llm","agent":"ada"})");
  const HttpResponse response = ask("GET", "/api/v1/audit/export?format=ocsf");
  EXPECT_EQ(json::parse(whole(response))["class_uid"], 6003);
  EXPECT_EQ(ask("GET", "/api/v1/audit/export?format=xml").status, 400);
}

TEST_F(ApiTest, AQuestionOfAClientThatHasGoneIsBrokenOffAndCountedApart) {
  append(*store_, 10);
  std::stop_source gone;
  gone.request_stop();
  for (const char* const question :
       {"/api/v1/audit", "/api/v1/audit/stats", "/api/v1/audit/conversations",
        "/api/v1/audit/pending", "/api/v1/audit/bundle"}) {
    EXPECT_EQ(ask("GET", question, {}, {}, gone.get_token()).status, 499) << question;
  }
  EXPECT_NE(ask("GET", "/metrics").body.find("code=\"499\"} 1\n"), std::string::npos);
  const HttpResponse cut = ask("GET", "/api/v1/audit/export", {}, {}, gone.get_token());
  std::string body;
  EXPECT_EQ(cut.source->produce(body), BodySource::State::broken);
}

TEST_F(ApiTest, WhatAClientGaveIsStoredThoughItHasGone) {
  std::stop_source gone;
  gone.request_stop();
  const HttpResponse stored =
      ask("POST", "/api/v1/audit", {{.name = "Content-Type", .value = "application/json"}},
          R"({"category":"llm"})", gone.get_token());
  EXPECT_EQ(stored.status, 201);
  EXPECT_EQ(store_->list({})->total, 1);
}

}  // namespace
}  // namespace agentaudit
