#include "agentaudit/ledger/bundle.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "ledger/base64.h"
#include "ledger/bundle_writer.h"

namespace agentaudit {
namespace {

// Of a trail with one event, whose detail the bundle hides.
std::string bundle() {
  BundledEvent bundled;
  bundled.event.id = 1;
  bundled.event.category = "llm";
  bundled.event.summary = "s";
  bundled.summary.salt.emplace();
  Bundle bundle;
  bundle.trail_id = "a";
  bundle.size = 1;
  bundle.root = leaf_hash(entry_of(bundled));
  bundle.events = {bundled};
  return to_json(bundle);
}

std::string changed(std::string json, std::string_view from, std::string_view to) {
  const std::size_t at = json.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? json : json.replace(at, from.size(), to);
}

TEST(Bundle, OfATreeIsIntact) {
  const auto result = verify_bundle(bundle(), {});
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->verdict, Verdict::intact);
  EXPECT_EQ(result->level, ProofLevel::unsigned_tree);
  EXPECT_EQ(result->events, 1);
}

TEST(Bundle, ThatSomebodyTouchedSaysWhat) {
  for (const auto& [from, to, what] :
       std::vector<std::tuple<std::string, std::string, std::string>>{
           {R"("index":[)", R"("index":["and more",)", "its index has 2 lines for 1 events"},
           {R"(  llm)", R"(  mcp)", "the index line of event 1 was changed"},
           {"Evidence of", "Proof of", "its introduction was changed"},
           {R"("category":"llm")", R"("category":"mcp")", "event 1 is not what its entry says"},
           {R"("proof":[])", R"("proof":[")" + to_base64(Hash{}) + R"("])",
            "event 1 is not proved to be in the tree"},
           {R"("checkpoint":null)", R"("checkpoint":"x")", "its checkpoint cannot be read: "}}) {
    const auto result = verify_bundle(changed(bundle(), from, to), {});
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_EQ(result->verdict, Verdict::tampered) << what;
    ASSERT_FALSE(result->integrity.first.empty()) << what;
    EXPECT_TRUE(result->integrity.first.front().what.starts_with(what))
        << result->integrity.first.front().what;
  }
}

TEST(Bundle, ThatCannotBeReadSaysWhy) {
  for (const auto& [from, to, why] : std::vector<std::tuple<std::string, std::string, std::string>>{
           {"agentaudit-bundle/1", "agentaudit-bundle/2",
            R"("format" is not "agentaudit-bundle/1")"},
           {R"("size":1)", R"("size":0)", "tree, events or index are not what they should be"},
           {R"("proof":[])", R"("proof":{})", "event number 1: it has no event or no proof"},
           {R"("id":1)", R"("id":0)", "event number 1: it has no id"},
           {R"("proof":[])", R"("proof":["aa"])",
            "event number 1: a hash of its proof is not 32 bytes in base64"},
           {"undisclosed", "lost", "event number 1: detail has neither salt nor commitment"},
           {R"("salt":"00)", R"("salt":"0)",
            "event number 1: summary has neither salt nor commitment"}}) {
    const auto result = verify_bundle(changed(bundle(), from, to), {});
    ASSERT_FALSE(result) << why;
    EXPECT_EQ(result.error().message, "no evidence bundle: " + why);
  }
}

}  // namespace
}  // namespace agentaudit
