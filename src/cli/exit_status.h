// What the process tells the shell. docs/cli.md explains each.
#pragma once

namespace agentaudit {

enum class ExitStatus : int {
  ok = 0,
  refused = 1,       // some input was refused, or what was asked for is not there
  usage = 2,         // the command line is wrong
  unusable = 3,      // the trail, or another file, could not be opened or used
  interrupted = 130  // SIGINT or SIGTERM, after what was begun was finished
};

}  // namespace agentaudit
