#include "store/clickhouse_cluster.h"

#include <array>
#include <chrono>
#include <csignal>
#include <fstream>
#include <thread>

#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "store/loopback.h"
#include "store/server_process.h"

namespace agentaudit {
namespace {

constexpr const char* java = "/usr/bin/java";
constexpr const char* jar = "/usr/share/java/zookeeper.jar";

// It takes connections before it serves them, and may forget those.
bool serves(int port) {
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return false;
  const sockaddr_in address = loopback(port);
  const timeval patience{.tv_sec = 0, .tv_usec = 500'000};
  setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  std::string answer;
  if (connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 &&
      send(descriptor, "srvr", 4, MSG_NOSIGNAL) == 4) {
    std::array<char, 256> bytes{};
    for (ssize_t count = 0; (count = recv(descriptor, bytes.data(), bytes.size(), 0)) > 0;) {
      answer.append(bytes.data(), static_cast<std::size_t>(count));
    }
  }
  close(descriptor);
  return answer.find("Mode: standalone") != std::string::npos;
}

std::string element(const std::string& name, const std::string& value) {
  return "<" + name + ">" + value + "</" + name + ">";
}

}  // namespace

std::string ClickhouseCluster::missing() {
  if (!ClickhouseServer::is_installed()) return "clickhouse-server";
  if (access(java, X_OK) != 0 || access(jar, R_OK) != 0) return "libzookeeper-java";
  return "";
}

ClickhouseCluster::ClickhouseCluster() {
  const int zookeeper_port = free_port();
  start_zookeeper(zookeeper_port);
  std::array<int, 2> ports{};
  std::string shards;
  for (int& port : ports) {
    port = free_port();
    shards += element(
        "shard", "<internal_replication>true</internal_replication>" +
                     element("replica",
                             element("host", "127.0.0.1") + element("port", std::to_string(port)) +
                                 element("user", "default") + element("password", "secret")));
  }
  for (std::size_t i = 0; i < ports.size(); ++i) {
    std::string config =
        element("remote_servers", element("fleet", shards)) +
        element("zookeeper", element("node", element("host", "127.0.0.1") +
                                                 element("port", std::to_string(zookeeper_port)))) +
        element("macros", element("shard", std::to_string(i + 1)) + element("replica", "a")) +
        element("distributed_ddl", element("path", "/clickhouse/task_queue/ddl")) +
        element("interserver_http_port", std::to_string(free_port())) +
        element("interserver_http_host", "127.0.0.1");
    shards_.push_back(std::make_unique<ClickhouseServer>(ClickhouseServer::Options{
        .http_port = free_port(), .tcp_port = ports[i], .config = std::move(config)}));
  }
}

ClickhouseCluster::~ClickhouseCluster() {
  shards_.clear();
  end_server(zookeeper_, SIGKILL);
}

void ClickhouseCluster::start_zookeeper(int port) {
  const std::string dir = scratch_.path().string();
  std::ofstream(dir + "/zoo.cfg") << "tickTime=2000\ndataDir=" << dir
                                  << "/data\nclientPort=" << port
                                  << "\nclientPortAddress=127.0.0.1\nadmin.enableServer=false\n";
  zookeeper_ = start_server(dir, "nobody", SIGKILL,
                            {java, "-Xmx256m", "-cp", std::string(jar),
                             "org.apache.zookeeper.server.ZooKeeperServerMain", dir + "/zoo.cfg"});
  for (int i = 0; i < 400 && !serves(port); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

}  // namespace agentaudit
