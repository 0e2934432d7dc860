#include "agentaudit/core/event_json.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <nlohmann/json.hpp>

#include "agentaudit/core/limits.h"
#include "core/event_fields.h"
#include "core/utf8.h"

namespace agentaudit {
namespace {

std::string json_string(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

Event read(std::string_view json) {
  const auto event = event_from_json(json);
  EXPECT_TRUE(event) << (event ? "" : event.error().message) << "\n" << json;
  return event.value_or(Event());
}

std::string parse_error(std::string_view json) {
  const auto event = event_from_json(json);
  if (event) return "accepted";
  EXPECT_EQ(event.error().code, ErrorCode::parse);
  return event.error().message;
}

TEST(EventJson, WritesEveryFieldInItsOrder) {
  Event event;
  event.id = 42;
  event.timestamp = Timestamp::parse("2026-11-24T08:00:00.5Z").value();
  event.category = "tool_call";
  event.action = "execute";
  event.agent = "researcher";
  event.summary = "web_search: weather";
  event.detail = R"({"a":1})";
  event.status = "ok";
  event.duration = std::chrono::milliseconds(1'234);
  event.source = "engine";
  event.conversation_id = "c1";
  event.target = "web_search";
  event.principal = "kim";
  event.trace_id = "0af7651916cd43dd8448eb211c80319c";
  event.span_id = "b7ad6b7169203331";
  event.parent_span_id = "00f067aa0ba902b7";
  EXPECT_EQ(
      to_json(event),
      R"({"id":42,"timestamp":"2026-11-24T08:00:00.5Z","category":"tool_call","action":"execute",)"
      R"("agent":"researcher","summary":"web_search: weather","detail":"{\"a\":1}","status":"ok",)"
      R"("duration_ms":1234,"source":"engine","conversation_id":"c1","target":"web_search",)"
      R"("principal":"kim","trace_id":"0af7651916cd43dd8448eb211c80319c",)"
      R"("span_id":"b7ad6b7169203331","parent_span_id":"00f067aa0ba902b7"})");
}

TEST(EventJson, OmitsOptionalFieldsThatAreEmpty) {
  EXPECT_EQ(to_json(Event()),
            R"({"id":0,"timestamp":"1970-01-01T00:00:00Z","category":"","action":"","agent":"",)"
            R"("summary":"","detail":"","status":"","duration_ms":0,"source":"",)"
            R"("conversation_id":""})");
}

TEST(EventJson, AppendsToWhatIsThere) {
  std::string out = "[";
  append_json(out, Event());
  EXPECT_EQ(out, "[" + to_json(Event()));
}

TEST(EventJson, LeavesPlainTextAsItIs) {
  EXPECT_EQ(json_string("Grüße ☃ 😀 / ' <b>"), "\"Grüße ☃ 😀 / ' <b>\"");
}

TEST(EventJson, EscapesWhatJsonMust) {
  EXPECT_EQ(json_string("\"\\\b\f\n\r\t"), R"("\"\\\b\f\n\r\t")");
  EXPECT_EQ(json_string(std::string_view("\0\x01\x1B\x1F", 4)), R"("\u0000\u0001\u001b\u001f")");
}

TEST(EventJson, EscapesWhatCouldDriveATerminal) {
  EXPECT_EQ(json_string("\x7F\u0080\u009B"), R"("\u007f\u0080\u009b")");
  EXPECT_EQ(json_string("\u202E\u2066\u200B\u2028\u2029\uFEFF"),
            R"("\u202e\u2066\u200b\u2028\u2029\ufeff")");
  EXPECT_EQ(json_string("\U000E0041"), R"("\udb40\udc41")");
}

TEST(EventJson, WritesABadByteAsALoneSurrogate) {
  EXPECT_EQ(json_string("a\xFF"
                        "b\x80"),
            R"("a\udcffb\udc80")");
  EXPECT_EQ(json_string("\xE2\x98"), R"("\udce2\udc98")");
  EXPECT_EQ(json_string("\xED\xA0\x80"), R"("\udced\udca0\udc80")");
  EXPECT_EQ(json_string("\xC0\xAF"), R"("\udcc0\udcaf")");
}

rc::Gen<std::string> any_bytes() {
  const auto piece = rc::gen::oneOf(
      rc::gen::container<std::string>(rc::gen::arbitrary<char>()),
      rc::gen::element<std::string>("ä", "😀", "\u202E", "\xED\xA0\x80", "\xED\xB2\x80", "\\udc80",
                                    "\xF4\x90\x80\x80", "\xC3", "\xA4", "\"", "\\", "{}"));
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(piece), [](const auto& pieces) {
    std::string out;
    for (const std::string& part : pieces) out += part;
    return out;
  });
}

RC_GTEST_PROP(EventJsonProperty, AnyBytesComeBack, ()) {
  Event event;
  event.id = *rc::gen::arbitrary<std::int64_t>();
  event.timestamp = Timestamp::from_ns(*rc::gen::arbitrary<std::int64_t>());
  event.duration = std::chrono::milliseconds(*rc::gen::arbitrary<std::int64_t>());
  for (const StringField& field : string_fields) event.*field.owned = *any_bytes();
  event.category += 'x';  // the one field that must not be empty
  const auto back = event_from_json(to_json(event));
  RC_ASSERT(back.has_value());
  RC_ASSERT(*back == event);
}

RC_GTEST_PROP(EventJsonProperty, ItsTextIsOneLineOfValidUtf8ThatIsSafeToPrint, ()) {
  Event event;
  event.detail = *any_bytes();
  const std::string json = to_json(event);
  std::string_view rest = json;
  while (!rest.empty()) {
    const CodePoint code_point = decode_utf8(rest);
    RC_ASSERT(code_point.bytes != 0U);
    RC_ASSERT(!is_unprintable(code_point.value));
    rest.remove_prefix(code_point.bytes);
  }
}

RC_GTEST_PROP(EventJsonProperty, AnotherParserReadsTheSameText, ()) {
  const std::string text = *rc::gen::container<std::string>(rc::gen::inRange<char>(0, 127));
  RC_ASSERT(nlohmann::json::parse(json_string(text)).get<std::string>() == text);
}

TEST(EventJson, NeedsOnlyACategory) {
  Event expected;
  expected.category = "llm";
  EXPECT_EQ(read(R"({"category":"llm"})"), expected);
}

TEST(EventJson, ReadsATimeInAnyOffset) {
  EXPECT_EQ(
      read(R"({"category":"x","timestamp":"2026-11-24T09:00:00+01:00"})").timestamp.to_string(),
      "2026-11-24T08:00:00Z");
}

TEST(EventJson, AnEmptyTimeIsNotSet) {
  for (const std::string_view time : {"null", "\"\"", "\"0001-01-01T00:00:00Z\""}) {
    const Event event = read(R"({"category":"x","timestamp":)" + std::string(time) + "}");
    EXPECT_FALSE(event.timestamp.is_set()) << time;
  }
}

TEST(EventJson, NullIsAsGoodAsAbsent) {
  Event expected;
  expected.category = "x";
  std::string json = R"({"category":"x","id":null,"timestamp":null,"duration_ms":null)";
  for (const StringField& field : string_fields) {
    if (field.name != "category") json += ",\"" + std::string(field.name) + "\":null";
  }
  EXPECT_EQ(read(json + "}"), expected);
}

TEST(EventJson, ADetailMayBeAStringOrAnyValueWhoseTextIsKept) {
  EXPECT_EQ(read(R"({"category":"x","detail":"{\"a\": 1}"})").detail, R"({"a": 1})");
  EXPECT_EQ(read(R"({"category":"x","detail": { "a" : [1, 2.50] } })").detail,
            R"({ "a" : [1, 2.50] })");
  EXPECT_EQ(read(R"({"category":"x","detail":[1,2]})").detail, "[1,2]");
  EXPECT_EQ(read(R"({"category":"x","detail":1e5})").detail, "1e5");
  EXPECT_EQ(read(R"({"category":"x","detail":"not json"})").detail, "not json");
}

TEST(EventJson, RoundsADurationToMilliseconds) {
  EXPECT_EQ(read(R"({"category":"x","duration_ms":12.5})").duration.count(), 13);
  EXPECT_EQ(read(R"({"category":"x","duration_ms":-1})").duration.count(), -1);
}

TEST(EventJson, KeepsRawBytesThatAreNotUtf8) {
  EXPECT_EQ(read("{\"category\":\"x\",\"summary\":\"a\xFF\"}").summary, "a\xFF");
}

TEST(EventJson, KeepsUnknownFieldsInAnEmptyDetail) {
  EXPECT_EQ(read(R"({"category":"x","cost":0.10,"tags":["a", "b"]})").detail,
            R"({"unknown_fields":{"cost":0.10,"tags":["a", "b"]}})");
}

TEST(EventJson, KeepsUnknownFieldsBesideTheMembersOfADetail) {
  EXPECT_EQ(read(R"({"category":"x","detail":{"a":1},"cost":2})").detail,
            R"({"a":1,"unknown_fields":{"cost":2}})");
  EXPECT_EQ(read(R"({"category":"x","detail":"{ } ","cost":2})").detail,
            R"({ "unknown_fields":{"cost":2}})");
}

TEST(EventJson, KeepsUnknownFieldsBesideADetailThatIsNoObject) {
  EXPECT_EQ(read(R"({"category":"x","detail":"plain }","cost":2})").detail,
            R"({"detail":"plain }","unknown_fields":{"cost":2}})");
  EXPECT_EQ(read(R"({"category":"x","detail":[1],"cost":2})").detail,
            R"({"detail":"[1]","unknown_fields":{"cost":2}})");
}

TEST(EventJson, NamesOfUnknownFieldsAreEscaped) {
  EXPECT_EQ(read(R"({"category":"x","a\"\u001b":1})").detail,
            R"({"unknown_fields":{"a\"\u001b":1}})");
}

TEST(EventJson, SaysWhichFieldAppearsTwice) {
  EXPECT_EQ(parse_error(R"({"category":"x","category":"y"})"), "\"category\" appears twice");
  EXPECT_EQ(parse_error(R"({"category":"x","a":1,"\u0061":2})"), "\"a\" appears twice");
}

TEST(EventJson, SaysThatTheCategoryIsMissing) {
  for (const std::string_view json :
       {"{}", R"({"category":""})", R"({"category":null})", R"({"Category":"x"})"}) {
    EXPECT_EQ(parse_error(json), "\"category\" is missing or empty") << json;
  }
}

TEST(EventJson, SaysThatAnEventMustBeAnObject) {
  EXPECT_EQ(parse_error("[1]"), "an event must be a JSON object, not [1]");
  EXPECT_EQ(parse_error("\"x\""), "an event must be a JSON object, not \"x\"");
}

TEST(EventJson, SaysWhichFieldHasTheWrongType) {
  EXPECT_EQ(parse_error(R"({"category":1})"), "\"category\" must be a string, not 1");
  EXPECT_EQ(parse_error(R"({"category":"x","agent":{"a":1}})"),
            "\"agent\" must be a string, not {\"a\":1}");
  EXPECT_EQ(parse_error(R"({"category":"x","timestamp":1795507200})"),
            "\"timestamp\" must be a string in RFC 3339, not 1795507200");
  EXPECT_EQ(parse_error(R"({"category":"x","id":"1"})"),
            "\"id\" must be a number in the range of int64, not \"1\"");
  EXPECT_EQ(parse_error(R"({"category":"x","duration_ms":1e19})"),
            "\"duration_ms\" must be a number in the range of int64, not 1e19");
}

TEST(EventJson, SaysWhatIsWrongWithATime) {
  EXPECT_TRUE(parse_error(R"({"category":"x","timestamp":"noon"})")
                  .starts_with("\"timestamp\": \"noon\" is not an RFC 3339 time"));
  EXPECT_TRUE(parse_error(R"({"category":"x","timestamp":"9999-12-31T23:59:59Z"})")
                  .starts_with("\"timestamp\": \"9999-12-31T23:59:59Z\" is outside "));
}

TEST(EventJson, SaysThatItIsNotJson) {
  EXPECT_TRUE(parse_error("{\"category\":").starts_with("not valid JSON: "));
  EXPECT_TRUE(parse_error("").starts_with("not valid JSON: "));
  EXPECT_TRUE(parse_error(R"({"category":"x","other":[1,{"a":tru}]})").starts_with("not valid "));
}

TEST(EventJson, AnEventOverTheLimitIsStillRead) {
  const std::string detail(limits::event_bytes_max + 1, 'x');
  EXPECT_EQ(read(R"({"category":"x","detail":")" + detail + "\"}").detail, detail);
}

TEST(EventJson, ATextOverTheLimitOfALineIsTooLarge) {
  const auto event = event_from_json(std::string(limits::line_bytes_max + 1, ' '));
  ASSERT_FALSE(event);
  EXPECT_EQ(event.error().code, ErrorCode::too_large);
}

TEST(EventJson, AnEventOfMoreFieldsThanTheLimitIsTooLarge) {
  std::string json = R"({"category":"x")";
  for (std::size_t i = 0; i < limits::json_values_max; ++i) json += ",\"\":0";
  const auto event = event_from_json(json + '}');
  ASSERT_FALSE(event);
  EXPECT_EQ(event.error().code, ErrorCode::too_large);
}

TEST(EventJson, AnUnknownFieldMayHoldAnyNumberOfValues) {
  std::string json = R"({"category":"x","vector":[0)";
  for (std::size_t i = 0; i < limits::json_values_max; ++i) json += ",0";
  EXPECT_TRUE(event_from_json(json + "]}"));
}

}  // namespace
}  // namespace agentaudit
