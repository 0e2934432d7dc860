// A PostgreSQL server of a test's own: on loopback, in a temporary directory, as its own user.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <sys/types.h>

#include "agentaudit/core/result.h"
#include "store/scratch_directory.h"

namespace agentaudit {

class PostgresServer;

struct PostgresServerOptions {
  std::vector<std::string> settings{};         // NAME=VALUE
  std::map<std::string, std::string> files{};  // put into its data directory
  // It streams from that server, which runs, and takes no writes until it is promoted.
  const PostgresServer* standby_of = nullptr;
};

// Whatever of it fails throws std::runtime_error.
class PostgresServer {
 public:
  // nullptr: none is installed. One for the whole program.
  static PostgresServer* shared();
  explicit PostgresServer(const PostgresServerOptions& options = {});
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
  // The number that a question has for an answer.
  [[nodiscard]] std::int64_t number(const std::string& sql) const;
  // Waits, for half a minute, until a question is answered with another number than 0.
  void wait_until(const std::string& question) const;
  [[nodiscard]] int port() const { return port_; }
  // Where the server may write.
  [[nodiscard]] std::string directory() const { return scratch_.path().native(); }

  // Ends it at once, as a crash of it does, and starts it again.
  void kill();
  void start();
  // The same as kill, but clients are told nothing.
  void crash();

 private:
  void initialise(const PostgresServerOptions& options) const;
  [[nodiscard]] Result<std::int64_t> ask(const std::string& sql) const;

  ScratchDirectory scratch_;
  std::vector<std::string> settings_;
  pid_t pid_ = -1;
  int port_ = 0;
};

}  // namespace agentaudit
