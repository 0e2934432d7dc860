// Records two events and reads them back, with nothing but the installed library.
#include <agentaudit/agentaudit.h>

#include <chrono>
#include <iostream>

int main() {
  auto store = agentaudit::SqliteStore::in_memory();
  if (!store) return std::cerr << store.error().message << '\n', 1;
  agentaudit::BufferedEmitter emitter(*store);
  {
    const agentaudit::Span span(emitter, {});
  }
  if (auto closed = emitter.close(std::chrono::seconds(5)); !closed) return 1;
  const auto stats = (*store)->stats(agentaudit::StatsOpts{});
  if (!stats || stats->total != 2) return 1;
  std::cout << "recorded " << stats->total << " events\n";
}
