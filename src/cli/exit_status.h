// What the process tells the shell. docs/cli.md explains each.
#pragma once

namespace agentaudit {

enum class ExitStatus : int {
  ok = 0,
  refused = 1,   // some input was refused, or what was asked for is not there
  usage = 2,     // the command line is wrong
  unusable = 3,  // the trail, or another file, could not be opened or used
  // Of `verify` alone, whose status is the verdict.
  incomplete = 1,
  tampered = 2,
  rolled_back = 3,
  unreadable = 4,
  wrong_use = 64,    // what `usage` is elsewhere
  interrupted = 130  // SIGINT or SIGTERM, after what was begun was finished
};

}  // namespace agentaudit
