#include "server/listener.h"

#include <sys/socket.h>

#include <fstream>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "store/scratch_directory.h"

namespace agentaudit {
namespace {

TEST(Listener, AddressesThatAreNoneAreRefused) {
  for (const std::string_view address :
       {"127.0.0.1:65536", "127.0.0.1:x", "[::1", "no such host.invalid", "[::1]x"}) {
    const auto listener = listen_on(address, 0);
    ASSERT_FALSE(listener) << address;
    EXPECT_EQ(listener.error().code, ErrorCode::invalid_argument) << listener.error().message;
  }
}

TEST(Listener, SaysWhereItListens) {
  const auto listener = listen_on("0", 4319);
  ASSERT_TRUE(listener);
  EXPECT_TRUE(listener->address.starts_with("127.0.0.1:"));
  EXPECT_TRUE(listener->is_loopback);
  EXPECT_NE(listener->port, 0);
  const auto taken = listen_on(listener->address, 0);
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, ErrorCode::busy);
  EXPECT_FALSE(listen_on("0.0.0.0:0", 0)->is_loopback);
}

TEST(Listener, KnowsTheLoopbackOfIpv6) {
  const auto listener = listen_on("[::1]:0", 0);
  if (!listener && listener.error().code == ErrorCode::io) {
    GTEST_SKIP() << listener.error().message;
  }
  ASSERT_TRUE(listener) << listener.error().message;
  EXPECT_TRUE(listener->address.starts_with("[::1]:")) << listener->address;
  EXPECT_TRUE(listener->is_loopback);
  EXPECT_FALSE(listen_on("[::]:0", 0)->is_loopback);
}

TEST(Listener, SaysWhyNoUnixSocketCanBeThere) {
  const ScratchDirectory scratch;
  const std::filesystem::path file = scratch / "audit.db";
  std::ofstream(file) << "no socket";
  for (const auto& [path, code, why] :
       {std::tuple(std::filesystem::path(std::string(108, 'x')), ErrorCode::invalid_argument,
                   " is too long for a unix socket: at most 107 bytes"),
        std::tuple(file, ErrorCode::invalid_argument, " is there, and is no socket")}) {
    const auto listener = listen_on_unix(path);
    ASSERT_FALSE(listener) << path;
    EXPECT_EQ(listener.error().code, code);
    EXPECT_EQ(listener.error().message, path.native() + why);
  }
  const std::filesystem::path lost = scratch / "none" / "socket";
  const auto listener = listen_on_unix(lost);
  ASSERT_FALSE(listener);
  EXPECT_EQ(listener.error().code, ErrorCode::io);
  EXPECT_EQ(listener.error().message,
            "cannot listen on " + lost.native() + ": No such file or directory");
  // The file is still what it was.
  EXPECT_EQ(std::filesystem::file_size(file), 9U);
}

TEST(Listener, AdoptsOnlyASocketThatListens) {
  auto listener = listen_on("127.0.0.1:0", 0);
  ASSERT_TRUE(listener);
  const auto adopted = adopt_listener(::dup(listener->socket.get()));
  ASSERT_TRUE(adopted) << adopted.error().message;
  EXPECT_EQ(adopted->address, listener->address);
  const FileDescriptor idle(::socket(AF_INET, SOCK_STREAM, 0));
  for (const int descriptor : {idle.get(), -1}) {
    const auto none = adopt_listener(descriptor);
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(none.error().message,
              "descriptor " + std::to_string(descriptor) + " is no socket that listens");
  }
}

}  // namespace
}  // namespace agentaudit
