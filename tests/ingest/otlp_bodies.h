// Bodies of OTLP requests for tests, in both encodings.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "agentaudit/ingest/otlp.h"

namespace agentaudit {

// A span by what tests care about; ids are short and filled up with zeros in front.
struct TestSpan {
  std::string id = "1";
  std::string parent{};
  std::string name = "work";
  nlohmann::json attributes = nlohmann::json::object();  // of plain values
  int status = 0;
  std::string message{};
  std::string trace = "a";
  nlohmann::json events = nlohmann::json::array();  // of {"name", "attributes"}, plain
};

struct TestLog {
  nlohmann::json attributes = nlohmann::json::object();
  nlohmann::json body{};  // plain
  std::string span{};
  std::string trace = "a";
  std::string event_name{};
  std::int64_t time_ns = 1'700'000'002'000'000'000;
};

// When every test span starts; it ends 1.5 s later.
inline constexpr std::int64_t test_start_ns = 1'700'000'000'000'000'000;

// Plain values as OTLP's key-value pairs.
nlohmann::json otlp_attributes(const nlohmann::json& plain);

nlohmann::json traces_request(const std::vector<TestSpan>& spans,
                              const nlohmann::json& resource = {{"service.name", "shop"}});
nlohmann::json logs_request(const std::vector<TestLog>& logs,
                            const nlohmann::json& resource = {{"service.name", "shop"}});

// The same request in protobuf.
std::string protobuf_of(const nlohmann::json& request);

// The batch of a request, after a look that both encodings give the same.
OtlpBatch decode_both(const nlohmann::json& request);

// The events of one or more requests, complete, by time and key.
std::vector<KeyedEvent> events_of(const std::vector<nlohmann::json>& requests);
// The event of a request that has one; a default one after a failure.
Event event_of(const TestSpan& span);
Event event_of(const TestLog& log);

// All events that wait, without regard to order.
std::vector<KeyedEvent> flushed(OtlpAssembler& assembler);

}  // namespace agentaudit
