// What Redactor finds, what it leaves alone, and what becomes of the text around.
#include "agentaudit/redact/redactor.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "../../bench/secret_corpus.h"
#include "agentaudit/core/event_json.h"
#include "redact/built_in_rules.h"
#include "redact/flat_text.h"
#include "redact/redaction_mark.h"

namespace agentaudit {
namespace {

using bench::SecretCorpus;

// Of HMAC for all tests.
RedactionKey test_key() {
  RedactionKey key{};
  key.fill(7);
  return key;
}

std::shared_ptr<const Redactor> redactor_with(RedactorOptions options = {}) {
  if (!options.key) options.key = test_key;
  auto made = Redactor::create(std::move(options));
  EXPECT_TRUE(made.has_value()) << made.error().message;
  return *made;
}

const Redactor& usual() {
  static const auto redactor = redactor_with();
  return *redactor;
}

std::string redacted(std::string_view text, const Redactor& by = usual()) {
  Event event;
  event.summary = text;
  (void)by.redact(event);
  return event.summary;
}

std::string redacted_detail(std::string_view detail, const Redactor& by = usual()) {
  Event event;
  event.detail = detail;
  (void)by.redact(event);
  return event.detail;
}

std::string json_of(std::string_view text) {
  std::string json;
  append_json_string(json, text);
  return json;
}

std::string github_token() { return "ghp_" + std::string("x9Kd02mPq7Rt5Vw1Yz3Bc8Df6Gh4Jk0LmN2p"); }

TEST(Redactor, PutsItsKindAndAnHmacInThePlaceOfASecret) {
  const std::string mark = mark_of("github-token", github_token(), test_key());
  EXPECT_EQ(redacted("push with " + github_token() + " now"), "push with " + mark + " now");
  EXPECT_EQ(mark.substr(0, 23), "[REDACTED:github-token:");
  EXPECT_EQ(mark.size(), 23 + 12 + 1U);
}

TEST(Redactor, TheHmacIsTheStandardOne) {
  // As Python's hmac has it.
  EXPECT_EQ(hmac_hex(test_key(), "what do ya want for nothing?"),
            "37853aff7df2ff1f94e194ad66dd7633e01f2642bdbc02f0b6a1ea7540d2ac0e");
  EXPECT_NE(hmac_hex(test_key(), "a"), hmac_hex(test_key(), "b"));
  EXPECT_NE(hmac_hex(test_key(), "a"), hmac_hex({}, "a"));
}

TEST(Redactor, EqualSecretsHaveEqualMarksHoweverTheyAreWrapped) {
  const std::string mark = mark_of("github-token", github_token(), test_key());
  for (const std::string& text :
       {github_token(), "TOKEN=" + github_token(), "Authorization: Bearer " + github_token(),
        "https://oauth2:" + github_token() + "@github.com/",
        "{\"token\":\"" + github_token() + "\"}"}) {
    EXPECT_NE(redacted(text).find(mark), std::string::npos) << redacted(text);
  }
}

TEST(Redactor, FindsEveryBuiltInKind) {
  SecretCorpus corpus(3);
  std::set<std::string_view> seen;
  for (std::size_t number = 0; number < SecretCorpus::templates(); ++number) {
    for (int i = 0; i < 10; ++i) {
      const bench::PlantedSecret planted = corpus.secret(number);
      seen.insert(planted.kind);
      const std::string out = redacted(planted.before + planted.secret + planted.after);
      EXPECT_EQ(out,
                planted.before + mark_of(planted.kind, planted.secret, test_key()) + planted.after)
          << planted.before << planted.secret << planted.after;
    }
  }
  for (const std::string_view kind : Redactor::built_in_kinds()) {
    EXPECT_TRUE(seen.contains(kind)) << kind << " is planted nowhere";
  }
}

TEST(Redactor, LeavesLookAlikesAlone) {
  SecretCorpus corpus(5);
  for (int i = 0; i < 3'000; ++i) {
    const std::string clean = corpus.clean();
    ASSERT_EQ(redacted_detail(clean), clean);
  }
}

TEST(Redactor, LeavesCountsAndPlaceholdersAlone) {
  for (const std::string_view text :
       {R"({"input_tokens": 1200, "max_tokens": 64000, "password_attempts": 100000})",
        "export OPENAI_API_KEY=$KEY", "token: ${{ secrets.GITHUB_TOKEN }}", "password=<password>",
        "PASSWORD=changeme123", "Authorization: Basic authentication", "a secret: something",
        "api_key=os.environ['API_KEY2']", "the risk-assessment-for-the-second-quarter-of-2026",
        "4111111111111112", "x4111111111111111", "4111111111111111.5", "id=4111111111111111",
        "4111-1111 1111-1111", "1234567890123456", "/orders/4111111111111111/items"}) {
    EXPECT_EQ(redacted(text), text);
  }
}

TEST(Redactor, FindsCardsAsTheyArePrintedAndAsTheyAreStored) {
  for (const std::string_view text :
       {"4111 1111 1111 1111", "4111-1111-1111-1111", "4111111111111111", "378282246310005",
        "3782 822463 10005", "5555555555554444", "6011111111111117", "card 4222222222222"}) {
    EXPECT_NE(redacted(text).find("[REDACTED:payment-card:"), std::string::npos) << text;
  }
  EXPECT_EQ(redacted("12 4111 1111 1111 1111 12/29").substr(0, 26), "12 [REDACTED:payment-card:");
}

TEST(Redactor, TellsASecretFromWhatIsAssignedOtherwise) {
  // The secret, with what stands before it.
  for (const auto& [before, secret] : std::vector<std::pair<std::string, std::string>>{
           {"secret=", "123e4567-e89b-42d3-a456-426614174000"},
           {"token=", "123e4567-e89b-42d3-a456-42661417400g"},
           {"token=", "123e4567ae89b-42d3-a456-426614174000"},
           {"api_key = \"", "settings.auth.key2value"},
           {"api_key=", "a1b2_c3d4e5f6"},
           {"password = \"", "correctHorseBattery"}}) {
    const std::string out = redacted(before + secret + "\"");
    EXPECT_TRUE(out.starts_with(before + "[REDACTED:")) << out;
    EXPECT_EQ(out.find(secret), std::string::npos) << out;
  }
  for (const std::string_view text :
       {"token=123e4567-e89b-42d3-a456-426614174000", "token=123E4567-E89B-42D3-A456-426614174000",
        "api_key = settings.auth.key2value", "api_key = default_api_key_2",
        "password: \"userPasswordField\"", "password: \"lowercaseonly\""}) {
    EXPECT_EQ(redacted(text), text);
  }
}

TEST(Redactor, TakesAJwtWholeAndOnlyWhole) {
  for (const std::string_view jwt :
       {"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIiwieCI6Mn0.c2lnbmF0dXJl-_",
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.", "eyJhbGciOiJSU0EtT0FFUCJ9.a2V5.aXY.Y2lwaGVy.dGFn",
        "eyJhbGciOiJkaXIifQ..aXY.Y2lwaGVy.dGFn"}) {
    const std::string text = "sent " + std::string(jwt) + " to it";
    EXPECT_EQ(redacted(text), "sent " + mark_of("jwt", jwt, test_key()) + " to it");
  }
  for (const std::string_view text :
       {"eyJhbGciOiJub25lIn0", "eyJhbGciOiJub25lIn0.x.y", "eyJh.eyJzdWIiOiIxIn0.c2ln",
        "keyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0."}) {
    EXPECT_EQ(redacted(text), text);
  }
}

TEST(Redactor, AHooksCommandLosesItsKeyAndNothingElse) {
  const std::string key = "sk-proj-" + std::string("Ab3dEf6hIj9kLm2nOp5qRs8tUv1wXy4zAb7dEf0h");
  const std::string detail =
      R"({"tool_name":"Bash","tool_input":{"command":"export OPENAI_API_KEY=)" + key +
      R"( && pytest -q","timeout":1000},"usage":{"output_tokens":12}})";
  auto expected = nlohmann::json::parse(detail);
  expected["tool_input"]["command"] =
      "export OPENAI_API_KEY=" + mark_of("openai-api-key", key, test_key()) + " && pytest -q";
  EXPECT_EQ(nlohmann::json::parse(redacted_detail(detail)), expected);
}

TEST(Redactor, FindsSecretsBehindEscapes) {
  SecretCorpus corpus(8);
  const bench::PlantedSecret pem = corpus.secret(0);
  ASSERT_EQ(pem.kind, "private-key");
  const std::string mark = mark_of("private-key", pem.secret, test_key());
  const std::string once = json_of(pem.secret);
  const std::string twice = json_of("{\"key\":" + once + "}");
  EXPECT_EQ(redacted_detail("{\"key\":" + once + "}"), "{\"key\":\"" + mark + "\"}");
  EXPECT_EQ(redacted_detail("{\"out\":" + twice + "}"),
            R"({"out":"{\"key\":\")" + mark + R"(\"}"})");

  std::string spelt = "{\"a\":\"";
  for (const char c : github_token()) {
    constexpr std::string_view hex = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(c);
    spelt += "\\u00";
    spelt += hex[byte >> 4U];
    spelt += hex[byte & 15U];
  }
  EXPECT_EQ(redacted_detail(spelt + "\"}"),
            "{\"a\":\"" + mark_of("github-token", github_token(), test_key()) + "\"}");
  EXPECT_NE(redacted_detail(R"({"u":"postgres:\/\/app:h7Gx2kQ9@db\/x"})").find("url-password"),
            std::string::npos);
}

TEST(Redactor, JsonStaysJson) {
  const auto own = redactor_with({.rules = {{.kind = "wide", .pattern = "(?s)open.*shut"},
                                            {.kind = "pin", .pattern = "[0-9]{4}7"}}});
  for (const std::string_view detail :
       {R"({"a":"open","b":[1,true,null,"x\\",{"c":"shut"}],"d":2})",
        R"({"pin":-12347.5e3,"x":[91237]})", R"({"card":4111111111111111})",
        R"(["open\\"," \" ","\ud83d\ude00shut"])", R"("open \\ shut")", "12347",
        R"({"open":1,"shut":"é"})"}) {
    const std::string out = redacted_detail(detail, *own);
    EXPECT_NE(out, detail);
    EXPECT_TRUE(nlohmann::json::accept(out)) << out;
    EXPECT_EQ(redacted_detail(out, *own), out);
  }
  EXPECT_EQ(redacted_detail(R"({"card":4111111111111111})").substr(0, 31),
            R"({"card":"[REDACTED:payment-card)");
}

TEST(Redactor, DoingItTwiceChangesNothing) {
  const auto own = redactor_with({.rules = {{.kind = "left", .pattern = "aab"},
                                            {.kind = "edge", .pattern = R"(\bc+d)"},
                                            {.kind = "hex", .pattern = "[0-9a-f]{12}"},
                                            {.kind = "mark", .pattern = "REDACTED"}}});
  SecretCorpus corpus(9);
  for (int i = 0; i < 300; ++i) {
    const std::string once = redacted_detail(corpus.planted().detail, *own);
    ASSERT_EQ(redacted_detail(once, *own), once);
  }
  const std::string once = redacted("aabccd REDACTED 0123456789abcdef", *own);
  EXPECT_EQ(redacted(once, *own), once);
  // The fourth rule finds its place only when the third has made it.
  EXPECT_EQ(find_marks(once).size(), 5U) << once;
}

TEST(Redactor, LooksIntoEveryFieldThatPeopleFill) {
  Event event;
  for (std::string Event::* const field :
       {&Event::action, &Event::agent, &Event::summary, &Event::detail, &Event::conversation_id,
        &Event::target, &Event::principal}) {
    event.*field = github_token();
  }
  event.span_id = "4111111111111111";
  const RedactionReport report = usual().redact(event);
  EXPECT_EQ(report.secrets(), 7);
  EXPECT_EQ(report.found,
            (std::vector<RedactionReport::Count>{{.kind = "github-token", .secrets = 7}}));
  EXPECT_EQ(to_json(event).find(github_token()), std::string::npos);
  EXPECT_EQ(event.span_id, "4111111111111111");
}

TEST(Redactor, ASummaryThatWasCutWithinASecretDoesNotKeepItsBeginning) {
  Event event;
  event.summary =
      "Bash: push " + github_token().substr(0, 12) + "…: it " + github_token().substr(0, 5) + "…";
  event.detail = "{\"c\":\"push " + github_token() + "\"}";
  (void)usual().redact(event);
  const std::string mark = mark_of("github-token", github_token(), test_key());
  EXPECT_EQ(event.summary, "Bash: push " + mark + "…: it " + mark + "…");
  const Event once = event;
  EXPECT_TRUE(usual().redact(event).is_clean());
  EXPECT_EQ(event, once);
}

TEST(Redactor, FindsASecretWhereverItStandsInALongText) {
  // A text is scanned in pieces of 64 KiB.
  for (std::size_t before = (64U << 10U) - 45; before < (64U << 10U) + 5; ++before) {
    const std::string text = std::string(before, ' ') + github_token();
    ASSERT_EQ(redacted(text).find(github_token()), std::string::npos) << before;
    ASSERT_EQ(find_marks(redacted(text)).size(), 1U) << before;
  }
}

TEST(Redactor, BytesThatAreNoUtf8Stay) {
  const std::string text = "\xff\xfe" + github_token() + "\x80";
  EXPECT_EQ(redacted(text),
            "\xff\xfe" + mark_of("github-token", github_token(), test_key()) + "\x80");
}

TEST(Redactor, OwnRulesGoBesideTheBuiltInOnes) {
  const auto own = redactor_with({.rules = {{.kind = "acme-badge",
                                             .keywords = {"badge"},
                                             .pattern = R"((?i)badge[ :=]+([a-z0-9]{8}))",
                                             .min_entropy = 2}}});
  const std::string out = redacted("Badge: k3j9x2mq and BADGE=aaaaaaaa, no 12345678", *own);
  EXPECT_EQ(out, "Badge: " + mark_of("acme-badge", "k3j9x2mq", test_key()) +
                     " and BADGE=aaaaaaaa, no 12345678");
  EXPECT_EQ(redacted("Badge: k3j9x2mq"), "Badge: k3j9x2mq");
}

TEST(Redactor, OwnRulesNeverCutACharacter) {
  const auto own = redactor_with({.rules = {{.kind = "any", .pattern = "x(.)"}}});
  EXPECT_EQ(redacted("xé", *own), "x" + mark_of("any", "é", test_key()));
}

TEST(Redactor, WhatIsAllowedOrDisabledStays) {
  const std::string text = "AKIA" + std::string("IOSFODNN7EXAMPLE") + " " + github_token();
  const auto allowing = redactor_with({.allow = {"AKIA.*EXAMPLE"}});
  EXPECT_EQ(redacted(text, *allowing).substr(0, 20), text.substr(0, 20));
  EXPECT_EQ(redacted(text, *allowing).find(github_token()), std::string::npos);
  const auto without = redactor_with({.disabled_kinds = {"github-token"}});
  EXPECT_NE(redacted(text, *without).find(github_token()), std::string::npos);
  const auto no_cards = redactor_with({.disabled_kinds = {"payment-card"}});
  EXPECT_EQ(redacted("4111111111111111", *no_cards), "4111111111111111");
}

TEST(Redactor, SaysWhatIsWrongWithARule) {
  const auto message_of = [](RedactorOptions options) {
    const auto made = Redactor::create(std::move(options));
    EXPECT_FALSE(made.has_value());
    EXPECT_EQ(made.error().code, ErrorCode::invalid_argument);
    return made ? std::string() : made.error().message;
  };
  EXPECT_EQ(message_of({.rules = {{.kind = "badge", .pattern = "(a"}}}),
            R"(the rule "badge": the pattern "(a" is none that RE2 takes: missing ): (a)");
  EXPECT_EQ(message_of({.rules = {{.kind = "Badge!", .pattern = "a"}}}),
            R"(the rule "Badge!": a kind has 1 to 40 lower-case letters, digits and -)");
  EXPECT_EQ(message_of({.rules = {{.kind = "badge", .keywords = {"ab"}, .pattern = "a"}}}),
            R"(the rule "badge": the keyword "ab" has not three or more characters of ASCII)");
  EXPECT_EQ(message_of({.rules = {{.kind = "badge", .pattern = "a", .min_entropy = 9}}}),
            R"(the rule "badge": an entropy is between 0 and 8 bits a byte)");
  EXPECT_EQ(message_of({.rules = {{.kind = "badge"}}}), R"(the rule "badge": it has no pattern)");
  EXPECT_EQ(message_of({.disabled_kinds = {"gibhub"}}),
            R"(there is no built-in kind "gibhub" to disable)");
  EXPECT_EQ(message_of({.allow = {"["}}),
            R"(allow: the pattern "[" is none that RE2 takes: missing ]: [)");
}

TEST(Redactor, BuiltInPatternsAreSuchAsRe2Takes) {
  // One that is not would find nothing, in silence: have each of them compiled and used.
  std::string all_keywords;
  for (const BuiltInRule& rule : built_in_rules()) {
    all_keywords.append(rule.keywords).append("\n");
    auto as_own = Redactor::create(
        {.rules = {{.kind = std::string(rule.kind), .pattern = std::string(rule.pattern)}}});
    EXPECT_TRUE(as_own.has_value()) << as_own.error().message;
  }
  EXPECT_EQ(redacted(all_keywords), all_keywords);
}

TEST(Redactor, OverTheByteBudgetOnlyTheDetailIsDropped) {
  const auto small = redactor_with({.bytes_max = 1'000});
  Event event;
  event.summary = "s " + github_token();
  event.target = "Bash";
  event.detail = R"({"out":")" + std::string(2'000, 'a') + github_token() + "\"}";
  const std::string detail = event.detail;
  const RedactionReport report = small->redact(event);
  EXPECT_EQ(report.texts_dropped, 1);
  EXPECT_EQ(report.secrets(), 1);
  EXPECT_EQ(event.target, "Bash");
  const auto json = nlohmann::json::parse(event.detail);
  EXPECT_EQ(json["redaction"], "dropped");
  EXPECT_EQ(json["reason"], "bytes");
  EXPECT_EQ(json["bytes"], detail.size());
  EXPECT_EQ(json["hmac_sha256"], hmac_hex(test_key(), detail));
  const Event once = event;
  EXPECT_TRUE(small->redact(event).is_clean());
  EXPECT_EQ(event, once);
}

TEST(Redactor, OverTheTimeBudgetTheTextIsDroppedAndShortOnesStay) {
  const auto hasty = redactor_with({.time_max = std::chrono::microseconds(0)});
  Event event;
  event.summary = std::string(200'000, 'a');
  event.target = "Bash";
  event.detail = "{}";
  EXPECT_EQ(hasty->redact(event).texts_dropped, 1);
  EXPECT_EQ(event.summary.substr(0, 17), "[REDACTED:unread:");
  EXPECT_EQ(event.target, "Bash");
  EXPECT_EQ(event.detail, "{}");
}

TEST(Redactor, TextMadeToBeSlowEndsWithTheBudget) {
  std::string nasty;
  while (nasty.size() < (1U << 20U)) nasty += "password=-----BEGIN PRIVATE KEY-----";
  Event event;
  event.detail = json_of(nasty);
  const auto start = std::chrono::steady_clock::now();
  const auto quick = redactor_with({.time_max = std::chrono::milliseconds(20)});
  EXPECT_EQ(quick->redact(event).texts_dropped, 1);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
}

TEST(Redactor, ATextInWhichARuleFindsMoreEachTimeIsDropped) {
  // Where a mark stands, the next letter begins a word.
  const auto own = redactor_with({.rules = {{.kind = "initial", .pattern = R"(\ba)"}}});
  EXPECT_EQ(find_marks(redacted("aaaaa", *own)).size(), 5U);
  Event event;
  event.summary = std::string(100, 'a');
  EXPECT_EQ(own->redact(event).texts_dropped, 1);
  EXPECT_TRUE(event.summary.starts_with("[REDACTED:unread:")) << event.summary;
}

TEST(Redactor, AsksForTheKeyOnceAndOnlyWhenItFindsASecret) {
  int asked = 0;
  const auto redactor = redactor_with({.key = [&asked] {
    ++asked;
    return test_key();
  }});
  EXPECT_EQ(redacted("nothing here", *redactor), "nothing here");
  EXPECT_EQ(asked, 0);
  (void)redacted(github_token(), *redactor);
  (void)redacted(github_token(), *redactor);
  EXPECT_EQ(asked, 1);
}

TEST(Redactor, WithoutAKeyMarksDifferFromOneRedactorToTheNext) {
  const auto one = Redactor::create({});
  const auto two = Redactor::create({});
  ASSERT_TRUE(one && two);
  EXPECT_EQ(redacted(github_token(), **one), redacted(github_token(), **one));
  EXPECT_NE(redacted(github_token(), **one), redacted(github_token(), **two));
}

TEST(Redactor, ManyThreadsFindTheSame) {
  SecretCorpus corpus(11);
  std::vector<std::string> details;
  std::vector<std::string> expected;
  for (int i = 0; i < 60; ++i) {
    details.push_back(corpus.planted().detail);
    expected.push_back(redacted_detail(details.back()));
  }
  const auto shared = redactor_with();  // whose patterns nobody has compiled yet
  std::vector<std::thread> threads;
  std::vector<std::vector<std::string>> found(4);
  for (auto& mine : found) {
    threads.emplace_back([&] {
      for (const std::string& detail : details) mine.push_back(redacted_detail(detail, *shared));
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const auto& mine : found) EXPECT_EQ(mine, expected);
}

TEST(RedactionReport, AddsUpByKind) {
  RedactionReport sum;
  sum.add({.found = {{.kind = "jwt", .secrets = 2}}, .texts_dropped = 1});
  sum.add({.found = {{.kind = "password", .secrets = 1}, {.kind = "jwt", .secrets = 1}}});
  EXPECT_EQ(sum.secrets(), 4);
  EXPECT_EQ(sum.texts_dropped, 1);
  EXPECT_EQ(sum.found.front(), (RedactionReport::Count{.kind = "jwt", .secrets = 3}));
}

TEST(FlatText, ARangeIsFoundAgainInTheRawText) {
  const std::string raw = R"(a\n\\\"b\u00e9\ud83d\ude00c\\server\x)";
  const FlatText flat(raw);
  EXPECT_EQ(flat.text(), "a\n\"b\u00e9\U0001F600c\\server\\x");
  const std::size_t at = flat.text().find("\U0001F600");
  const auto ranges = flat.raw_ranges({{.begin = 1, .end = 3}, {.begin = at, .end = at + 5}});
  EXPECT_EQ(ranges[0].of(raw), R"(\n\\\")");
  EXPECT_EQ(ranges[1].of(raw), R"(\ud83d\ude00c)");
}

TEST(FlatText, HasTheCharactersThatEscapesStandFor) {
  EXPECT_EQ(FlatText(R"(a\rb\nc\td\fe\bf\/g\"h\'i\qj\)").text(), "a\rb\nc\td e f/g\"h'i\\qj\\");
  // Half a character, or no number, is none.
  EXPECT_EQ(FlatText(R"(\ud83dx\u00zz)").text(), "\uFFFDx\\u00zz");
}

}  // namespace
}  // namespace agentaudit
