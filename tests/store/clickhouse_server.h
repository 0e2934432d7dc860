// A clickhouse-server of a test's own: on loopback, in a temporary directory.
#pragma once

#include <memory>
#include <string>

#include <sys/types.h>

#include "store/scratch_directory.h"

namespace agentaudit {

class ClickhouseServer {
 public:
  // nullptr: none is installed. One for the whole program.
  static ClickhouseServer* shared();
  ~ClickhouseServer();

  // With the password, for a database.
  [[nodiscard]] std::string url(const std::string& database) const;

 private:
  ClickhouseServer();
  void start();

  ScratchDirectory scratch_;
  pid_t pid_ = -1;
  int port_ = 0;
};

}  // namespace agentaudit
