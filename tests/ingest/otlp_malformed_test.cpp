// Bodies that are wrong, strange or huge.
#include <gtest/gtest.h>

#include <protozero/pbf_writer.hpp>

#include "agentaudit/core/limits.h"
#include "ingest/otlp_bodies.h"

namespace agentaudit {
namespace {

using nlohmann::json;
using protozero::pbf_writer;

ErrorCode code_of(const Result<OtlpBatch>& batch) {
  EXPECT_FALSE(batch);
  return batch ? ErrorCode::io : batch.error().code;
}

json& first_record(json& resource) { return resource["scopeSpans"][0]["spans"][0]; }
json& first_span(json& request) { return first_record(request["resourceSpans"][0]); }

const TestSpan call{
    .attributes = {{"gen_ai.operation.name", "execute_tool"}, {"gen_ai.tool.name", "search"}}};

Result<OtlpBatch> decode_json(const json& request) {
  return decode_otlp_traces(request.dump(), OtlpEncoding::json);
}

// One event of a request whose single span has this as the text of an attribute's value.
json attribute_of(const std::string& value) {
  std::string body = traces_request({call}).dump();
  const std::string place = R"({"stringValue":"search"})";
  body.replace(body.find(place), place.size(), value);
  const auto batch = decode_otlp_traces(body, OtlpEncoding::json);
  EXPECT_TRUE(batch) << body;
  if (!batch || batch->events.size() != 1) return "none";
  return json::parse(batch->events[0].keyed.event.detail)["attributes"]["gen_ai.tool.name"];
}

TEST(OtlpBody, ThatIsEmptyHasNothing) {
  EXPECT_EQ(decode_otlp_traces("", OtlpEncoding::protobuf).value().records, 0);
  EXPECT_EQ(decode_otlp_traces("{}", OtlpEncoding::json).value().records, 0);
  EXPECT_EQ(decode_otlp_logs(R"({"resourceLogs":null})", OtlpEncoding::json).value().records, 0);
  EXPECT_EQ(decode_otlp_traces(R"({"resourceSpans":[{},{"scopeSpans":[{}]}]})", OtlpEncoding::json)
                .value()
                .records,
            0);
}

TEST(OtlpBody, ThatIsNoRequestIsAnErrorThatSaysWhere) {
  EXPECT_EQ(code_of(decode_otlp_traces("nonsense", OtlpEncoding::json)), ErrorCode::parse);
  EXPECT_EQ(code_of(decode_otlp_traces("", OtlpEncoding::json)), ErrorCode::parse);
  EXPECT_EQ(code_of(decode_otlp_traces("[]", OtlpEncoding::json)), ErrorCode::parse);
  EXPECT_EQ(code_of(decode_otlp_traces(R"({"resourceSpans":7})", OtlpEncoding::json)),
            ErrorCode::parse);
  std::string body = protobuf_of(traces_request({call}));
  const auto cut = decode_otlp_traces(body + '\x0a' + '\x7f', OtlpEncoding::protobuf);
  EXPECT_EQ(code_of(cut), ErrorCode::parse);
  EXPECT_NE(cut.error().message.find("after byte " + std::to_string(body.size())),
            std::string::npos)
      << cut.error().message;
}

TEST(OtlpBody, ThatIsTooLargeIsRefused) {
  const std::string large(limits::body_bytes_max + 1, ' ');
  EXPECT_EQ(code_of(decode_otlp_traces(large, OtlpEncoding::json)), ErrorCode::too_large);
  EXPECT_EQ(code_of(decode_otlp_logs(large, OtlpEncoding::protobuf)), ErrorCode::too_large);
}

TEST(OtlpBody, WithABadSpanGivesTheOthers) {
  const std::vector<TestSpan> spans = {call, call, call};
  json request = traces_request(spans);
  json& list = request["resourceSpans"][0]["scopeSpans"][0]["spans"];
  for (std::size_t i = 0; i < list.size(); ++i) {
    list[i]["spanId"] = std::string(15, '0') + std::to_string(i);
  }
  for (const char* id : {"", "12", "0000000000000000", "zzzzzzzzzzzzzzzz"}) {
    list[1]["spanId"] = id;
    const auto batch = decode_json(request);
    ASSERT_TRUE(batch);
    EXPECT_EQ(batch->rejected, 2) << id;  // the first has a zero id
    EXPECT_EQ(batch->events.size(), 1U) << id;
    ASSERT_FALSE(batch->reasons.empty());
    EXPECT_NE(batch->reasons[0].find("span id"), std::string::npos);
  }
  list[1] = "text";
  EXPECT_EQ(decode_json(request).value().rejected, 2);
}

TEST(OtlpBody, WithSomethingElseInThePlaceOfAListOrRecordIsOneBadRecord) {
  const json sound = traces_request({call})["resourceSpans"][0];
  json long_record = sound;
  first_record(long_record)["attributes"] = json(std::vector<int>(limits::json_values_max));
  json long_scope = sound;
  long_scope["scopeSpans"][0]["spans"] = "none";
  for (const auto& [part, reason] : std::vector<std::pair<json, std::string>>{
           {{{"scopeSpans", 7}}, "scopeSpans must be an array"},
           {long_scope, "spans must be an array"},
           {{{"resource", "shop"}}, "resource must be an object"},
           {long_record, "JSON with more than " + std::to_string(limits::json_values_max)}}) {
    const auto batch = decode_json({{"resourceSpans", {part, sound}}});
    ASSERT_TRUE(batch) << batch.error().message;
    EXPECT_EQ(batch->rejected, 1) << reason;
    EXPECT_EQ(batch->events.size(), 1U) << reason;
    ASSERT_EQ(batch->reasons.size(), 1U);
    EXPECT_TRUE(batch->reasons[0].starts_with(reason)) << batch->reasons[0];
  }
}

TEST(OtlpBody, TellsTheFirstTenReasons) {
  json request = traces_request(std::vector<TestSpan>(25, call));
  for (json& span : request["resourceSpans"][0]["scopeSpans"][0]["spans"]) span["traceId"] = "";
  const OtlpBatch batch = decode_json(request).value();
  EXPECT_EQ(batch.rejected, 25);
  EXPECT_EQ(batch.reasons.size(), 10U);
}

TEST(OtlpBody, OfMoreRecordsThanAllowedGivesTheFirst) {
  std::string span;
  pbf_writer writer(span);
  writer.add_bytes(1, std::string(16, 'a'));
  writer.add_bytes(2, std::string(8, 'b'));
  std::string body;
  {
    pbf_writer request(body);
    pbf_writer resource(request, 1);
    pbf_writer scope(resource, 2);
    for (std::size_t i = 0; i < limits::otlp_records_max + 3; ++i) scope.add_message(2, span);
  }
  const OtlpBatch batch = decode_otlp_traces(body, OtlpEncoding::protobuf).value();
  EXPECT_EQ(batch.rejected, 3);
  EXPECT_EQ(batch.contexts.size(), limits::otlp_records_max);
}

TEST(OtlpTime, IsANumberOrItsText) {
  json request = traces_request({call});
  first_span(request)["startTimeUnixNano"] = 1'600'000'000'000'000'000;
  EXPECT_EQ(decode_json(request).value().events.at(0).keyed.event.timestamp.ns(),
            1'600'000'000'000'000'000);
  for (const json& bad : {json("soon"), json("99999999999999999999"), json(-5), json(1e30),
                          json("18446744073709551615")}) {
    first_span(request)["startTimeUnixNano"] = bad;
    EXPECT_EQ(decode_json(request).value().rejected, 1) << bad;
  }
}

TEST(OtlpTime, OfALogRecordIsWhenItWasSeenWhereNobodySaysMore) {
  json request = logs_request({{.attributes = {{"event.name", "codex.user_prompt"}}}});
  json& log = request["resourceLogs"][0]["scopeLogs"][0]["logRecords"][0];
  log.erase("timeUnixNano");
  log["observedTimeUnixNano"] = "1600000000000000000";
  EXPECT_EQ(decode_both(request).events.at(0).keyed.event.timestamp.ns(),
            1'600'000'000'000'000'000);
  log["observedTimeUnixNano"] = "18446744073709551615";
  const OtlpBatch batch = decode_both(request);
  EXPECT_TRUE(batch.events.empty());
  EXPECT_EQ(batch.reasons, std::vector<std::string>{
                               "a log record with a time that is none, or after the year 2262"});
}

TEST(OtlpTime, ThatRunsBackwardsTakesNoTime) {
  json request = traces_request({call});
  first_span(request)["endTimeUnixNano"] = "1";
  EXPECT_EQ(decode_json(request).value().events.at(0).keyed.event.duration.count(), 0);
}

TEST(OtlpId, IsKnownInEitherCase) {
  json request = traces_request({call});
  first_span(request)["spanId"] = "ABCDEFabcdef0123";
  EXPECT_EQ(decode_json(request).value().events.at(0).keyed.event.span_id, "abcdefabcdef0123");
}

TEST(OtlpId, OfALogRecordThatIsWrongIsLeftOut) {
  json request = logs_request({{.attributes = {{"event.name", "codex.user_prompt"}}, .span = "1"}});
  json& log = request["resourceLogs"][0]["scopeLogs"][0]["logRecords"][0];
  log["traceId"] = "12";
  const auto batch = decode_otlp_logs(request.dump(), OtlpEncoding::json);
  ASSERT_TRUE(batch && batch->events.size() == 1);
  EXPECT_EQ(batch->events[0].keyed.event.trace_id, "");
  EXPECT_EQ(batch->events[0].keyed.event.parent_span_id, "");
}

TEST(OtlpValue, MayBeANumberOrItsText) {
  EXPECT_EQ(attribute_of(R"({"intValue":7})"), 7);
  EXPECT_EQ(attribute_of(R"({"intValue":"7"})"), 7);
  EXPECT_EQ(attribute_of(R"({"intValue":"-9223372036854775808"})"), INT64_MIN);
  EXPECT_EQ(attribute_of(R"({"intValue":"99999999999999999999"})"), "99999999999999999999");
  EXPECT_EQ(attribute_of(R"({"doubleValue":0.5})"), 0.5);
  EXPECT_EQ(attribute_of(R"({"doubleValue":"NaN"})"), "NaN");
  EXPECT_EQ(attribute_of(R"({"doubleValue":"-Infinity"})"), "-Infinity");
  EXPECT_EQ(attribute_of(R"({"doubleValue":1e999})"), "1e999");
  EXPECT_EQ(attribute_of(R"({"boolValue":true})"), true);
  EXPECT_EQ(attribute_of(R"({"bytesValue":"AAEC"})"), "AAEC");
  // What is not known takes nothing from what stands beside it.
  EXPECT_EQ(attribute_of(R"({"arrayValue":{"values":[{"intValue":7}]},"newValue":1})"), json({7}));
}

TEST(OtlpValue, OfAWrongTypeSaysNothing) {
  for (const char* value : {"{}", "null", "7", "[]", R"({"stringValue":7})", R"({"boolValue":1})",
                            R"({"arrayValue":7})", R"({"kvlistValue":{"values":7}})"}) {
    SUCCEED() << attribute_of(value);
  }
  EXPECT_EQ(attribute_of("{}"), nullptr);
  EXPECT_EQ(attribute_of(R"({"stringValue":7})"), nullptr);
}

TEST(OtlpValue, OfBytesIsBase64) {
  std::string span;
  {
    pbf_writer writer(span);
    writer.add_bytes(1, std::string(16, 'a'));
    writer.add_bytes(2, std::string(8, 'b'));
    for (const auto& [key, type, content] :
         {std::tuple{"gen_ai.operation.name", 1, "execute_tool"}, std::tuple{"one", 7, "\x01"},
          std::tuple{"two", 7, "\x01\x02"}, std::tuple{"three", 7, "\x01\x02\x03"}}) {
      pbf_writer pair(writer, 9);
      pair.add_string(1, key);
      pbf_writer(pair, 2).add_bytes(static_cast<protozero::pbf_tag_type>(type), content);
    }
  }
  std::string body;
  {
    pbf_writer request(body);
    pbf_writer resource(request, 1);
    pbf_writer(resource, 2).add_message(2, span);
  }
  const OtlpBatch batch = decode_otlp_traces(body, OtlpEncoding::protobuf).value();
  ASSERT_EQ(batch.events.size(), 1U);
  const json attributes = json::parse(batch.events[0].keyed.event.detail)["attributes"];
  EXPECT_EQ(attributes["one"], "AQ==");
  EXPECT_EQ(attributes["two"], "AQI=");
  EXPECT_EQ(attributes["three"], "AQID");
}

TEST(OtlpValue, IsKeptByteForByteAndReadableWhereItIsJson) {
  EXPECT_EQ(attribute_of(R"({"stringValue":"{\"a\":[1]}"})"), json({{"a", {1}}}));
  EXPECT_EQ(attribute_of(R"({"stringValue":"{\"a\":[1}"})"), R"({"a":[1})");
  EXPECT_EQ(attribute_of(R"({"stringValue":"{} {}"})"), "{} {}");
  EXPECT_EQ(attribute_of(R"({"stringValue":"7"})"), "7");
  EXPECT_EQ(attribute_of(R"({"stringValue":"a\u0000b"})"), std::string("a\0b", 3));
}

TEST(OtlpValue, ThatIsNestedTooDeepIsLeftOut) {
  json deep = "end";
  for (int i = 0; i < 100; ++i) deep = json::array({deep});
  TestSpan span = call;
  span.attributes["deep"] = deep;
  const OtlpBatch batch = decode_both(traces_request({span}));
  ASSERT_EQ(batch.events.size(), 1U);
  EXPECT_EQ(json::parse(batch.events[0].keyed.event.detail)["left_out"], 1);
  deep = "end";
  for (int i = 0; i < 80; ++i) deep = json{{"k", deep}};
  span.attributes["deep"] = deep;
  const OtlpBatch maps = decode_both(traces_request({span}));
  ASSERT_EQ(maps.events.size(), 1U);
  EXPECT_EQ(json::parse(maps.events[0].keyed.event.detail)["left_out"], 1);
}

TEST(OtlpValue, OfWhichThereAreTooManyIsCounted) {
  TestSpan span = call;
  span.attributes["many"] = json::array();
  for (std::size_t i = 0; i < limits::otlp_values_max; ++i) span.attributes["many"].push_back(true);
  const json request = traces_request({span});
  const OtlpBatch batch = decode_otlp_traces(protobuf_of(request), OtlpEncoding::protobuf).value();
  ASSERT_EQ(batch.events.size(), 1U);
  EXPECT_EQ(json::parse(batch.events[0].keyed.event.detail)["left_out"], 3);
}

TEST(OtlpValue, OfAttributesAndEventsOnlySoManyAreKept) {
  constexpr std::size_t many = limits::otlp_values_max + 5;
  const auto left_out = [](const json& request) {
    const OtlpBatch batch = decode_both(request);
    return batch.events.size() == 1
               ? json::parse(batch.events[0].keyed.event.detail).value("left_out", 0)
               : -1;
  };
  json attributes = traces_request({call});
  json events = attributes;
  json& list = first_span(attributes)["attributes"];
  list.insert(list.end(), many - list.size(), json::object());
  EXPECT_EQ(left_out(attributes), 5);
  first_span(events)["events"] = json(json::array_t(many, json::object()));
  EXPECT_EQ(left_out(events), 7);  // of the two attributes, which come before
}

TEST(OtlpValue, ThatIsANameIsCut) {
  TestSpan span = call;
  span.attributes["gen_ai.agent.name"] = std::string(5'000, 'x');
  EXPECT_EQ(decode_both(traces_request({span})).events.at(0).keyed.event.agent.size(), 1'024U);
}

TEST(OtlpContent, IsRecognised) {
  const auto is = [](std::string_view body, OtlpEncoding encoding,
                     std::optional<OtlpSignal> signal) {
    const OtlpContent content = recognise_otlp(body);
    return content.encoding == encoding && content.signal == signal;
  };
  const json traces = traces_request({call});
  const json logs = logs_request({{.attributes = {{"event.name", "x"}}}});
  EXPECT_TRUE(is(traces.dump(), OtlpEncoding::json, OtlpSignal::traces));
  EXPECT_TRUE(is("\n\n" + traces.dump(2), OtlpEncoding::json, OtlpSignal::traces));
  EXPECT_TRUE(is("\xEF\xBB\xBF" + logs.dump(), OtlpEncoding::json, OtlpSignal::logs));
  EXPECT_TRUE(is(protobuf_of(traces), OtlpEncoding::protobuf, OtlpSignal::traces));
  EXPECT_TRUE(is(protobuf_of(logs), OtlpEncoding::protobuf, OtlpSignal::logs));
  EXPECT_TRUE(is(R"({"resourceMetrics":[]})", OtlpEncoding::json, OtlpSignal::metrics));
  EXPECT_TRUE(is("{}", OtlpEncoding::json, std::nullopt));
  EXPECT_TRUE(is("", OtlpEncoding::protobuf, std::nullopt));
  EXPECT_TRUE(is("nonsense", OtlpEncoding::protobuf, std::nullopt));

  std::string metrics;
  {
    pbf_writer request(metrics);
    pbf_writer resource(request, 1);
    pbf_writer scope(resource, 2);
    pbf_writer metric(scope, 2);
    metric.add_string(1, "sixteen.letters.");
    metric.add_string(3, "ms");
  }
  EXPECT_TRUE(is(metrics, OtlpEncoding::protobuf, OtlpSignal::metrics));
}

}  // namespace
}  // namespace agentaudit
