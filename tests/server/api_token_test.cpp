// Which token may what.

#include <fstream>
#include <iterator>
#include <map>

#include "server/api_fixture.h"

namespace agentaudit {
namespace {

class TokenTest : public ApiTest {
 protected:
  std::string create(std::vector<Scope> scopes, const std::string& source = {}) {
    auto list = TokenList::read(tokens_path_).value();
    const std::string text =
        list.create({.id = {}, .sha256 = {}, .scopes = std::move(scopes), .source = source})
            .value();
    EXPECT_TRUE(list.write(tokens_path_));
    return text;
  }
  int status(const std::string& method, const std::string& target, const std::string& token) {
    HttpRequest request;
    request.method = method;
    request.path = target;
    request.headers = {{.name = "Host", .value = "localhost"},
                       {.name = "Content-Type", .value = "application/json"}};
    if (!token.empty()) request.headers.push_back({"Authorization", "Bearer " + token});
    request.body = method == "POST" ? R"({"category":"llm","source":"claimed"})" : "";
    Api api(store_, {.tokens = std::shared_ptr(TokenFile::open(tokens_path_).value())});
    return api.handle(request).status;
  }

  std::filesystem::path tokens_path_ = scratch_ / "tokens.json";
};

TEST_F(TokenTest, WithoutAFileNobodyNeedsOne) {
  EXPECT_EQ(status("GET", "/api/v1/audit", ""), 200);
}

// Every route against every scope.
TEST_F(TokenTest, EachRouteAsksForItsScope) {
  const std::map<Scope, std::string> tokens = {{Scope::append, create({Scope::append})},
                                               {Scope::read, create({Scope::read})},
                                               {Scope::prune, create({Scope::prune})},
                                               {Scope::admin, create({Scope::admin})}};
  for (const Api::Route& route : Api::routes()) {
    std::string target(route.path);
    if (const auto at = target.find("{id}"); at != std::string::npos) target.replace(at, 4, "1");
    const std::string method(route.method);
    const bool open = route.scope == Scope::none;
    EXPECT_EQ(status(method, target, "") == 401, !open) << target;
    EXPECT_EQ(status(method, target, "agentaudit_0000") == 401, !open) << target;
    for (const auto& [scope, token] : tokens) {
      const bool may = open || scope == route.scope || scope == Scope::admin;
      EXPECT_EQ(status(method, target, token) == 403, !may) << target << " " << to_string(scope);
    }
  }
}

TEST_F(TokenTest, ABoundTokenStoresEventsOfItsSourceAlone) {
  const std::string token = create({Scope::append}, "researcher");
  EXPECT_EQ(status("POST", "/api/v1/audit", token), 201);
  EXPECT_EQ(store_->get(1)->source, "researcher");
}

TEST_F(TokenTest, ABoundTokenStoresOtlpOfItsSourceAlone) {
  const std::string bound = create({Scope::append}, "researcher");
  const std::string unbound = create({Scope::append});
  Api api(store_, {.tokens = std::shared_ptr(TokenFile::open(tokens_path_).value())});
  for (const auto& [token, span] : {std::pair(bound, "1"), std::pair(unbound, "2")}) {
    HttpRequest request;
    request.method = "POST";
    request.path = "/v1/traces";
    request.headers = {{.name = "Host", .value = "localhost"},
                       {.name = "Content-Type", .value = "application/json"},
                       {.name = "Authorization", .value = "Bearer " + token}};
    request.body =
        R"({"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"0af7651916cd43dd8448eb211c80319c",)"
        R"("spanId":"b7ad6b716920333)" +
        std::string(span) +
        R"(","attributes":[{"key":"gen_ai.operation.name","value":{"stringValue":"plan"}}]}]}]}]})";
    EXPECT_EQ(api.handle(request).status, 200);
  }
  api.stop();
  const auto page = store_->list({.order = Order::commit}).value();
  ASSERT_EQ(page.events.size(), 2U);
  EXPECT_EQ(page.events[0].source, "researcher");
  EXPECT_EQ(page.events[1].source, "otlp");
}

TEST_F(TokenTest, AReadIsRecordedWithTheTokenThatAsked) {
  auto list = TokenList::read(tokens_path_).value();
  const std::string named =
      list.create({.id = {}, .sha256 = {}, .scopes = {Scope::read}, .name = "auditor"}).value();
  const std::string nameless =
      list.create({.id = {}, .sha256 = {}, .scopes = {Scope::read}}).value();
  ASSERT_TRUE(list.write(tokens_path_));
  Api api(store_,
          {.tokens = std::shared_ptr(TokenFile::open(tokens_path_).value()), .audit_reads = true});
  for (const std::string& token : {named, nameless}) {
    HttpRequest request;
    request.method = "GET";
    request.path = "/api/v1/audit";
    request.headers = {{.name = "Host", .value = "localhost"},
                       {.name = "Authorization", .value = "Bearer " + token}};
    EXPECT_EQ(api.handle(request).status, 200);
  }
  for (const auto& [id, principal] :
       {std::pair(1, std::string("auditor")), std::pair(2, list.tokens()[1].id)}) {
    const Event read = store_->get(id).value();
    EXPECT_EQ(read.principal, principal);
    EXPECT_EQ(json::parse(read.detail)["token"], list.find(id == 1 ? named : nameless)->id);
  }
}

TEST_F(TokenTest, ARevokedTokenIsNoMore) {
  const std::string token = create({Scope::read});
  auto list = TokenList::read(tokens_path_).value();
  ASSERT_TRUE(list.revoke(list.tokens().front().id));
  EXPECT_EQ(error_code(list.revoke("no such")), ErrorCode::not_found);
  ASSERT_TRUE(list.write(tokens_path_));
  // Nobody may ask, rather than everybody.
  EXPECT_EQ(status("GET", "/api/v1/audit", token), 401);
  EXPECT_EQ(status("GET", "/api/v1/audit", ""), 401);
}

TEST_F(TokenTest, TheFileKeepsNoToken) {
  const std::string token = create({Scope::read}, "s");
  std::ifstream file(tokens_path_);
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  EXPECT_EQ(text.find(token), std::string::npos);
  const auto list = TokenList::read(tokens_path_).value();
  ASSERT_NE(list.find(token), nullptr);
  EXPECT_EQ(list.find(token)->source, "s");
  EXPECT_EQ(list.find(token + "0"), nullptr);
  EXPECT_EQ(list.find(""), nullptr);
}

TEST_F(TokenTest, AFileThatOthersCanReadOrThatIsNoneIsRefused) {
  create({Scope::read});
  std::filesystem::permissions(tokens_path_, std::filesystem::perms::group_read,
                               std::filesystem::perm_options::add);
  EXPECT_EQ(error_code(TokenList::read(tokens_path_)), ErrorCode::permission);
  for (const char* const text :
       {"", "{}", "[]", R"({"tokens":[{"id":"a"}]})", R"({"tokens":[{"sha256":"zz"}]})"}) {
    std::ofstream(tokens_path_) << text;
    std::filesystem::permissions(
        tokens_path_, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    EXPECT_EQ(error_code(TokenList::read(tokens_path_)), ErrorCode::parse) << text;
  }
}

}  // namespace
}  // namespace agentaudit
