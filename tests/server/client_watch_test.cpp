#include "server/client_watch.h"

#include <sys/socket.h>

#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <thread>

#include <gtest/gtest.h>

#include "core/file_descriptor.h"

namespace agentaudit {
namespace {

using namespace std::chrono_literals;

struct Noted final : ClientWatch::Client {
  void on_gone() override { gone += 1; }
  std::atomic<int> gone{0};
};

struct Connection {
  Connection() {
    std::array<int, 2> sockets{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, sockets.data()), 0);
    ours = FileDescriptor(sockets[0]);
    theirs = FileDescriptor(sockets[1]);
  }
  FileDescriptor ours;
  FileDescriptor theirs;
};

bool comes_true(const auto& condition) {
  for (int i = 0; i < 500 && !condition(); ++i) std::this_thread::sleep_for(20ms);
  return condition();
}

TEST(ClientWatch, TellsOnceWhoHasGone) {
  ClientWatch watch;
  Connection one;
  Connection other;
  const auto leaves = std::make_shared<Noted>();
  const auto stays = std::make_shared<Noted>();
  watch.add(leaves, one.ours.get());
  watch.add(stays, other.ours.get());
  one.theirs = FileDescriptor();
  EXPECT_TRUE(comes_true([&] { return leaves->gone > 0; }));
  std::this_thread::sleep_for(300ms);  // more looks
  EXPECT_EQ(leaves->gone, 1);
  EXPECT_EQ(stays->gone, 0);
  other.theirs = FileDescriptor();
  EXPECT_TRUE(comes_true([&] { return stays->gone > 0; }));
}

TEST(ClientWatch, AnUnreadByteIsNoFarewell) {
  ClientWatch watch;
  Connection connection;
  const auto client = std::make_shared<Noted>();
  watch.add(client, connection.ours.get());
  EXPECT_EQ(::send(connection.theirs.get(), "x", 1, 0), 1);
  std::this_thread::sleep_for(300ms);
  EXPECT_EQ(client->gone, 0);
}

TEST(ClientWatch, SaysNothingAfterItsStop) {
  ClientWatch watch;
  Connection connection;
  const auto client = std::make_shared<Noted>();
  watch.add(client, connection.ours.get());
  watch.stop();
  connection.theirs = FileDescriptor();
  std::this_thread::sleep_for(300ms);
  EXPECT_EQ(client->gone, 0);
}

TEST(ClientWatch, ForgetsWhoIsDestroyed) {
  ClientWatch watch;
  Connection connection;
  watch.add(std::make_shared<Noted>(), connection.ours.get());
  connection.theirs = FileDescriptor();
  const auto later = std::make_shared<Noted>();
  Connection another;
  watch.add(later, another.ours.get());
  another.theirs = FileDescriptor();
  EXPECT_TRUE(comes_true([&] { return later->gone > 0; }));
}

}  // namespace
}  // namespace agentaudit
