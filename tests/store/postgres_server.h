// A PostgreSQL server of a test's own: on loopback, in a temporary directory, as its own user.
#pragma once

#include <string>

#include <sys/types.h>

#include "store/scratch_directory.h"

namespace agentaudit {

// Whatever of it fails throws std::runtime_error.
class PostgresServer {
 public:
  // nullptr: none is installed. One for the whole program.
  static PostgresServer* shared();
  PostgresServer();
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  // With the password, for a schema of that name, which is made where it is not there.
  [[nodiscard]] std::string url(const std::string& schema) const;
  // As another user, of another database.
  [[nodiscard]] std::string url_as(const std::string& user, const std::string& password,
                                   const std::string& database) const;
  // Runs statements as the superuser.
  void run(const std::string& sql) const;
  [[nodiscard]] int port() const { return port_; }
  // Where the server may write.
  [[nodiscard]] std::string directory() const { return scratch_.path().native(); }

  // Ends it at once, as a crash of it does, and starts it again.
  void kill();
  void start();

 private:
  ScratchDirectory scratch_;
  pid_t pid_ = -1;
  int port_ = 0;
};

}  // namespace agentaudit
