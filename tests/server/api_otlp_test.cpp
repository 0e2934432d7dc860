// OTLP over HTTP, without sockets.

#include <protozero/pbf_reader.hpp>
#include <protozero/pbf_writer.hpp>

#include "server/api_fixture.h"

namespace agentaudit {
namespace {

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

TEST_F(ApiTest, ABadRecordIsCountedInThePartialSuccessOfProtobufToo) {
  constexpr int bad = 300;
  std::string body;
  {
    protozero::pbf_writer request(body);
    protozero::pbf_writer resource(request, 1);
    protozero::pbf_writer scope(resource, 2);
    for (int i = 0; i <= bad; ++i) {
      protozero::pbf_writer span(scope, 2);
      span.add_bytes(1, std::string(16, 'a'));
      if (i == bad) span.add_bytes(2, std::string(8, 'b'));
    }
  }
  const HttpResponse response = ask(
      "POST", "/v1/traces", {{.name = "Content-Type", .value = "application/x-protobuf"}}, body);
  EXPECT_EQ(response.status, 200);
  protozero::pbf_reader answer(response.body);
  ASSERT_TRUE(answer.next(1));
  protozero::pbf_reader partial = answer.get_message();
  ASSERT_TRUE(partial.next(1));
  EXPECT_EQ(partial.get_int64(), bad);
  ASSERT_TRUE(partial.next(2));
  EXPECT_TRUE(partial.get_string().starts_with(
      "a span without a trace id of 16 bytes and a span id of 8; a span without"));
  EXPECT_FALSE(partial.next());
  EXPECT_FALSE(answer.next());
  EXPECT_NE(
      ask("GET", "/metrics").body.find("agentaudit_events_refused_total{door=\"otlp\"} 300\n"),
      std::string::npos);
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

TEST_F(ApiTest, OtlpIsRefusedWhileTooMuchWaitsForTheTrail) {
  Api api(store_, {.otlp = {.waiting_events_max = 0}});
  HttpRequest request;
  request.method = "POST";
  request.path = "/v1/traces";
  request.headers = {{.name = "Host", .value = "localhost"},
                     {.name = "Content-Type", .value = "application/json"}};
  request.body = one_span;
  ASSERT_TRUE(store_->close());
  EXPECT_EQ(api.handle(request).status, 503);
  const HttpResponse second = api.handle(request);
  EXPECT_EQ(second.status, 503);
  EXPECT_NE(second.body.find("1 events wait for the trail"), std::string::npos) << second.body;
  EXPECT_NE(api.handle(request).body.find("1 events wait"), std::string::npos);
}

TEST_F(ApiTest, OtlpThatIsHeldIsInTheJournalUntilTheTrailHasIt) {
  Api api(store_,
          {.otlp = {.journal = std::make_shared<OtlpJournal>(OtlpJournal::open(path_).value())}});
  HttpRequest request;
  request.method = "POST";
  request.path = "/v1/traces";
  request.headers = {{.name = "Host", .value = "localhost"},
                     {.name = "Content-Type", .value = "application/json"}};
  // A call, whose end another span will tell.
  request.body =
      R"({"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"0af7651916cd43dd8448eb211c80319c",)"
      R"("spanId":"b7ad6b7169203331","name":"claude_code.tool","startTimeUnixNano":"1000000000",)"
      R"("attributes":[{"key":"tool_name","value":{"stringValue":"Bash"}}]}]}]}]})";
  EXPECT_EQ(api.handle(request).status, 200);
  EXPECT_GT(OtlpJournal::waiting_bytes(path_), 0);
  EXPECT_EQ(store_->last_id().value(), 0);
  api.stop();
  EXPECT_EQ(store_->get(1)->target, "Bash");
  EXPECT_EQ(OtlpJournal::waiting_bytes(path_), 0);
  EXPECT_EQ(api.handle(request).status, 503);
}

TEST_F(ApiTest, OtlpThatTheTrailCannotTakeIsToBeSentAgain) {
  ASSERT_TRUE(store_->close());
  const HttpResponse response =
      ask("POST", "/v1/traces", {{.name = "Content-Type", .value = "application/json"}},
          std::string(one_span));
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(header(response, "Retry-After"), "1");
}

}  // namespace
}  // namespace agentaudit
