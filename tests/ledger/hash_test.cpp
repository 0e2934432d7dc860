// The hashes of the tree, against values that others published.
#include "ledger/hash.h"

#include <gtest/gtest.h>

#include <string_view>

#include "core/hex.h"

namespace agentaudit {
namespace {

std::string hex_of(const Hash& hash) {
  return to_hex({reinterpret_cast<const char*>(hash.data()), hash.size()});
}

// The empty tree and the first leaf of Certificate Transparency's test vectors.
TEST(LedgerHash, IsThatOfRfc6962) {
  EXPECT_EQ(hex_of(empty_root()),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex_of(leaf_hash("")),
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
  EXPECT_EQ(hex_of(node_hash(leaf_hash(""), leaf_hash(std::string_view("\0", 1)))),
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125");
}

}  // namespace
}  // namespace agentaudit
