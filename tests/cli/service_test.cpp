// The daemon under a manager of services, as sd_listen_fds(3) and sd_notify(3) have it.

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <string>

#include <gtest/gtest.h>

#include "cli/agentaudit_process.h"
#include "core/file_descriptor.h"
#include "server/test_client.h"
#include "store/forked_child.h"

namespace agentaudit {
namespace {

using test_http::TestClient;

class ServiceTest : public testing::Test {
 protected:
  void SetUp() override {
    listening_ = FileDescriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t bytes = sizeof address;
    auto* const any = reinterpret_cast<sockaddr*>(&address);  // NOLINT
    ASSERT_EQ(bind(listening_.get(), any, bytes), 0);
    ASSERT_EQ(listen(listening_.get(), 16), 0);
    ASSERT_EQ(getsockname(listening_.get(), any, &bytes), 0);
    port_ = ntohs(address.sin_port);

    manager_ = FileDescriptor(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    notify_.native().copy(name.sun_path, sizeof name.sun_path - 1);
    ASSERT_EQ(bind(manager_.get(), reinterpret_cast<sockaddr*>(&name), sizeof name), 0);  // NOLINT
  }

  // Becomes the daemon, with the socket as its first inherited one.
  int become_daemon() const {
    const int inherited = 3;
    if (listening_.get() == inherited) {
      (void)fcntl(inherited, F_SETFD, 0);
    } else if (dup2(listening_.get(), inherited) < 0) {
      return 126;
    }
    setenv("LISTEN_FDS", "1", 1);
    setenv("LISTEN_PID", std::to_string(getpid()).c_str(), 1);
    setenv("NOTIFY_SOCKET", notify_.c_str(), 1);
    setenv("HOME", directory_.path().c_str(), 1);
    setenv("XDG_CONFIG_HOME", directory_.path().c_str(), 1);
    execl(AGENTAUDIT_COMMAND, "agentaudit", "serve", "--store", directory_.trail().c_str(),
          nullptr);
    return 127;
  }

  std::string heard() const {
    pollfd waiting{.fd = manager_.get(), .events = POLLIN, .revents = 0};
    if (poll(&waiting, 1, 20'000) <= 0) return "nothing";
    std::array<char, 256> text{};
    const ssize_t bytes = recv(manager_.get(), text.data(), text.size(), 0);
    return {text.data(), static_cast<std::size_t>(std::max<ssize_t>(bytes, 0))};
  }

  TrailDirectory directory_;
  std::filesystem::path notify_ = directory_.path() / "notify";
  FileDescriptor listening_;
  FileDescriptor manager_;
  std::uint16_t port_ = 0;
};

TEST_F(ServiceTest, ServesOnTheSocketThatItIsGivenAndSaysWhenItIsReadyAndEnds) {
  ForkedChild daemon([this] { return become_daemon(); });
  // Before the daemon is ready, a client waits at the socket.
  TestClient early(port_);
  EXPECT_EQ(early.ask("GET", "/readyz").status, 200);
  EXPECT_EQ(heard(), "READY=1");
  EXPECT_EQ(TestClient(port_).ask("GET", "/healthz").status, 200);
  daemon.kill(SIGTERM);
  EXPECT_EQ(heard(), "STOPPING=1");
  EXPECT_EQ(daemon.wait(), 0);
  // The socket is the manager's still: the next daemon goes on with it.
  TestClient between(port_);
  ForkedChild next([this] { return become_daemon(); });
  EXPECT_EQ(between.ask("GET", "/readyz").status, 200);
  next.kill(SIGTERM);
  EXPECT_EQ(next.wait(), 0);
}

}  // namespace
}  // namespace agentaudit
