#include "core/json_value.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "agentaudit/core/limits.h"
#include "core/utf8.h"

namespace agentaudit {
namespace {

using Kind = JsonValue::Kind;

JsonDocument parsed(std::string_view text) {
  auto document = JsonDocument::parse(text);
  EXPECT_TRUE(document) << text;
  return document ? std::move(*document) : JsonDocument();
}

ErrorCode error_code(std::string_view text) {
  const auto document = JsonDocument::parse(text);
  EXPECT_FALSE(document) << text;
  return document ? ErrorCode::io : document.error().code;
}

TEST(JsonValue, ReadsEveryKind) {
  const auto document = parsed(R"({"a":null,"b":true,"c":-1.5e3,"d":"x","e":[1,[]],"f":{}})");
  const JsonValue& root = document.root();
  ASSERT_EQ(root.kind, Kind::object);
  ASSERT_EQ(root.members.size(), 6U);
  EXPECT_EQ(root.find("a")->kind, Kind::null);
  EXPECT_EQ(root.find("b")->kind, Kind::boolean);
  EXPECT_EQ(root.find("c")->kind, Kind::number);
  EXPECT_EQ(root.find("d")->kind, Kind::string);
  EXPECT_EQ(root.find("e")->kind, Kind::array);
  EXPECT_EQ(root.find("e")->items.size(), 2U);
  EXPECT_EQ(root.find("f")->kind, Kind::object);
}

TEST(JsonValue, ARootMayBeAnyValue) {
  EXPECT_EQ(parsed(" null ").root().raw, "null");
  EXPECT_EQ(parsed("true").root().kind, Kind::boolean);
  EXPECT_EQ(parsed("-0").root().to_int64(), 0);
  EXPECT_EQ(parsed("\"x\"\n").root().string, "x");
  EXPECT_EQ(parsed("[ ]").root().raw, "[ ]");
}

TEST(JsonValue, RawIsTheExactTextWithoutWhiteSpaceAround) {
  const auto document =
      parsed("{ \"a\" :\t{ \"b\" : [ 1 , 2.50 ] } ,\n\"c\": \"\\u0041\" , \"d\":1}  ");
  const JsonValue& root = document.root();
  EXPECT_EQ(root.find("a")->raw, "{ \"b\" : [ 1 , 2.50 ] }");
  EXPECT_EQ(root.find("a")->find("b")->raw, "[ 1 , 2.50 ]");
  EXPECT_EQ(root.find("a")->find("b")->items[1].raw, "2.50");
  EXPECT_EQ(root.find("c")->raw, "\"\\u0041\"");
  EXPECT_EQ(root.find("d")->raw, "1");
  EXPECT_TRUE(root.raw.ends_with("\"d\":1}"));
}

TEST(JsonValue, UnescapesStringsAndKeys) {
  const auto document = parsed(R"({"a\u0062\n":"\"\\\/\b\f\n\r\t\u00e4\u2603\ud83d\ude00"})");
  ASSERT_EQ(document.root().members.size(), 1U);
  EXPECT_EQ(document.root().members[0].name, "ab\n");
  EXPECT_EQ(document.root().members[0].value.string, "\"\\/\b\f\n\r\tä☃😀");
}

TEST(JsonValue, KeepsANulInAString) {
  EXPECT_EQ(parsed(R"("a\u0000b")").root().string, (std::string{"a\0b", 3}));
}

TEST(JsonValue, ALoneSurrogateIsKeptInItsGeneralisedForm) {
  EXPECT_EQ(parsed(R"("\ud800")").root().string, "\xED\xA0\x80");
  EXPECT_EQ(parsed(R"("\ud800\u0041")").root().string,
            "\xED\xA0\x80"
            "A");
  EXPECT_EQ(parsed(R"("\udc00")").root().string, "\xED\xB0\x80");
}

TEST(JsonValue, AnEscapedByteBecomesThatByte) {
  EXPECT_EQ(parsed(R"("\udc80\udcff")").root().string, "\x80\xFF");
}

TEST(JsonValue, AByteThatIsNotUtf8IsKeptAndEscapedInRaw) {
  const auto document = parsed("{\"a\":\"x\xFF\"}");
  EXPECT_EQ(document.root().find("a")->string, "x\xFF");
  EXPECT_EQ(document.root().find("a")->raw, "\"x\\udcff\"");
}

TEST(JsonValue, ABackslashBeforeAByteThatIsNotUtf8IsABadEscape) {
  EXPECT_EQ(error_code("\"\\\xFF\""), ErrorCode::parse);
  EXPECT_EQ(error_code("\"\\\\\\\xFF\""), ErrorCode::parse);
  EXPECT_EQ(parsed("\"\\\\\xFF\"").root().string, "\\\xFF");
}

TEST(JsonValue, AByteThatIsNotUtf8OutsideOfAStringIsAnError) {
  EXPECT_EQ(error_code("\xFF{}"), ErrorCode::parse);
  EXPECT_EQ(error_code("{\xFF}"), ErrorCode::parse);
  EXPECT_EQ(error_code("[1\xFF]"), ErrorCode::parse);
}

TEST(JsonValue, SkipsAByteOrderMark) {
  EXPECT_EQ(parsed("\xEF\xBB\xBF{}").root().raw, "{}");
  EXPECT_EQ(error_code("{}\xEF\xBB\xBF"), ErrorCode::parse);
}

TEST(JsonValue, KeepsRepeatedMembersInOrderAndFindsTheFirst) {
  const auto document = parsed(R"({"a":1,"a":2})");
  EXPECT_EQ(document.root().members.size(), 2U);
  EXPECT_EQ(document.root().find("a")->raw, "1");
}

TEST(JsonValue, FindsNothingWhereThereIsNothing) {
  const auto document = parsed(R"({"a":1,"b":"x"})");
  EXPECT_EQ(document.root().find("c"), nullptr);
  EXPECT_EQ(document.root().find("a")->find("a"), nullptr);
  EXPECT_EQ(document.root().string_at("a"), "");
  EXPECT_EQ(document.root().string_at("b"), "x");
  EXPECT_EQ(document.root().string_at("c"), "");
}

TEST(JsonValue, AMovedDocumentKeepsItsTree) {
  JsonDocument first = parsed(R"({"a":"a string that is too long to be kept inside"})");
  const JsonDocument second = std::move(first);
  EXPECT_EQ(second.root().find("a")->raw, "\"a string that is too long to be kept inside\"");
}

TEST(JsonValue, IntegersAreExactAndFractionsRounded) {
  EXPECT_EQ(parsed("9223372036854775807").root().to_int64(),
            std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(parsed("-9223372036854775808").root().to_int64(),
            std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(parsed("2.5").root().to_int64(), 3);
  EXPECT_EQ(parsed("-2.5").root().to_int64(), -3);
  EXPECT_EQ(parsed("1e3").root().to_int64(), 1'000);
}

TEST(JsonValue, WhatNoInt64HoldsIsNoInteger) {
  for (const std::string_view text : {"9223372036854775808", "-9223372036854777000", "1e19",
                                      "1e999", "-1e999", "\"1\"", "true", "null", "[1]"}) {
    EXPECT_EQ(parsed(text).root().to_int64(), std::nullopt) << text;
  }
}

TEST(JsonValue, ReadsNumbersOfAnySize) {
  const std::string digits(5'000, '7');
  EXPECT_EQ(parsed(digits).root().raw, digits);
  EXPECT_EQ(parsed("[1e99999]").root().items[0].kind, Kind::number);
}

TEST(JsonValue, RefusesWhatIsNotJson) {
  for (const std::string_view text : {"",
                                      " ",
                                      "{",
                                      "}",
                                      "[",
                                      "]",
                                      "[1,]",
                                      "{\"a\":1,}",
                                      "{\"a\"}",
                                      "{a:1}",
                                      "{1:1}",
                                      "[1 2]",
                                      "{}{}",
                                      "{} x",
                                      "[]]",
                                      "nul",
                                      "nulll",
                                      "True",
                                      "NaN",
                                      "Infinity",
                                      "+1",
                                      "01",
                                      "-",
                                      "1.",
                                      ".5",
                                      "1e",
                                      "1e+",
                                      "0x1",
                                      "'a'",
                                      "\"a",
                                      "a\"",
                                      "\"\\x\"",
                                      "\"\\u12\"",
                                      "\"\\u12g4\"",
                                      "\"a\nb\"",
                                      "\"\t\"",
                                      "[1,,2]",
                                      "{\"a\":1 \"b\":2}",
                                      "{\"a\" 1}",
                                      "{,}",
                                      "// c\n1",
                                      "[1]/**/",
                                      "{\"a\":1}}",
                                      "\"a\" \"b\"",
                                      "[\"a\":1]",
                                      "[\"a\":{}}]",
                                      "{\"a\":\"b\":1}",
                                      "1 2",
                                      "{\"\\x\":1}",
                                      "{\"a\nb\":1}"}) {
    EXPECT_EQ(error_code(text), ErrorCode::parse) << text;
  }
}

TEST(JsonValue, RefusesABareNul) {
  EXPECT_EQ(error_code(std::string_view("{}\0", 3)), ErrorCode::parse);
  EXPECT_EQ(error_code(std::string_view("\"\0\"", 3)), ErrorCode::parse);
}

std::string nested(int depth) {
  return std::string(static_cast<std::size_t>(depth), '[') +
         std::string(static_cast<std::size_t>(depth), ']');
}

TEST(JsonValue, NestsAsDeepAsTheLimitAndNoDeeper) {
  EXPECT_TRUE(JsonDocument::parse(nested(limits::json_depth_max)));
  EXPECT_EQ(error_code(nested(limits::json_depth_max + 1)), ErrorCode::too_large);
  EXPECT_EQ(error_code(std::string(1'000'000, '[')), ErrorCode::too_large);
}

TEST(JsonValue, ATextOfTheLimitIsReadAndALongerOneIsNot) {
  std::string text(limits::line_bytes_max, ' ');
  text[0] = '1';
  EXPECT_TRUE(JsonDocument::parse(text));
  text += ' ';
  EXPECT_EQ(error_code(text), ErrorCode::too_large);
}

std::string array_of(std::size_t values) {
  std::string text = "[0";
  for (std::size_t i = 1; i < values; ++i) text += ",0";
  return text + ']';
}

TEST(JsonValue, KeepsAsManyValuesAsTheLimitAndNoMore) {
  EXPECT_TRUE(JsonDocument::parse(array_of(limits::json_values_max)));
  EXPECT_EQ(error_code(array_of(limits::json_values_max + 1)), ErrorCode::too_large);
}

TEST(JsonValue, WhatIsDeeperThanKeptIsCheckedButOnlyItsTextIsKept) {
  const auto document = JsonDocument::parse(R"({"a": {"b": [1, 2]}, "c": 3})", 1);
  ASSERT_TRUE(document);
  ASSERT_EQ(document->root().members.size(), 2U);
  EXPECT_EQ(document->root().find("a")->kind, Kind::object);
  EXPECT_EQ(document->root().find("a")->raw, R"({"b": [1, 2]})");
  EXPECT_TRUE(document->root().find("a")->members.empty());
  EXPECT_FALSE(JsonDocument::parse(R"({"a":{"b":[1,]}})", 1));
}

TEST(JsonValue, WhatIsNotKeptDoesNotCount) {
  EXPECT_TRUE(JsonDocument::parse(array_of(limits::json_values_max + 1), 0));
}

// What nlohmann/json says of the same text. It stops at the first thing that it finds
// wrong, so where that is one of our documented leniencies it has no say.
enum class Verdict { accepted, refused, unknown };

Verdict other_verdict(const std::string& text) {
  if (!is_utf8(text) || text.find('\0') != std::string::npos) return Verdict::unknown;
  try {
    const auto value = nlohmann::json::parse(text);
    return Verdict::accepted;
  } catch (const nlohmann::json::out_of_range&) {
    return Verdict::unknown;  // a number that no double holds
  } catch (const nlohmann::json::parse_error& error) {
    const bool surrogate = std::string_view(error.what()).find("surrogate") != std::string::npos;
    return surrogate ? Verdict::unknown : Verdict::refused;
  }
}

// Members that are repeated: the last one counts there, so we do the same.
nlohmann::json to_nlohmann(const JsonValue& value) {
  nlohmann::json out;
  switch (value.kind) {
    case Kind::array:
      out = nlohmann::json::array();
      for (const JsonValue& item : value.items) out.push_back(to_nlohmann(item));
      return out;
    case Kind::object:
      out = nlohmann::json::object();
      for (const JsonMember& member : value.members) out[member.name] = to_nlohmann(member.value);
      return out;
    case Kind::string: return value.string;
    default: return nlohmann::json::parse(value.raw);
  }
}

void expect_agreement(const std::string& text) {
  const Verdict verdict = other_verdict(text);
  if (verdict == Verdict::unknown) return;
  const auto document = JsonDocument::parse(text);
  RC_ASSERT(document.has_value() == (verdict == Verdict::accepted));
  if (!document) return;
  const auto expected = nlohmann::json::parse(text);
  // A lone surrogate cannot have been accepted, so the strings are comparable; an
  // escaped byte cannot either.
  RC_ASSERT(to_nlohmann(document->root()) == expected);
  RC_ASSERT(nlohmann::json::parse(document->root().raw) == expected);
}

rc::Gen<std::string> any_json(int depth) {
  using rc::gen::map;
  const auto space = rc::gen::element<std::string>("", "", " ", "\t", "\n", "\r ", "  ");
  const auto token = rc::gen::element<std::string>("null", "true", "false", "0", "-0", "-1.5",
                                                   "1e5", "1E-2", "123456789012345678901234567890",
                                                   "\"\"", "\"a\"", "\"\\u0041\\n\"", "\"ä☃😀\"",
                                                   "\"\\ud83d\\ude00\"", "\"\\\\\\\"\"", "\"}]\"");
  const auto scalar = map(rc::gen::tuple(space, token, space), [](const auto& parts) {
    return std::get<0>(parts) + std::get<1>(parts) + std::get<2>(parts);
  });
  if (depth == 0) return scalar;
  const auto join = [](const std::vector<std::string>& parts) {
    std::string out;
    for (const std::string& part : parts) out += (out.empty() ? "" : ",") + part;
    return out;
  };
  const auto child = rc::gen::lazy([=] { return any_json(depth - 1); });
  const auto few = [](const auto& gen) {
    return rc::gen::mapcat(rc::gen::inRange<std::size_t>(0, 4), [=](std::size_t count) {
      return rc::gen::container<std::vector<std::string>>(count, gen);
    });
  };
  const auto array = map(few(child), [=](const auto& items) { return "[" + join(items) + "]"; });
  const auto key = rc::gen::element<std::string>("\"a\"", "\"b\"", "\"\"", "\"\\u0061\"", "\"ü\"");
  const auto member = map(rc::gen::tuple(key, space, child), [](const auto& parts) {
    return std::get<0>(parts) + std::get<1>(parts) + ":" + std::get<2>(parts);
  });
  const auto object =
      map(few(member), [=](const auto& members) { return "{" + join(members) + "}"; });
  return rc::gen::oneOf(scalar, array, object);
}

RC_GTEST_PROP(JsonValueProperty, AgreesWithAnotherParserOnValidText, ()) {
  const std::string text = *any_json(4);
  RC_ASSERT(other_verdict(text) == Verdict::accepted);
  expect_agreement(text);
}

RC_GTEST_PROP(JsonValueProperty, AgreesWithAnotherParserOnMutatedText, ()) {
  std::string text = *any_json(3);
  constexpr std::string_view alphabet = "{}[],:\"\\ \n0123eE+-.tfnu/\x7F\x01";
  const int edits = *rc::gen::inRange(1, 4);
  for (int i = 0; i < edits && !text.empty(); ++i) {
    const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
    const char byte = alphabet[*rc::gen::inRange<std::size_t>(0, alphabet.size())];
    switch (*rc::gen::inRange(0, 3)) {
      case 0: text[at] = byte; break;
      case 1: text.insert(at, 1, byte); break;
      default: text.erase(at, 1); break;
    }
  }
  expect_agreement(text);
}

RC_GTEST_PROP(JsonValueProperty, AnyBytesAreReadOrRefused, (const std::string& bytes)) {
  const auto document = JsonDocument::parse("\"" + bytes + "\"");
  RC_ASSERT(document || document.error().code == ErrorCode::parse);
}

TEST(JsonValue, AgreesWithAnotherParserOnEveryTextOfAFewLetters) {
  constexpr std::string_view alphabet = "{}[],:\"\\1-e ";
  constexpr std::size_t length_max = 5;
  std::size_t count = 1;
  for (std::size_t length = 0; length <= length_max; ++length, count *= alphabet.size()) {
    for (std::size_t number = 0; number < count; ++number) {
      std::string text;
      for (std::size_t i = 0, rest = number; i < length; ++i, rest /= alphabet.size()) {
        text += alphabet[rest % alphabet.size()];
      }
      ASSERT_EQ(JsonDocument::parse(text).has_value(), nlohmann::json::accept(text)) << text;
    }
  }
}

}  // namespace
}  // namespace agentaudit
