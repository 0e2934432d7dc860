// Servers that tests start: each in its own directory, as a user that is not root.
#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

namespace agentaudit {

// Runs a program as `user` (as who runs the test, where that is not root) in the directory, whose
// files become that user's; what it says goes to `log` there. It gets `last_signal` when the
// thread that started it ends.
[[nodiscard]] pid_t start_server(const std::string& directory, const char* user, int last_signal,
                                 std::vector<std::string> command);

// Sends the signal, and waits for the end.
void end_server(pid_t& pid, int signal);

// Kills the processes that the server started, so that none has a last word, and ends it with the
// signal.
void crash_server(pid_t& pid, int last_signal);

}  // namespace agentaudit
