// Conformance: which events a question finds.

#include "store/error_code.h"
#include "store/store_conformance.h"

namespace agentaudit {
namespace {

// Five events that differ in every field that can be asked for.
std::vector<Event> five_events() {
  std::vector<Event> events;
  for (const std::string name : {"a", "b", "c", "", "a"}) {
    const auto named = [&](std::string field) {
      return name.empty() ? std::string() : field + " " + name;
    };
    Event event = event_at(at(static_cast<std::int64_t>(events.size()) + 1), "event " + name);
    event.category = named("category");
    event.status = name.empty() ? "error" : named("status");
    event.agent = named("agent");
    event.source = named("source");
    event.target = named("target");
    event.conversation_id = named("conversation");
    events.push_back(event);
  }
  events[0].trace_id = "0af7651916cd43dd8448eb211c80319c";
  events[1].trace_id = "not hex";
  return events;
}

TEST_P(StoreConformance, NoFilterFindsEverything) {
  insert_all(five_events());
  EXPECT_EQ(found({}), (Ids{1, 2, 3, 4, 5}));
}

TEST_P(StoreConformance, EachFieldFiltersAlone) {
  insert_all(five_events());
  EXPECT_EQ(found({.categories = {"category a"}}), (Ids{1, 5}));
  EXPECT_EQ(found({.statuses = {"error"}}), (Ids{4}));
  EXPECT_EQ(found({.agents = {"agent b"}}), (Ids{2}));
  EXPECT_EQ(found({.sources = {"source c"}}), (Ids{3}));
  EXPECT_EQ(found({.exclude_sources = {"source a"}}), (Ids{2, 3, 4}));
  EXPECT_EQ(found({.targets = {"target a"}}), (Ids{1, 5}));
  EXPECT_EQ(found({.conversation_id = "conversation b"}), (Ids{2}));
  EXPECT_EQ(found({.trace_id = "0af7651916cd43dd8448eb211c80319c"}), (Ids{1}));
  EXPECT_EQ(found({.trace_id = "not hex"}), (Ids{2}));
  EXPECT_EQ(found({.search = "event b"}), (Ids{2}));
  EXPECT_EQ(found({.since = at(4)}), (Ids{4, 5}));
  EXPECT_EQ(found({.until = at(2)}), (Ids{1, 2}));
}

TEST_P(StoreConformance, NamesMatchExactlyOrNotAtAll) {
  insert_all(five_events());
  EXPECT_EQ(found({.agents = {"agent"}}), Ids{});
  EXPECT_EQ(found({.agents = {"Agent a"}}), Ids{});
  EXPECT_EQ(found({.agents = {"agent a "}}), Ids{});
  EXPECT_EQ(found({.agents = {"agent %"}}), Ids{});
  EXPECT_EQ(found({.agents = {"category a"}}), Ids{});
  EXPECT_EQ(found({.agents = {std::string("agent a\0", 8)}}), Ids{});
  EXPECT_EQ(found({.trace_id = "0AF7651916CD43DD8448EB211C80319C"}), Ids{});
  EXPECT_EQ(found({.conversation_id = "' OR 1=1 --"}), Ids{});
}

TEST_P(StoreConformance, ValuesWithinAFieldAreAUnion) {
  insert_all(five_events());
  EXPECT_EQ(found({.agents = {"agent a", "agent c", "agent of nobody"}}), (Ids{1, 3, 5}));
  EXPECT_EQ(found({.exclude_sources = {"source a", "source b"}}), (Ids{3, 4}));
  EXPECT_EQ(found({.exclude_sources = {"source of nobody"}}), (Ids{1, 2, 3, 4, 5}));
}

TEST_P(StoreConformance, FieldsIntersect) {
  insert_all(five_events());
  EXPECT_EQ(found({.categories = {"category a"}, .since = at(2)}), (Ids{5}));
  EXPECT_EQ(found({.categories = {"category a"}, .agents = {"agent b"}}), Ids{});
  EXPECT_EQ(found({.sources = {"source a", "source b"}, .exclude_sources = {"source a"}}),
            (Ids{2}));
  EXPECT_EQ(found({.categories = {"category a", "category b"},
                   .statuses = {"status a", "status b"},
                   .agents = {"agent a", "agent b"},
                   .sources = {"source a", "source b"},
                   .exclude_sources = {"source c"},
                   .targets = {"target a", "target b"},
                   .conversation_id = "conversation a",
                   .search = "EVENT",
                   .since = at(1),
                   .until = at(4)}),
            (Ids{1}));
}

TEST_P(StoreConformance, AnEmptyNameIsANameLikeAnyOther) {
  insert_all(five_events());
  EXPECT_EQ(found({.agents = {""}}), (Ids{4}));
  EXPECT_EQ(found({.targets = {"", "target b"}}), (Ids{2, 4}));
  EXPECT_EQ(found({.exclude_sources = {""}}), (Ids{1, 2, 3, 5}));
}

TEST_P(StoreConformance, AsManyNamesAsTheLimitAllows) {
  insert_all(five_events());
  std::vector<std::string> many;
  for (std::size_t i = 0; i < limits::filter_names_max - 1; ++i) many.push_back(std::to_string(i));
  many.emplace_back("agent b");
  EXPECT_EQ(found({.agents = many}), (Ids{2}));
  many.emplace_back("one more");
  EXPECT_EQ(error_code(store_->list({.agents = many})), ErrorCode::invalid_argument);
}

TEST_P(StoreConformance, SinceAndUntilIncludeTheirInstant) {
  insert_all(five_events());
  EXPECT_EQ(found({.since = at(2), .until = at(4)}), (Ids{2, 3, 4}));
  EXPECT_EQ(found({.since = at(3), .until = at(3)}), (Ids{3}));
  EXPECT_EQ(found({.since = Timestamp::from_ns(at(3).ns() + 1)}), (Ids{4, 5}));
  EXPECT_EQ(found({.until = Timestamp::from_ns(at(3).ns() - 1)}), (Ids{1, 2}));
  EXPECT_EQ(found({.since = at(6)}), Ids{});
  EXPECT_EQ(error_code(store_->list({.since = at(3), .until = at(2)})),
            ErrorCode::invalid_argument);
}

TEST_P(StoreConformance, SearchLooksIntoSummaryTargetAndDetail) {
  Event event = event_at(at(1), "needle in the summary");
  insert(event);
  event.summary = "hay";
  event.target = "a needle as target";
  insert(event);
  event.target = "hay";
  event.detail = R"({"deep":"the needle"})";
  insert(event);
  event.detail = "{}";
  event.agent = "needle";
  event.conversation_id = "needle";
  insert(event);
  EXPECT_EQ(ids({.search = "needle", .order = Order::commit}), (Ids{1, 2, 3}));
}

TEST_P(StoreConformance, SearchTakesEveryCharacterLiterally) {
  const std::vector<std::string> texts = {"100% sure",
                                          "100 sure",
                                          "a_b",
                                          "aXb",
                                          "x'; DROP TABLE events; --",
                                          "a.*b",
                                          "[abc]",
                                          "back\\slash",
                                          "a?b*c",
                                          R"(say "no")",
                                          "Stra\xc3\x9f"
                                          "e",
                                          "STRA\xc3\x9f"
                                          "E",
                                          "\xc3\x84pfel",
                                          "\xc3\xa4pfel",
                                          std::string("nul\0byte", 8),
                                          "bad \xff utf"};
  for (const std::string& text : texts) insert(event_at(at(1), text));
  const auto found = [&](std::string_view search) {
    return ids({.search = std::string(search), .order = Order::commit});
  };
  EXPECT_EQ(found("%"), (Ids{1}));
  EXPECT_EQ(found("_"), (Ids{3}));
  EXPECT_EQ(found("0% s"), (Ids{1}));
  EXPECT_EQ(found("'; drop table EVENTS; --"), (Ids{5}));
  EXPECT_EQ(found(".*"), (Ids{6}));
  EXPECT_EQ(found("[abc]"), (Ids{7}));
  EXPECT_EQ(found("\\"), (Ids{8}));
  EXPECT_EQ(found("?b*"), (Ids{9}));
  EXPECT_EQ(found("\""), (Ids{10}));
  EXPECT_EQ(found("stra\xc3\x9f"
                  "e"),
            (Ids{11, 12}));
  EXPECT_EQ(found("\xc3\x84PFEL"), (Ids{13}));  // other letters match as they are
  EXPECT_EQ(found("\xc3\xa4PFEL"), (Ids{14}));
  EXPECT_EQ(found(std::string_view("L\0B", 3)), (Ids{15}));
  EXPECT_EQ(found("\xff"), (Ids{16}));
  EXPECT_EQ(found("nowhere"), Ids{});
}

TEST_P(StoreConformance, SearchIgnoresTheCaseOfAsciiLettersOnly) {
  insert(event_at(at(1), "The QUICK brown Fox [z]"));
  for (const char* text : {"quick", "QUICK", "qUiCk BROWN", "fox", "the", "[Z]"}) {
    EXPECT_EQ(ids({.search = text}), (Ids{1})) << text;
  }
  // One bit away from letters, like their other case.
  for (const char* text : {"{z]", "[z}", "quick\x02"})
    EXPECT_EQ(ids({.search = text}), Ids{}) << text;
}

TEST_P(StoreConformance, ASearchAsLongAsTheLimitIsAnswered) {
  insert(event_at(at(1), std::string(limits::search_bytes_max, 'n')));
  EXPECT_EQ(ids({.search = std::string(limits::search_bytes_max, 'N')}), (Ids{1}));
  EXPECT_EQ(error_code(store_->list({.search = std::string(limits::search_bytes_max + 1, 'n')})),
            ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace agentaudit
