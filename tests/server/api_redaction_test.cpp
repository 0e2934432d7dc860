// Secrets that are posted, without sockets.

#include "server/api_fixture.h"

namespace agentaudit {
namespace {

const std::string token = "ghp_" + std::string("x9Kd02mPq7Rt5Vw1Yz3Bc8Df6Gh4Jk0LmN2p");

class ApiRedactionTest : public ApiTest {
 protected:
  ApiRedactionTest() {
    RedactorOptions options;
    options.key = [] { return RedactionKey{}; };
    redacting_ = std::make_unique<Api>(store_, ApiOptions{.redactor = *Redactor::create(options)});
  }

  HttpResponse send(const std::string& path, std::string body, std::string idempotency_key = {}) {
    HttpRequest request;
    request.method = "POST";
    request.path = path;
    request.headers = {{.name = "Host", .value = "localhost"},
                       {.name = "Content-Type", .value = "application/json"}};
    if (!idempotency_key.empty()) {
      request.headers.push_back({.name = "Idempotency-Key", .value = std::move(idempotency_key)});
    }
    request.body = std::move(body);
    return redacting_->handle(request);
  }
  std::string metrics() {
    HttpRequest request;
    request.method = "GET";
    request.path = "/metrics";
    request.headers = {{.name = "Host", .value = "localhost"}};
    return redacting_->handle(request).body;
  }

  std::unique_ptr<Api> redacting_;
};

TEST_F(ApiRedactionTest, AnEventLosesItsSecretsAndMetricsCountThem) {
  EXPECT_EQ(send("/api/v1/audit", R"([{"category":"llm","summary":")" + token +
                                      R"("},{"category":"llm","detail":{"t":")" + token +
                                      R"(","card":4111111111111111}}])")
                .status,
            201);
  EXPECT_EQ(store_->get(1)->summary.substr(0, 23), "[REDACTED:github-token:");
  const json detail = json::parse(store_->get(2)->detail);
  EXPECT_EQ(detail["t"], store_->get(1)->summary);
  EXPECT_TRUE(detail["card"].is_string());
  const std::string text = metrics();
  EXPECT_NE(text.find("agentaudit_redacted_total{kind=\"github-token\"} 2\n"), std::string::npos);
  EXPECT_NE(text.find("agentaudit_redacted_total{kind=\"payment-card\"} 1\n"), std::string::npos);
  EXPECT_NE(text.find("agentaudit_redaction_dropped_total 0\n"), std::string::npos);
}

TEST_F(ApiRedactionTest, ARepeatedRequestIsStillKnown) {
  const std::string body = R"({"category":"llm","summary":")" + token + "\"}";
  EXPECT_EQ(send("/api/v1/audit", body, "try-1").body, R"({"ids":[1]})");
  EXPECT_EQ(send("/api/v1/audit", body, "try-1").body, R"({"ids":[1]})");
}

TEST_F(ApiRedactionTest, ALongDetailIsSearchedBeforeItIsCut) {
  // The cut would go through the middle of the token.
  const std::string head(limits::event_bytes_max / 2 - token.size() / 2 - 7, 'a');
  const std::string tail(limits::event_bytes_max, 'b');
  EXPECT_EQ(send("/api/v1/audit",
                 R"({"category":"llm","detail":{"a":")" + head + " " + token + " " + tail + "\"}}")
                .status,
            201);
  EXPECT_EQ(store_->get(1)->detail.find(token.substr(0, 12)), std::string::npos);
}

TEST_F(ApiRedactionTest, ASpanLosesItsSecretsAndIsStillTheSame) {
  const std::string body =
      R"({"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"0af7651916cd43dd8448eb211c80319c",)"
      R"("spanId":"b7ad6b7169203331","name":"execute_tool bash","startTimeUnixNano":"1000000000",)"
      R"("endTimeUnixNano":"2000000000","attributes":[{"key":"gen_ai.operation.name","value":)"
      R"({"stringValue":"execute_tool"}},{"key":"gen_ai.tool.name","value":{"stringValue":"bash"}},)"
      R"({"key":"gen_ai.tool.call.arguments","value":{"stringValue":"{\"cmd\":\"push )" +
      token + R"(\"}"}}]}]}]}]})";
  EXPECT_EQ(send("/v1/traces", body).status, 200);
  EXPECT_EQ(send("/v1/traces", body).status, 200);
  redacting_->stop();
  const json page = get("/api/v1/audit");
  ASSERT_EQ(page["total"], 1);
  EXPECT_EQ(page.dump().find(token), std::string::npos);
  EXPECT_NE(page.dump().find("[REDACTED:github-token:"), std::string::npos);
}

}  // namespace
}  // namespace agentaudit
