#include "store/postgres_server.h"

#include <chrono>
#include <csignal>
#include <fstream>
#include <stdexcept>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

#include "store/loopback.h"
#include "store/postgres_connection.h"
#include "store/server_process.h"

namespace agentaudit {
namespace {

constexpr const char* programs = "/usr/lib/postgresql/15/bin";
constexpr const char* user = "postgres";

}  // namespace

PostgresServer* PostgresServer::shared() {
  if (access((std::string(programs) + "/postgres").c_str(), X_OK) != 0) return nullptr;
  static PostgresServer server;
  return &server;
}

PostgresServer::PostgresServer() : port_(free_port()) {
  const std::string directory = scratch_.path().string();
  std::ofstream(directory + "/password") << "secret\n";
  const pid_t made = start_server(directory, user, SIGKILL,
                                  {std::string(programs) + "/initdb", "-D", directory + "/data",
                                   "-U", "tester", "--pwfile=" + directory + "/password", "-A",
                                   "scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"});
  int status = 0;
  waitpid(made, &status, 0);
  if (status != 0) throw std::runtime_error("initdb failed");
  start();
  run("CREATE EXTENSION pg_trgm SCHEMA public");
}

void PostgresServer::start() {
  const std::string directory = scratch_.path().string();
  pid_ = start_server(
      directory, user, SIGQUIT,
      {std::string(programs) + "/postgres", "-D", directory + "/data", "-p", std::to_string(port_),
       "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c",
       "shared_buffers=64MB", "-c", "max_connections=60", "-c", "fsync=off"});
  for (int i = 0; i < 600; ++i) {
    if (PostgresConnection::open(url_as("tester", "secret", "postgres"), {})) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  throw std::runtime_error("the PostgreSQL server does not answer");
}

void PostgresServer::kill() {
  // PostgreSQL's immediate shutdown: its children end too, nothing is written.
  end_server(pid_, SIGQUIT);
}

PostgresServer::~PostgresServer() { kill(); }

std::string PostgresServer::url_as(const std::string& user, const std::string& password,
                                   const std::string& database) const {
  return "postgres://" + user + ":" + password + "@127.0.0.1:" + std::to_string(port_) + "/" +
         database;
}

std::string PostgresServer::url(const std::string& schema) const {
  run("CREATE SCHEMA IF NOT EXISTS \"" + schema + "\"");
  return url_as("tester", "secret", "postgres") + "?options=-csearch_path%3D" + schema;
}

void PostgresServer::run(const std::string& sql) const {
  const auto connection = PostgresConnection::open(url_as("tester", "secret", "postgres"), {});
  if (!connection) throw std::runtime_error(connection.error().message);
  if (const auto done = (*connection)->run(sql); !done) {
    throw std::runtime_error(done.error().message);
  }
}

}  // namespace agentaudit
