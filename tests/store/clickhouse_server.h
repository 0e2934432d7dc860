// A clickhouse-server of a test's own: on loopback, in a temporary directory.
#pragma once

#include <memory>
#include <string>

#include <sys/types.h>

#include "store/scratch_directory.h"

namespace agentaudit {

class ClickhouseServer {
 public:
  struct Options {
    int http_port = 0;
    int tcp_port = 0;
    std::string config{};  // more of config.xml
  };

  // nullptr: none is installed. One for the whole program.
  static ClickhouseServer* shared();
  static bool is_installed();
  // Answers already, or never will.
  explicit ClickhouseServer(Options options);
  ClickhouseServer(const ClickhouseServer&) = delete;
  ClickhouseServer& operator=(const ClickhouseServer&) = delete;
  ~ClickhouseServer();

  // With the password, for a database.
  [[nodiscard]] std::string url(const std::string& database) const;

 private:
  void start();

  Options options_;
  ScratchDirectory scratch_;
  pid_t pid_ = -1;
};

}  // namespace agentaudit
