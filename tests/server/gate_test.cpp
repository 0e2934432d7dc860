#include "server/gate.h"

#include <gtest/gtest.h>

#include "store/scratch_directory.h"

namespace agentaudit {
namespace {

class GateTest : public testing::Test {
 protected:
  std::string create(Token token) {
    auto list = TokenList::read(path_).value();
    token.scopes = {Scope::append};
    const std::string text = list.create(std::move(token)).value();
    EXPECT_TRUE(list.write(path_));
    return text;
  }
  // The status that it is refused with; 0: it is not.
  int status(const std::string& token, const std::string& peer, std::size_t bytes = 0) {
    HttpRequest request;
    request.headers = {{.name = "Authorization", .value = "Bearer " + token}};
    request.peer = peer;
    request.body.assign(bytes, 'x');
    if (!gate_) gate_.emplace(std::shared_ptr<TokenFile>(TokenFile::open(path_).value()));
    auto refused = gate_->refusal(request, Scope::append, caller_);
    if (!refused) return 0;
    for (const HttpHeader& header : refused->headers) {
      if (header.name == "Retry-After") retry_after_ = header.value;
    }
    return refused->status;
  }

  ScratchDirectory scratch_;
  std::filesystem::path path_ = scratch_ / "tokens.json";
  std::optional<Gate> gate_;
  Caller caller_;
  std::string retry_after_;
};

TEST_F(GateTest, SaysWhoAsks) {
  const std::string token = create({.id = {}, .sha256 = {}, .source = "s", .name = "n"});
  EXPECT_EQ(status(token, "10.0.0.1"), 0);
  EXPECT_EQ(caller_.source, "s");
  EXPECT_EQ(caller_.name, "n");
  EXPECT_EQ(caller_.token_id.size(), 8U);
}

TEST_F(GateTest, CountsTheRequestsOfAToken) {
  const std::string token = create({.id = {}, .sha256 = {}, .requests_per_minute = 3});
  const std::string other = create({.id = {}, .sha256 = {}, .requests_per_minute = 3});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(status(token, ""), 0);
  EXPECT_EQ(status(token, ""), 429);
  EXPECT_EQ(retry_after_, "20");
  EXPECT_EQ(status(other, ""), 0);
}

TEST_F(GateTest, CountsTheBytesOfAToken) {
  const std::string token = create({.id = {}, .sha256 = {}, .bytes_per_minute = 1'000});
  EXPECT_EQ(status(token, "", 999), 0);
  EXPECT_EQ(status(token, "", 10'000), 0);
  EXPECT_EQ(status(token, "", 1), 429);
  EXPECT_GT(std::stoi(retry_after_), 500);
}

TEST_F(GateTest, DoesNotHearAnAddressThatGuesses) {
  const std::string token = create({.id = {}, .sha256 = {}});
  for (int i = 0; i < Gate::wrong_tokens_per_minute; ++i) {
    EXPECT_EQ(status("guess " + std::to_string(i), "10.0.0.1"), 401);
  }
  EXPECT_EQ(status("one more", "10.0.0.1"), 429);
  EXPECT_EQ(status(token, "10.0.0.1"), 429);
  EXPECT_EQ(status(token, "10.0.0.2"), 0);
}

TEST_F(GateTest, HearsAllOfTheOwnMachineThoughOneGuesses) {
  const std::string token = create({.id = {}, .sha256 = {}});
  for (const std::string peer : {"127.0.0.1", "::1", "::ffff:127.0.0.1", ""}) {
    for (int i = 0; i < Gate::wrong_tokens_per_minute; ++i) {
      EXPECT_EQ(status("guess " + std::to_string(i), peer), 401);
    }
    EXPECT_EQ(status("one more", peer), 429);
    EXPECT_EQ(status(token, peer), 0);
  }
}

TEST_F(GateTest, ARequestWithoutATokenIsNoGuess) {
  create({.id = {}, .sha256 = {}});
  for (int i = 0; i < 2 * Gate::wrong_tokens_per_minute; ++i) {
    EXPECT_EQ(status("", "10.0.0.1"), 401);
  }
}

}  // namespace
}  // namespace agentaudit
