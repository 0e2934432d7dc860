#include "render/trace_tree.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace agentaudit {
namespace {

constexpr std::size_t none = TraceNode::none;

struct Given {
  std::int64_t at_ms = 0;
  std::string span;
  std::string status = "ok";
  std::string parent = {};
  std::string category = "tool_call";
  std::string summary = "s";
};

std::vector<Event> events_of(const std::vector<Given>& given) {
  std::vector<Event> events;
  for (const Given& g : given) {
    Event event;
    event.id = static_cast<EventId>(events.size() + 1);
    event.timestamp = Timestamp::from_ns(1'000'000'000 + g.at_ms * 1'000'000);
    event.category = g.category;
    event.status = g.status;
    event.span_id = g.span;
    event.parent_span_id = g.parent;
    event.summary = g.summary;
    events.push_back(event);
  }
  return events;
}

TEST(TraceTree, IntentAndEffectAreOneNode) {
  const auto events = events_of({{0, "a", "pending"}, {250, "a", "error"}});
  const TraceTree tree(events);
  ASSERT_EQ(tree.nodes().size(), 1U);
  EXPECT_EQ(tree.nodes()[0].intent, &events[0]);
  EXPECT_EQ(tree.nodes()[0].effect, &events[1]);
  EXPECT_EQ(tree.nodes()[0].duration(), std::chrono::milliseconds(250));
}

TEST(TraceTree, TheEffectsOwnDurationGoesBeforeTheTimeBetween) {
  auto events = events_of({{0, "a", "pending"}, {250, "a", "ok"}});
  events[1].duration = std::chrono::milliseconds(17);
  EXPECT_EQ(TraceTree(events).nodes()[0].duration(), std::chrono::milliseconds(17));
}

TEST(TraceTree, ChildrenHangBeneathTheirParentWhateverTheirOrder) {
  const auto events = events_of({{5, "child", "ok", "root"}, {0, "root", "ok"}});
  const TraceTree tree(events);
  ASSERT_EQ(tree.roots().size(), 1U);
  const TraceNode& root = tree.nodes()[tree.roots()[0]];
  EXPECT_EQ(root.effect, &events[1]);
  ASSERT_EQ(root.children.size(), 1U);
  EXPECT_EQ(tree.nodes()[root.children[0]].effect, &events[0]);
}

TEST(TraceTree, EventsWithoutSpansAreAListInTimeOrder) {
  const auto events = events_of({{9, ""}, {1, ""}, {5, ""}});
  const TraceTree tree(events);
  ASSERT_EQ(tree.roots().size(), 3U);
  EXPECT_EQ(tree.nodes()[tree.roots()[0]].effect, &events[1]);
  EXPECT_EQ(tree.nodes()[tree.roots()[2]].effect, &events[0]);
}

TEST(TraceTree, AnApprovalThatTheCallNamesAsItsParentHangsBeneathTheCall) {
  const auto events = events_of({{0, "call", "pending", "ask"},
                                 {1, "ask", "pending", "", "approval"},
                                 {9, "call", "ok", "ask"}});
  const TraceTree tree(events);
  ASSERT_EQ(tree.roots().size(), 1U);
  const TraceNode& call = tree.nodes()[tree.roots()[0]];
  EXPECT_EQ(call.intent, &events[0]);
  ASSERT_EQ(call.children.size(), 1U);
  EXPECT_TRUE(tree.nodes()[call.children[0]].is_approval());
}

TEST(TraceTree, AnApprovalBelongsToTheLatestCallBeforeIt) {
  const auto events = events_of({{0, "first", "pending", "ask"},
                                 {5, "second", "pending", "ask"},
                                 {6, "ask", "pending", "", "approval"}});
  const TraceTree tree(events);
  ASSERT_EQ(tree.roots().size(), 2U);
  EXPECT_TRUE(tree.nodes()[tree.roots()[0]].children.empty());
  EXPECT_EQ(tree.nodes()[tree.roots()[1]].children.size(), 1U);
}

TEST(TraceTree, ADenialOfTheCallsSpanEndsTheCall) {
  const auto events = events_of({{0, "call", "pending"}, {4, "call", "denied", "", "approval"}});
  const TraceTree tree(events);
  ASSERT_EQ(tree.nodes().size(), 1U);
  EXPECT_EQ(&tree.nodes()[0].subject(), &events[0]);
  EXPECT_EQ(tree.nodes()[0].effect->status, "denied");
}

TEST(TraceTree, CirclesAreCut) {
  const auto events = events_of({{0, "a", "ok", "b"}, {1, "b", "ok", "c"}, {2, "c", "ok", "a"}});
  const TraceTree tree(events);
  ASSERT_EQ(tree.roots().size(), 1U);
  EXPECT_NE(trace_view(tree, {}).find("+2 ms"), std::string::npos);
}

TEST(TraceTree, AnEventThatIsItsOwnParentIsARoot) {
  const TraceTree tree(events_of({{0, "a", "ok", "a"}}));
  ASSERT_EQ(tree.roots().size(), 1U);
  EXPECT_EQ(tree.nodes()[0].parent, none);
}

TEST(TraceTree, MoreEventsOfOneSpanAreKept) {
  const TraceTree tree(events_of({{0, "a", "pending"}, {1, "a", "ok"}, {2, "a", "ok"}}));
  ASSERT_EQ(tree.nodes().size(), 1U);
  EXPECT_EQ(tree.nodes()[0].others.size(), 1U);
}

TEST(TraceTree, MoreEventsOfOneSpanAreInTimeOrder) {
  const auto events =
      events_of({{0, "a", "pending"}, {1, "a", "error"}, {2, "a", "pending"}, {3, "a", "ok"}});
  const TraceTree tree(events);
  ASSERT_EQ(tree.nodes().size(), 1U);
  EXPECT_EQ(tree.nodes()[0].intent, &events[0]);
  EXPECT_EQ(tree.nodes()[0].effect, &events[3]);
  EXPECT_EQ(tree.nodes()[0].others, (std::vector<const Event*>{&events[1], &events[2]}));
}

TEST(TraceView, AnOpenIntentIsMarked) {
  const std::string view = trace_view(TraceTree(events_of({{0, "a", "pending"}})), {});
  EXPECT_NE(view.find("never ended"), std::string::npos) << view;
}

TEST(TraceView, ApprovalsShowTheirVerdict) {
  const auto view = [](std::string answer) {
    return trace_view(TraceTree(events_of({{0, "call", "pending"},
                                           {1, "ask", "pending", "call", "approval"},
                                           {2, "ask", answer, "call", "approval"}})),
                      {});
  };
  EXPECT_NE(view("ok").find("approved"), std::string::npos);
  EXPECT_NE(view("denied").find("denied"), std::string::npos);
  EXPECT_NE(view("error").find("failed · s"), std::string::npos);
}

TEST(TraceView, AnUnansweredApprovalIsToldByTheFateOfItsCall) {
  const auto events = events_of({{0, "call", "pending", "ask"},
                                 {1, "ask", "pending", "", "approval"},
                                 {9, "call", "ok", "ask"}});
  EXPECT_NE(trace_view(TraceTree(events), {}).find("approved: the call ran"), std::string::npos);
  const auto open = std::vector<Event>(events.begin(), events.begin() + 2);
  EXPECT_NE(trace_view(TraceTree(open), {}).find("never answered"), std::string::npos);
  auto denied = events;
  denied[2].status = "denied";
  EXPECT_NE(trace_view(TraceTree(denied), {}).find("denied · s"), std::string::npos);
}

TEST(TraceView, DrawsBranches) {
  const std::string view = trace_view(TraceTree(events_of({{0, "r", "ok", "", "session", "root"},
                                                           {1, "a", "ok", "r", "llm", "one"},
                                                           {2, "b", "ok", "a", "llm", "deep"},
                                                           {3, "c", "ok", "r", "llm", "two"}})),
                                      {});
  EXPECT_EQ(view,
            "    +0 ms               ok       session    root\n"
            "    +1 ms               ok       ├─ llm        one\n"
            "    +2 ms               ok       │  └─ llm        deep\n"
            "    +3 ms               ok       └─ llm        two\n");
}

TEST(TraceView, DrawsMoreEventsOfASpanBeneathIt) {
  std::vector<Given> given = {{0, "a", "pending", "", "tool_call", "first try"},
                              {1, "a", "error", "", "tool_call", "first end"},
                              {2, "a", "pending", "", "tool_call", "second try"},
                              {3, "a", "ok", "", "tool_call", "second end"}};
  const auto view = [&] {
    auto events = events_of(given);
    events[1].duration = std::chrono::milliseconds(17);
    return trace_view(TraceTree(events), {});
  };
  const std::string lines =
      "    +0 ms         3 ms  ok       tool_call  second end\n"
      "    +1 ms        17 ms  error    ├─ tool_call  first end\n";
  EXPECT_EQ(view(), lines + "    +2 ms               pending  └─ tool_call  second try\n");
  given.push_back({4, "b", "ok", "a", "llm", "within"});
  EXPECT_EQ(view(), lines +
                        "    +2 ms               pending  ├─ tool_call  second try\n"
                        "    +4 ms               ok       └─ llm        within\n");
}

TEST(TraceView, TextOfEventsIsMadeSafe) {
  const std::string view =
      trace_view(TraceTree(events_of({{0, "a", "ok", "", "c\x1b", "\x1b]0;x\a"}})), {});
  EXPECT_EQ(view.find('\x1b'), std::string::npos);
}

TEST(TraceView, TenThousandLevelsAreDrawnInLittleSpace) {
  std::vector<Given> given;
  for (int i = 0; i < 10'000; ++i) {
    given.push_back({i, "s" + std::to_string(i), "ok", "s" + std::to_string(i - 1)});
  }
  const std::string view = trace_view(TraceTree(events_of(given)), {.columns = 80});
  EXPECT_LT(view.size(), 10'000U * 250U);
}

}  // namespace
}  // namespace agentaudit
