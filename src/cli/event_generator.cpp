#include "cli/event_generator.h"

#include <array>
#include <bit>
#include <utility>

#include "agentaudit/core/names.h"

namespace agentaudit {
namespace {

constexpr std::int64_t start_ns = 1'790'000'000'000'000'000;
constexpr std::size_t conversations_open = 64;

constexpr std::array<std::string_view, 9> categories = {
    category::tool_call, category::llm,      category::session, category::mcp,   category::approval,
    category::channel,   category::schedule, category::skill,   category::config};
constexpr std::array<std::string_view, 9> actions = {
    "execute", "complete", "prompt", "tools/list", "request", "message", "run", "load", "change"};
constexpr std::array<std::string_view, 12> targets = {
    "Bash",      "Read",         "Edit",      "web_search", "a-large-model", "Write",
    "send_mail", "query_orders", "run_tests", "open_page",  "a-small-model", "create_ticket"};
constexpr std::array<std::string_view, 10> agents = {
    "claude-code", "researcher", "support-bot", "codex",   "deployer",
    "planner",     "reviewer",   "janitor",     "analyst", "scheduler"};
constexpr std::array<std::string_view, 4> sources = {"hook", "otlp", "engine", "mcp"};
constexpr std::array<std::string_view, 4> principals = {"user:ann", "user:ben", "schedule:nightly",
                                                        "agent:planner"};
constexpr std::array<std::string_view, 16> vocabulary = {
    "build", "order",  "customer", "file",  "the",  "failed", "weather", "in",
    "line",  "commit", "server",   "token", "with", "answer", "search",  "page"};

}  // namespace

EventGenerator::EventGenerator(std::uint64_t seed) : random_(seed), now_ns_(start_ns) {
  for (std::size_t i = 0; i < conversations_open; ++i) conversations_.push_back(hex(36));
}

std::uint64_t EventGenerator::below(std::uint64_t limit) { return random_() % limit; }

std::string EventGenerator::hex(std::size_t digits) {
  constexpr std::string_view alphabet = "0123456789abcdef";
  std::string text(digits, '0');
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < digits; ++i, bits >>= 4U) {
    if (i % 16 == 0) bits = random_();
    text[i] = alphabet[bits & 0x0FU];
  }
  return text;
}

std::string EventGenerator::words(std::size_t bytes) {
  std::string text;
  while (text.size() < bytes) {
    text += vocabulary[below(vocabulary.size())];
    text += ' ';
  }
  text.pop_back();
  return text;
}

std::string_view EventGenerator::skewed(std::span<const std::string_view> names) {
  const std::uint64_t bits = random_() | (1ULL << (names.size() - 1));
  return names[static_cast<std::size_t>(std::countr_zero(bits))];
}

Event EventGenerator::next() {
  constexpr std::int64_t step_ns_max = 100'000'000;
  constexpr std::int64_t late_ns_max = 3'600'000'000'000;
  now_ns_ += 1 + static_cast<std::int64_t>(below(step_ns_max));
  const bool late = below(100) == 0;
  // An event in fifty starts a conversation, and with it another one ends.
  const std::size_t conversation = below(conversations_open);
  if (below(50) == 0) conversations_[conversation] = hex(36);

  Event event;
  event.timestamp =
      Timestamp::from_ns(now_ns_ - (late ? static_cast<std::int64_t>(below(late_ns_max)) : 0));
  event.category = skewed(categories);
  event.action = skewed(actions);
  event.agent = skewed(agents);
  event.target = skewed(targets);
  event.source = skewed(sources);
  event.principal = skewed(principals);
  event.conversation_id = conversations_[conversation];
  const std::uint64_t outcome = below(100);
  event.status = outcome < 88   ? status::ok
                 : outcome < 94 ? status::pending
                 : outcome < 99 ? status::error
                                : status::denied;
  event.duration = std::chrono::milliseconds(below(4'000));
  event.summary = event.target + ": " + words(36);
  event.detail = R"({"arguments":{"query":")" + words(40 + below(40)) + R"("},"result":")" +
                 words(60 + below(120)) + R"(","tokens":)" + std::to_string(below(4'000)) + '}';
  event.trace_id = hex(32);
  event.span_id = hex(16);
  event.parent_span_id = hex(16);
  return event;
}

std::vector<Event> EventGenerator::take(std::size_t events) {
  std::vector<Event> taken;
  taken.reserve(events);
  for (std::size_t i = 0; i < events; ++i) taken.push_back(next());
  return taken;
}

std::vector<EventView> views_of(const std::vector<Event>& events) {
  return {events.begin(), events.end()};
}

}  // namespace agentaudit
