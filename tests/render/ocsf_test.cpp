#include "agentaudit/render/ocsf.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "agentaudit/core/names.h"

namespace agentaudit {
namespace {

using nlohmann::json;

json ocsf_of(const Event& event) {
  std::string out;
  append_ocsf(out, event);
  EXPECT_EQ(out.find('\n'), std::string::npos);
  return json::parse(out);
}

Event denied_call() {
  Event event;
  event.id = 7;
  event.timestamp = Timestamp::from_ns(1'700'000'000'123'456'789);
  event.category = category::tool_call;
  event.action = "execute";
  event.agent = "researcher";
  event.summary = "bash: rm -rf /";
  event.detail = R"({"arguments":{"command":"rm -rf /"}})";
  event.status = status::denied;
  event.duration = std::chrono::milliseconds(12);
  event.source = "hook";
  event.conversation_id = "c";
  event.target = "bash";
  event.principal = "ada";
  event.trace_id = "0af7651916cd43dd8448eb211c80319c";
  return event;
}

TEST(Ocsf, HasWhatTheClassRequires) {
  const json record = ocsf_of(denied_call());
  EXPECT_EQ(record["class_uid"], 6003);
  EXPECT_EQ(record["category_uid"], 6);
  EXPECT_EQ(record["activity_id"], 99);
  EXPECT_EQ(record["activity_name"], "execute");
  EXPECT_EQ(record["type_uid"], 600399);
  EXPECT_EQ(record["time"], 1'700'000'000'123);
  EXPECT_EQ(record["severity_id"], 3);
  EXPECT_EQ(record["status_id"], 2);
  EXPECT_EQ(record["status_detail"], "denied");
  EXPECT_EQ(record["message"], "bash: rm -rf /");
  EXPECT_EQ(record["duration"], 12);
  EXPECT_EQ(record["actor"], json::parse(R"({"app_name":"researcher","user":{"name":"ada"},)"
                                         R"("session":{"uid":"c"}})"));
  EXPECT_EQ(record["api"],
            json::parse(R"({"operation":"tool_call.execute","service":{"name":"bash"}})"));
  EXPECT_EQ(record["src_endpoint"]["name"], "hook");
  EXPECT_EQ(record["metadata"]["version"], "1.3.0");
  EXPECT_EQ(record["metadata"]["product"]["vendor_name"], "agentaudit");
  EXPECT_EQ(record["metadata"]["uid"], "7");
  EXPECT_EQ(record["metadata"]["original_time"], "2023-11-14T22:13:20.123456789Z");
  EXPECT_EQ(record["metadata"]["correlation_uid"], "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(record["unmapped"]["detail"], R"({"arguments":{"command":"rm -rf /"}})");
}

TEST(Ocsf, HasAllThatIsRequiredOfAnEmptyEvent) {
  const json record = ocsf_of({});
  for (const char* name : {"activity_id", "actor", "api", "category_uid", "class_uid", "metadata",
                           "severity_id", "src_endpoint", "time", "type_uid"}) {
    EXPECT_TRUE(record.contains(name)) << name;
  }
  EXPECT_FALSE(record["actor"].empty());
  EXPECT_FALSE(record["src_endpoint"].empty());
}

TEST(Ocsf, TellsWhatWasDoneByTheFirstWord) {
  struct Case {
    std::string action;
    int activity;
  };
  for (const Case& of : {Case{"create_entities", 1}, Case{"READ", 2}, Case{"list.tools", 2},
                         Case{"update", 3}, Case{"delete-file", 4}, Case{"creates", 99}}) {
    Event event;
    event.action = of.action;
    EXPECT_EQ(ocsf_of(event)["activity_id"], of.activity) << of.action;
  }
}

TEST(Ocsf, RanksWhatSafetyRefusedTheHighest) {
  Event event = denied_call();
  event.category = category::safety;
  EXPECT_EQ(ocsf_of(event)["severity_id"], 4);
  event.status = status::ok;
  EXPECT_EQ(ocsf_of(event)["severity_id"], 1);
  EXPECT_EQ(ocsf_of(event)["status"], "Success");
  event.status = status::pending;
  EXPECT_EQ(ocsf_of(event)["status_id"], 99);
}

TEST(Ocsf, IsJsonWhateverBytesTheEventHolds) {
  Event event;
  event.summary = std::string("\xff\x00\x1b[2J\n\u202e", 10);
  event.detail = "no json {";
  EXPECT_EQ(ocsf_of(event)["unmapped"]["detail"], "no json {");
  EXPECT_EQ(ocsf_of(event)["message"].get<std::string>().substr(0, 3), "\xef\xbf\xbd");
}

}  // namespace
}  // namespace agentaudit
