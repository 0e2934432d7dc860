#include "store/server_process.h"

#include <csignal>
#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace agentaudit {

pid_t start_server(const std::string& directory, const char* user, int last_signal,
                   std::vector<std::string> command) {
  const passwd* const other = geteuid() == 0 ? getpwnam(user) : nullptr;
  if (other != nullptr) {
    (void)!chown(directory.c_str(), other->pw_uid, other->pw_gid);
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
      (void)!chown(entry.path().c_str(), other->pw_uid, other->pw_gid);
    }
  }
  std::vector<char*> arguments;
  for (std::string& argument : command) arguments.push_back(argument.data());
  arguments.push_back(nullptr);
  const pid_t pid = fork();
  if (pid != 0) return pid;
  if (other != nullptr && (setgid(other->pw_gid) != 0 || setuid(other->pw_uid) != 0)) _exit(126);
  // After the change of user, which would take it back.
  prctl(PR_SET_PDEATHSIG, last_signal);
  if (chdir(directory.c_str()) != 0) _exit(126);
  const int log = open("log", O_WRONLY | O_CREAT | O_APPEND, 0600);
  dup2(log, STDOUT_FILENO);
  dup2(log, STDERR_FILENO);
  execv(arguments[0], arguments.data());
  _exit(127);
}

void end_server(pid_t& pid, int signal) {
  if (pid <= 0) return;
  ::kill(pid, signal);
  waitpid(pid, nullptr, 0);
  pid = -1;
}

void crash_server(pid_t& pid, int last_signal) {
  if (pid <= 0) return;
  ::kill(pid, SIGSTOP);  // it starts no more
  const std::string task = "/proc/" + std::to_string(pid) + "/task/" + std::to_string(pid);
  std::ifstream children(task + "/children");
  for (pid_t child = 0; children >> child;) ::kill(child, SIGKILL);
  // Killed itself, it would leave its shared memory to the system for good.
  ::kill(pid, last_signal);
  end_server(pid, SIGCONT);
}

}  // namespace agentaudit
