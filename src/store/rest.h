// Rests between the steps of long work, which a stop request cuts short.
#pragma once

#include <chrono>
#include <stop_token>

namespace agentaudit {

// Returns after `span`, or as soon as stop is requested.
void rest(const std::stop_token& stop, std::chrono::steady_clock::duration span);

}  // namespace agentaudit
