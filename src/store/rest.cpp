#include "store/rest.h"

#include <condition_variable>
#include <mutex>

namespace agentaudit {

void rest(const std::stop_token& stop, std::chrono::steady_clock::duration span) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock guard(mutex);
  never.wait_for(guard, stop, span, [] { return false; });
}

}  // namespace agentaudit
