#include "server/host_guard.h"

#include <gtest/gtest.h>

namespace agentaudit {
namespace {

int refused(std::vector<HttpHeader> headers, HostGuardOptions options = {}) {
  HttpRequest request;
  request.method = "GET";
  request.headers = std::move(headers);
  const auto refusal = HostGuard(std::move(options)).refusal(request);
  return refusal ? refusal->status : 0;
}

TEST(HostGuard, TheLoopbackNamesAreItsOwn) {
  for (const char* const host :
       {"localhost", "LOCALHOST:4319", "127.0.0.1", "127.0.0.1:80", "[::1]", "[::1]:4319"}) {
    EXPECT_EQ(refused({{"Host", host}}), 0) << host;
  }
}

TEST(HostGuard, ANameThatWasReboundIsMisdirected) {
  for (const char* const host : {"evil.example", "evil.example:4319", "localhost.evil.example", "",
                                 "127.0.0.1:4319:1", "127.0.0.1:x", "[::1", "[::1]x", "::1"}) {
    EXPECT_EQ(refused({{"Host", host}}), 421) << host;
  }
}

TEST(HostGuard, ARequestHasOneHost) {
  EXPECT_EQ(refused({}), 400);
  EXPECT_EQ(refused({{"Host", "localhost"}, {"Host", "evil.example"}}), 400);
}

TEST(HostGuard, ANameThatIsAllowedIsItsOwn) {
  EXPECT_EQ(refused({{"Host", "audit.example:443"}}, {.hosts = {"audit.example"}}), 0);
}

TEST(HostGuard, AnotherSitesPageIsRefused) {
  EXPECT_EQ(refused({{"Host", "localhost:1"}, {"Origin", "http://localhost:1"}}), 0);
  EXPECT_EQ(refused({{"Host", "localhost:1"}, {"Origin", "http://localhost:2"}}), 403);
  EXPECT_EQ(refused({{"Host", "localhost:1"}, {"Origin", "https://evil.example"}}), 403);
  EXPECT_EQ(refused({{"Host", "localhost:1"}, {"Origin", "null"}}), 403);
  EXPECT_EQ(refused({{"Host", "localhost:1"}, {"Origin", "https://own.example"}},
                    {.origins = {"https://own.example"}}),
            0);
  EXPECT_EQ(refused({{"Host", "localhost"}, {"Sec-Fetch-Site", "cross-site"}}), 403);
  EXPECT_EQ(refused({{"Host", "localhost"},
                     {"Sec-Fetch-Site", "cross-site"},
                     {"Sec-Fetch-Mode", "navigate"}}),
            0);
}

}  // namespace
}  // namespace agentaudit
