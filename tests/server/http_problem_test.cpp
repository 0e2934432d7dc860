#include "server/http_problem.h"

#include <algorithm>
#include <utility>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace agentaudit {
namespace {

TEST(HttpProblem, HasTheStatusOfItsError) {
  for (const auto& [code, status] :
       {std::pair(ErrorCode::invalid_argument, 400), std::pair(ErrorCode::parse, 400),
        std::pair(ErrorCode::not_found, 404), std::pair(ErrorCode::too_large, 413),
        std::pair(ErrorCode::unsupported, 501), std::pair(ErrorCode::busy, 503),
        std::pair(ErrorCode::full, 503), std::pair(ErrorCode::io, 503),
        std::pair(ErrorCode::closed, 503), std::pair(ErrorCode::deadline, 503),
        std::pair(ErrorCode::cancelled, 503), std::pair(ErrorCode::corrupt, 500),
        std::pair(ErrorCode::permission, 500)}) {
    const HttpResponse response = problem(Error{.code = code, .message = "why"});
    EXPECT_EQ(response.status, status);
    const auto body = nlohmann::json::parse(response.body);
    EXPECT_EQ(body["status"], status);
    EXPECT_EQ(body["title"], status_title(status));
    EXPECT_EQ(body["detail"], "why");
    // What may pass is worth another try.
    EXPECT_EQ(std::any_of(response.headers.begin(), response.headers.end(),
                          [](const HttpHeader& header) { return header.name == "Retry-After"; }),
              status == 503);
  }
}

TEST(HttpProblem, HasATitleForEveryStatus) {
  EXPECT_EQ(status_title(404), "Not Found");
  EXPECT_EQ(status_title(418), "Error");
}

}  // namespace
}  // namespace agentaudit
