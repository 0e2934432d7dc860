// An agent loop that records what it does: ten lines of it are agentaudit's.
//
//   embed [TRAIL]      the default is a trail in memory
#include <agentaudit/agentaudit.h>

#include <chrono>
#include <iostream>
#include <stdexcept>
#include <string>

namespace {

// Stands for the tool that an agent would call.
std::string search(const std::string& query) {
  if (query.empty()) throw std::invalid_argument("an empty query");
  return R"({"results":["18 °C, light rain"]})";
}

}  // namespace

int main(int argc, char** argv) {
  auto store = agentaudit::open_store(argc > 1 ? argv[1] : ":memory:");
  if (!store) {
    std::cerr << store.error().message << '\n';
    return 1;
  }
  agentaudit::BufferedEmitter emitter(*store);
  if (auto started = emitter.start(); !started) return 1;

  for (const std::string query : {"weather in Lisbon", ""}) {
    agentaudit::Event intent;
    intent.category = agentaudit::category::tool_call;
    intent.action = "execute";
    intent.agent = "researcher";
    intent.target = "web_search";
    intent.summary = "web_search: " + query;
    try {
      agentaudit::Span span(emitter, intent);  // records the intent
      span.set_detail(search(query));
    } catch (const std::invalid_argument& error) {  // by now the span has recorded an error
      std::cerr << "web_search: " << error.what() << '\n';
    }
  }

  if (auto closed = emitter.close(std::chrono::seconds(5)); !closed) {
    std::cerr << closed.error().message << '\n';
    return 1;
  }
  const auto trail = (*store)->list(agentaudit::ListOpts{});
  if (!trail) return 1;
  for (const agentaudit::Event& event : trail->events) {
    std::cout << agentaudit::to_json(event) << '\n';
  }
}
