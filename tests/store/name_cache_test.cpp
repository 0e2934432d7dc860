// What the cache of names knows, and what it may leave out.
#include "store/name_cache.h"

#include "store/colliding_names.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace agentaudit {
namespace {

using namespace std::literals;
using sqlite_schema::NameKind;

TEST(NameCache, AtFirstKnowsNothing) {
  EXPECT_FALSE(NameCache().find(NameKind::agent, "planner"));
  EXPECT_FALSE(NameCache().find(NameKind::agent, ""));
}

TEST(NameCache, ANameBelongsToItsKind) {
  NameCache cache;
  cache.add(NameKind::agent, "planner", 7);
  cache.add(NameKind::target, "planner", 8);
  EXPECT_EQ(cache.find(NameKind::agent, "planner"), 7U);
  EXPECT_EQ(cache.find(NameKind::target, "planner"), 8U);
  EXPECT_FALSE(cache.find(NameKind::source, "planner"));
}

TEST(NameCache, EveryByteOfANameCounts) {
  NameCache cache;
  const std::string long_name(40, 'x');
  cache.add(NameKind::target, long_name, 1);
  for (std::size_t at = 0; at < long_name.size(); ++at) {
    std::string other = long_name;
    other[at] = '\0';
    EXPECT_FALSE(cache.find(NameKind::target, other)) << at;
  }
  for (std::size_t bytes = 1; bytes < long_name.size(); ++bytes) {
    EXPECT_FALSE(cache.find(NameKind::target, long_name.substr(bytes))) << bytes;
  }
  EXPECT_EQ(cache.find(NameKind::target, long_name), 1U);
}

TEST(NameCache, NeedsNotWhatItWasGiven) {
  NameCache cache;
  std::string name = "a name on the heap, gone soon";
  cache.add(NameKind::agent, name, 3);
  name.assign(name.size(), '-');
  EXPECT_EQ(cache.find(NameKind::agent, "a name on the heap, gone soon"), 3U);
}

TEST(NameCache, LeavesOutWhatIsTooLong) {
  NameCache cache;
  const std::string longest(NameCache::name_bytes_max, 'x');
  cache.add(NameKind::agent, longest, 1);
  cache.add(NameKind::agent, longest + 'x', 2);
  EXPECT_EQ(cache.find(NameKind::agent, longest), 1U);
  EXPECT_FALSE(cache.find(NameKind::agent, longest + 'x'));
}

TEST(NameCache, StartsAnewWhenItIsFull) {
  NameCache cache;
  const auto name = [](std::size_t i) { return "conversation-" + std::to_string(i); };
  for (std::size_t i = 0; i <= NameCache::names_max; ++i) {
    cache.add(NameKind::conversation, name(i), static_cast<std::uint32_t>(i));
    ASSERT_EQ(cache.find(NameKind::conversation, name(i)), i);
  }
  EXPECT_FALSE(cache.find(NameKind::conversation, name(0)));
}

TEST(NameCache, LeavesOutNamesThatCollideWithTooManyOthers) {
  NameCache cache;
  const std::vector<std::string> names = colliding_names(NameKind::target, 500);
  for (std::uint32_t i = 0; i < names.size(); ++i) cache.add(NameKind::target, names[i], i);
  std::size_t found = 0;
  for (std::uint32_t i = 0; i < names.size(); ++i) {
    const auto id = cache.find(NameKind::target, names[i]);
    if (!id) continue;
    EXPECT_EQ(id, i);
    ++found;
  }
  EXPECT_EQ(found, 64U);
}

TEST(NameCache, IsNotFilledByWhatItLeavesOut) {
  NameCache cache;
  const std::vector<std::string> names = colliding_names(NameKind::target, 65);
  for (std::uint32_t i = 0; i < names.size(); ++i) cache.add(NameKind::target, names[i], i);
  ASSERT_FALSE(cache.find(NameKind::target, names[64]));
  for (std::size_t i = 0; i < NameCache::names_max; ++i) {
    cache.add(NameKind::target, names[64], 64);
  }
  EXPECT_FALSE(cache.find(NameKind::target, names[64]));
  EXPECT_EQ(cache.find(NameKind::target, names[0]), 0U);
}

RC_GTEST_PROP(NameCacheProperty, NeverGivesTheIdOfAnother, ()) {
  NameCache cache;
  std::map<std::pair<NameKind, std::string>, std::uint32_t> all;
  const auto name = rc::gen::container<std::string>(rc::gen::elementOf("ab\0"s));
  const auto kind = rc::gen::element(NameKind::agent, NameKind::target);
  for (std::uint32_t id = 1; id <= 200; ++id) {
    const auto key = std::pair(*kind, *name);
    const auto known = cache.find(key.first, key.second);
    const auto found = all.find(key);
    if (found == all.end()) {
      RC_ASSERT(!known);
      cache.add(key.first, key.second, id);
      all.emplace(key, id);
    } else {
      RC_ASSERT(known == found->second);
    }
  }
}

}  // namespace
}  // namespace agentaudit
