#include "agentaudit/core/result.h"

#include <gtest/gtest.h>

#include <set>
#include <utility>
#include <vector>

namespace agentaudit {
namespace {

const std::vector<std::pair<ErrorCode, std::string_view>> codes = {
    {ErrorCode::invalid_argument, "invalid_argument"},
    {ErrorCode::too_large, "too_large"},
    {ErrorCode::parse, "parse"},
    {ErrorCode::not_found, "not_found"},
    {ErrorCode::not_a_trail, "not_a_trail"},
    {ErrorCode::newer_version, "newer_version"},
    {ErrorCode::corrupt, "corrupt"},
    {ErrorCode::permission, "permission"},
    {ErrorCode::read_only, "read_only"},
    {ErrorCode::busy, "busy"},
    {ErrorCode::full, "full"},
    {ErrorCode::io, "io"},
    {ErrorCode::closed, "closed"},
    {ErrorCode::deadline, "deadline"},
    {ErrorCode::cancelled, "cancelled"},
    {ErrorCode::unsupported, "unsupported"},
};

TEST(Result, EveryCodeIsNamedAsItIsWritten) {
  for (const auto& [code, name] : codes) EXPECT_EQ(to_string(code), name);
}

TEST(Result, ACodeThatDoesNotExistIsUnknown) {
  EXPECT_EQ(to_string(static_cast<ErrorCode>(codes.size())), "unknown");
}

TEST(Result, OnlyWhatMayPassIsTransient) {
  const std::set<ErrorCode> transient = {
      ErrorCode::busy,      ErrorCode::full,       ErrorCode::io,        ErrorCode::deadline,
      ErrorCode::not_found, ErrorCode::permission, ErrorCode::read_only, ErrorCode::corrupt};
  for (const auto& [code, name] : codes) {
    EXPECT_EQ(is_transient(code), transient.contains(code)) << name;
  }
}

TEST(Result, FailCarriesCodeAndMessage) {
  const Result<int> result = fail(ErrorCode::busy, "locked");
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, ErrorCode::busy);
  EXPECT_EQ(result.error().message, "locked");
}

TEST(Result, FailPassesAnErrorOnToAnotherResult) {
  const Result<int> first = fail(ErrorCode::parse, "line 3");
  const Result<void> second = fail(first.error());
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, ErrorCode::parse);
  EXPECT_EQ(second.error().message, "line 3");
}

}  // namespace
}  // namespace agentaudit
