#include "store/postgres_server.h"

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/free_port.h"
#include "store/postgres_connection.h"

namespace agentaudit {
namespace {

constexpr const char* programs = "/usr/lib/postgresql/15/bin";

// Runs a program as a user that is not root, which PostgreSQL demands.
pid_t spawn(const std::string& directory, const std::vector<std::string>& command) {
  const pid_t pid = fork();
  if (pid != 0) return pid;
  if (const passwd* const user = geteuid() == 0 ? getpwnam("postgres") : nullptr) {
    if (setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0) _exit(126);
  }
  // After the change of user, which would take it back.
  prctl(PR_SET_PDEATHSIG, SIGQUIT);
  if (chdir(directory.c_str()) != 0) _exit(126);
  const int log = open("log", O_WRONLY | O_CREAT | O_APPEND, 0600);
  dup2(log, STDOUT_FILENO);
  dup2(log, STDERR_FILENO);
  std::vector<char*> arguments;
  for (const std::string& argument : command)
    arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  execv(arguments[0], arguments.data());
  _exit(127);
}

}  // namespace

PostgresServer* PostgresServer::shared() {
  if (access((std::string(programs) + "/postgres").c_str(), X_OK) != 0) return nullptr;
  static PostgresServer server;
  return &server;
}

PostgresServer::PostgresServer() : port_(free_port()) {
  const std::string directory = scratch_.path().string();
  std::ofstream(directory + "/password") << "secret\n";
  if (const passwd* const user = geteuid() == 0 ? getpwnam("postgres") : nullptr) {
    for (const char* name : {"", "/password"}) {
      (void)!chown((directory + name).c_str(), user->pw_uid, user->pw_gid);
    }
  }
  const pid_t made =
      spawn(directory, {std::string(programs) + "/initdb", "-D", directory + "/data", "-U",
                        "tester", "--pwfile=" + directory + "/password", "-A", "scram-sha-256",
                        "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"});
  int status = 0;
  waitpid(made, &status, 0);
  if (status != 0) throw std::runtime_error("initdb failed");
  start();
  run("CREATE EXTENSION pg_trgm SCHEMA public");
}

void PostgresServer::start() {
  const std::string directory = scratch_.path().string();
  pid_ = spawn(directory, {std::string(programs) + "/postgres", "-D", directory + "/data", "-p",
                           std::to_string(port_), "-c", "listen_addresses=127.0.0.1", "-c",
                           "unix_socket_directories=", "-c", "shared_buffers=64MB", "-c",
                           "max_connections=60", "-c", "fsync=off"});
  for (int i = 0; i < 600; ++i) {
    if (PostgresConnection::open(url_as("tester", "secret", "postgres"), {})) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  throw std::runtime_error("the PostgreSQL server does not answer");
}

void PostgresServer::kill() {
  if (pid_ <= 0) return;
  // SIGQUIT is PostgreSQL's immediate shutdown: its children end too, nothing is written.
  ::kill(pid_, SIGQUIT);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
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
