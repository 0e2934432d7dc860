// What the daemon tells of the trail's integrity.

#include "server/verifier.h"

#include <chrono>
#include <string>
#include <thread>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "server/api_fixture.h"

namespace agentaudit {
namespace {

using namespace std::chrono_literals;

class VerifierTest : public ApiTest {
 protected:
  // Asks until no run is under way.
  json verdict(const std::string& query = {}) {
    json answer = get("/api/v1/audit/verify" + query);
    for (int i = 0; i < 3'000 && answer["running"].get<bool>(); ++i) {
      std::this_thread::sleep_for(10ms);
      answer = get("/api/v1/audit/verify");
    }
    return answer;
  }
};

TEST_F(VerifierTest, TheFirstQuestionStartsARunAndTheVerdictIsKept) {
  post(R"([{"category":"llm"},{"category":"tool_call"}])");
  const json first = verdict();
  EXPECT_EQ(first["verification"]["verdict"], "intact");
  EXPECT_EQ(first["verification"]["level"], "unsigned");
  EXPECT_EQ(first["verification"]["events"], 2);
  post(R"({"category":"llm"})");
  EXPECT_EQ(verdict(), first);
  const json fresh = verdict("?fresh=true");
  EXPECT_EQ(fresh["verification"]["events"], 3);
  EXPECT_NE(fresh["finished"], first["finished"]);
  EXPECT_GE(fresh["took_ms"].get<int>(), 0);
}

TEST_F(VerifierTest, AWrongParameterIsNamed) {
  EXPECT_NE(ask("GET", "/api/v1/audit/verify?fresh=perhaps").body.find("fresh"), std::string::npos);
}

TEST_F(VerifierTest, ARunAsksForWhatToVerifyBy) {
  std::atomic<int> asked = 0;
  Verifier verifier(store_, [&](Store&) {
    ++asked;
    VerifyOpts opts;
    opts.keys = {"no key at all"};
    return opts;
  });
  json answer = json::parse(verifier.answer(false));
  for (int i = 0; i < 3'000 && answer["running"].get<bool>(); ++i) {
    std::this_thread::sleep_for(10ms);
    answer = json::parse(verifier.answer(false));
  }
  EXPECT_EQ(asked, 1);
  EXPECT_FALSE(answer.contains("verification") && answer.contains("error"));
  EXPECT_TRUE(answer.contains("finished"));
}

TEST_F(VerifierTest, NoRunStartsOnceItWasStopped) {
  Verifier verifier(store_, {});
  verifier.stop();
  EXPECT_FALSE(json::parse(verifier.answer(true))["running"].get<bool>());
}

TEST_F(VerifierTest, TheEvidenceOfAQuestionIsOneBundle) {
  post(R"([{"category":"llm","agent":"ada"},{"category":"llm","agent":"bob"}])");
  const json bundle = get("/api/v1/audit/bundle?agent=bob");
  ASSERT_EQ(bundle["events"].size(), 1U);
  EXPECT_EQ(bundle["events"][0]["event"]["agent"], "bob");
  EXPECT_EQ(bundle["query"]["agents"], json({"bob"}));
  EXPECT_NE(header(ask("GET", "/api/v1/audit/bundle"), "Content-Disposition"), "");
  EXPECT_EQ(ask("GET", "/api/v1/audit/bundle?agent=nobody").status, 404);
}

TEST_F(VerifierTest, ABriefPageHasNoDetails) {
  post(R"({"category":"llm","summary":"said","detail":{"a":1}})");
  EXPECT_EQ(get("/api/v1/audit?brief=true")["events"][0]["detail"], "");
  EXPECT_EQ(get("/api/v1/audit?brief=true")["events"][0]["summary"], "said");
  EXPECT_EQ(get("/api/v1/audit?brief=false")["events"][0]["detail"], R"({"a":1})");
  EXPECT_EQ(ask("GET", "/api/v1/audit?brief=short").status, 400);
}

}  // namespace
}  // namespace agentaudit
