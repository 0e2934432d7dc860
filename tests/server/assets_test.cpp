// The dashboard as the daemon serves it.

#include "server/assets.h"

#include <string>

#include <gtest/gtest.h>

#include "core/gzip.h"
#include "server/api_fixture.h"

namespace agentaudit {
namespace {

class AssetsTest : public ApiTest {
 protected:
  void SetUp() override {
    if (packed_assets().empty()) GTEST_SKIP() << "this build has no dashboard";
  }
};

TEST_F(ApiTest, TheStartSaysWhatThereIsEvenWithoutADashboard) {
  const HttpResponse page = ask("GET", "/");
  EXPECT_EQ(page.status, 200);
  EXPECT_NE(page.body.find("agentaudit"), std::string::npos);
  EXPECT_EQ(ask("POST", "/").status, 405);
  EXPECT_EQ(ask("GET", "/assets/no_such.js").status, 404);
  EXPECT_EQ(ask("GET", "/assets/../api/v1/audit").status, 404);
}

TEST_F(AssetsTest, ThePageAllowsNothingButTheDaemonsOwnFiles) {
  const HttpResponse page = ask("GET", "/");
  EXPECT_EQ(header(page, "Content-Type"), "text/html; charset=utf-8");
  const std::string policy = header(page, "Content-Security-Policy");
  EXPECT_NE(policy.find("default-src 'none'; script-src 'self';"), std::string::npos) << policy;
  EXPECT_EQ(policy.find("unsafe"), std::string::npos);
  EXPECT_EQ(header(page, "X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(header(page, "Referrer-Policy"), "no-referrer");
  EXPECT_EQ(header(page, "Cache-Control"), "no-cache");
  // One policy: with two a browser obeys both.
  EXPECT_EQ(std::count_if(page.headers.begin(), page.headers.end(),
                          [](const HttpHeader& one) {
                            return equal_ignoring_case(one.name, "Content-Security-Policy");
                          }),
            1);
  EXPECT_EQ(page.body.find("//"), std::string::npos) << "it refers to another host";
}

TEST_F(AssetsTest, AFileIsPackedForWhoTakesItAndTheSameForWhoDoesNot) {
  for (const PackedAsset& asset : packed_assets()) {
    const std::string path = "/assets/" + std::string(asset.name);
    const HttpResponse packed =
        ask("GET", path, {{.name = "Accept-Encoding", .value = "br, gzip"}});
    const HttpResponse plain = ask("GET", path);
    EXPECT_EQ(header(packed, "Content-Encoding"), "gzip") << path;
    EXPECT_EQ(header(plain, "Content-Encoding"), "") << path;
    EXPECT_EQ(header(plain, "Vary"), "Accept-Encoding") << path;
    EXPECT_NE(header(plain, "Content-Type"), "application/octet-stream") << path;
    EXPECT_EQ(gunzip(packed.body, 1U << 20U).value(), plain.body) << path;
    EXPECT_FALSE(plain.body.empty()) << path;
  }
}

TEST_F(AssetsTest, WhoHasAFileIsNotSentItAgain) {
  const std::string tag = header(ask("GET", "/assets/app.js"), "ETag");
  ASSERT_FALSE(tag.empty());
  const HttpResponse again =
      ask("GET", "/assets/app.js", {{.name = "If-None-Match", .value = tag}});
  EXPECT_EQ(again.status, 304);
  EXPECT_TRUE(again.body.empty());
  EXPECT_EQ(header(again, "ETag"), tag);
  EXPECT_EQ(ask("GET", "/assets/app.js", {{.name = "If-None-Match", .value = "\"old\""}}).status,
            200);
}

}  // namespace
}  // namespace agentaudit
