#include "store/clickhouse_server.h"

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include <pwd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/clickhouse_client.h"
#include "store/free_port.h"

namespace agentaudit {
namespace {

constexpr const char* program = "/usr/sbin/clickhouse-server";
constexpr const char* other_program = "/usr/bin/clickhouse-server";

}  // namespace

ClickhouseServer* ClickhouseServer::shared() {
  if (access(program, X_OK) != 0 && access(other_program, X_OK) != 0) return nullptr;
  static ClickhouseServer server;
  return &server;
}

ClickhouseServer::ClickhouseServer() { start(); }

void ClickhouseServer::start() {
  const std::string dir = scratch_.path().string();
  port_ = free_port();
  std::filesystem::create_directories(dir + "/data");
  std::filesystem::create_directories(dir + "/tmp");
  std::ofstream(dir + "/config.xml")
      << "<yandex><logger><level>warning</level><log>" << dir << "/log</log><errorlog>" << dir
      << "/errors</errorlog></logger><http_port>" << port_ << "</http_port><tcp_port>"
      << free_port() << "</tcp_port><listen_host>127.0.0.1</listen_host><path>" << dir
      << "/data/</path><tmp_path>" << dir << "/tmp/</tmp_path><users_config>" << dir
      << "/users.xml</users_config><default_profile>default</default_profile>"
         "<default_database>default</default_database>"
         "<mark_cache_size>104857600</mark_cache_size></yandex>";
  std::ofstream(dir + "/users.xml")
      << "<yandex><profiles><default></default></profiles><users><default><password>secret"
         "</password><networks><ip>127.0.0.1</ip></networks><profile>default</profile>"
         "<quota>default</quota></default></users><quotas><default></default></quotas></yandex>";
  const passwd* const user = geteuid() == 0 ? getpwnam("nobody") : nullptr;
  if (user != nullptr) {
    for (const char* name : {"", "/data", "/tmp", "/config.xml", "/users.xml"}) {
      (void)!chown((dir + name).c_str(), user->pw_uid, user->pw_gid);
    }
  }
  const std::string config = "--config-file=" + dir + "/config.xml";
  pid_ = fork();
  if (pid_ == 0) {
    if (user != nullptr && (setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0)) _exit(126);
    // After the change of user, which would take it back.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (chdir(dir.c_str()) != 0) _exit(126);
    (void)!freopen("/dev/null", "w", stdout);
    (void)!freopen("/dev/null", "w", stderr);
    execl(program, program, config.c_str(), nullptr);
    execl(other_program, other_program, config.c_str(), nullptr);
    _exit(127);
  }
  auto address = ClickhouseAddress::parse(url("default"));
  const auto client = ClickhouseClient::make(*address);
  for (int i = 0; i < 600 && !(*client)->query("SELECT 1"); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

ClickhouseServer::~ClickhouseServer() {
  if (pid_ <= 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

std::string ClickhouseServer::url(const std::string& database) const {
  return "clickhouse://default:secret@127.0.0.1:" + std::to_string(port_) + "/" + database;
}

}  // namespace agentaudit
