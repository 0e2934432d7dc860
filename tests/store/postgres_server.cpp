#include "store/postgres_server.h"

#include <chrono>
#include <csignal>
#include <filesystem>
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

PostgresServer::PostgresServer(const PostgresServerOptions& options)
    : settings_(options.settings), port_(free_port()) {
  initialise(options);
  const std::filesystem::path data = scratch_ / "data";
  for (const auto& [name, content] : options.files) {
    std::ofstream(data / name) << content;
    std::filesystem::permissions(data / name, std::filesystem::perms::owner_read);
  }
  start();
  if (options.standby_of == nullptr) run("CREATE EXTENSION pg_trgm SCHEMA public");
}

void PostgresServer::initialise(const PostgresServerOptions& options) const {
  const std::string directory = scratch_.path().string();
  const std::string data = directory + "/data";
  std::vector<std::string> command;
  if (options.standby_of != nullptr) {
    const std::string primary = options.standby_of->url_as("tester", "secret", "postgres");
    command = {std::string(programs) + "/pg_basebackup",
               "-d",
               primary,
               "-D",
               data,
               "-R",
               "-c",
               "fast",
               "--no-sync"};
  } else {
    std::ofstream(directory + "/password") << "secret\n";
    command = {std::string(programs) + "/initdb",
               "-D",
               data,
               "-U",
               "tester",
               "--pwfile=" + directory + "/password",
               "-A",
               "scram-sha-256",
               "-E",
               "UTF8",
               "--locale=C.UTF-8",
               "--no-sync"};
  }
  const pid_t made = start_server(directory, user, SIGKILL, command);
  int status = 0;
  waitpid(made, &status, 0);
  if (status != 0) throw std::runtime_error(command[0] + " failed");
}

void PostgresServer::start() {
  const std::string directory = scratch_.path().string();
  std::vector<std::string> command = {std::string(programs) + "/postgres", "-D",
                                      directory + "/data", "-p", std::to_string(port_)};
  std::vector<std::string> settings = {"listen_addresses=127.0.0.1",
                                       "unix_socket_directories=", "shared_buffers=64MB",
                                       "max_connections=60", "fsync=off"};
  settings.insert(settings.end(), settings_.begin(), settings_.end());
  for (const std::string& setting : settings) {
    command.emplace_back("-c");
    command.push_back(setting);
  }
  pid_ = start_server(directory, user, SIGQUIT, command);
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

void PostgresServer::crash() { crash_server(pid_, SIGQUIT); }

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

Result<std::int64_t> PostgresServer::ask(const std::string& sql) const {
  const auto connection = PostgresConnection::open(url_as("tester", "secret", "postgres"), {});
  if (!connection) return fail(connection.error());
  return (*connection)->number(sql);
}

std::int64_t PostgresServer::number(const std::string& sql) const {
  const auto number = ask(sql);
  if (!number) throw std::runtime_error(number.error().message);
  return *number;
}

void PostgresServer::wait_until(const std::string& question) const {
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  // A standby may not have the table yet.
  while (ask(question).value_or(0) == 0) {
    if (std::chrono::steady_clock::now() > give_up) throw std::runtime_error("not so: " + question);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

}  // namespace agentaudit
