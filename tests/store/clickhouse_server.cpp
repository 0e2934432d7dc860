#include "store/clickhouse_server.h"

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>
#include <utility>

#include <unistd.h>

#include "store/clickhouse_client.h"
#include "store/loopback.h"
#include "store/server_process.h"

namespace agentaudit {
namespace {

constexpr const char* program = "/usr/sbin/clickhouse-server";
constexpr const char* other_program = "/usr/bin/clickhouse-server";

}  // namespace

bool ClickhouseServer::is_installed() {
  return access(program, X_OK) == 0 || access(other_program, X_OK) == 0;
}

ClickhouseServer* ClickhouseServer::shared() {
  if (!is_installed()) return nullptr;
  static ClickhouseServer server({.http_port = free_port(), .tcp_port = free_port()});
  return &server;
}

ClickhouseServer::ClickhouseServer(Options options) : options_(std::move(options)) { start(); }

void ClickhouseServer::start() {
  const std::string dir = scratch_.path().string();
  std::filesystem::create_directories(dir + "/data");
  std::filesystem::create_directories(dir + "/tmp");
  std::ofstream(dir + "/config.xml")
      << "<yandex><logger><level>warning</level><log>" << dir << "/server_log</log><errorlog>"
      << dir << "/errors</errorlog></logger><http_port>" << options_.http_port
      << "</http_port><tcp_port>" << options_.tcp_port
      << "</tcp_port><listen_host>127.0.0.1</listen_host><path>" << dir << "/data/</path><tmp_path>"
      << dir << "/tmp/</tmp_path><users_config>" << dir
      << "/users.xml</users_config><default_profile>default</default_profile>"
         "<default_database>default</default_database>"
         "<mark_cache_size>104857600</mark_cache_size><query_log><database>system</database>"
         "<table>query_log</table><flush_interval_milliseconds>500</flush_interval_milliseconds>"
         "</query_log>"
      << options_.config << "</yandex>";
  std::ofstream(dir + "/users.xml")
      << "<yandex><profiles><default><log_queries>1</log_queries>"
         "<allow_experimental_low_cardinality_type>1</allow_experimental_low_cardinality_type></"
         "default></"
         "profiles><users><default><password>secret"
         "</password><networks><ip>127.0.0.1</ip></networks><profile>default</profile>"
         "<quota>default</quota></default></users><quotas><default></default></quotas></yandex>";
  pid_ = start_server(dir, "nobody", SIGKILL,
                      {access(program, X_OK) == 0 ? program : other_program,
                       "--config-file=" + dir + "/config.xml"});
  auto address = ClickhouseAddress::parse(url("default"));
  const auto client = ClickhouseClient::make(*address);
  for (int i = 0; i < 600 && !(*client)->query("SELECT 1"); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

ClickhouseServer::~ClickhouseServer() { end_server(pid_, SIGKILL); }

std::string ClickhouseServer::url(const std::string& database) const {
  return "clickhouse://default:secret@127.0.0.1:" + std::to_string(options_.http_port) + "/" +
         database;
}

}  // namespace agentaudit
