// The proofs that transparency-dev/merkle publishes to try a verifier with, where they lie
// beside the repository.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "ledger/base64.h"
#include "ledger/proof.h"

namespace agentaudit {
namespace {

const std::filesystem::path folder =
    std::filesystem::path(AGENTAUDIT_SOURCE_DIR) / ".." / "shared" / "vectors" / "merkle";

// Some vectors have a few bytes for a hash: another hash, of those bytes, stands for them.
// No bytes at all cannot be handed to a verifier.
std::optional<Hash> hash_of(const nlohmann::json& text) {
  if (!text.is_string()) return std::nullopt;
  const auto bytes = from_base64(text.get<std::string>());
  if (!bytes || bytes->empty()) return std::nullopt;
  if (bytes->size() != sizeof(Hash)) return leaf_hash(*bytes);
  Hash hash{};
  std::copy(bytes->begin(), bytes->end(), hash.begin());
  return hash;
}

std::optional<std::vector<Hash>> hashes_of(const nlohmann::json& texts) {
  std::vector<Hash> hashes;
  for (const auto& text : texts) {
    const auto hash = hash_of(text);
    if (!hash) return std::nullopt;
    hashes.push_back(*hash);
  }
  return hashes;
}

// Calls `accepts` with each vector; returns how many there were.
template <typename Accepts>
int for_each_vector(const char* name, Accepts accepts) {
  std::ifstream file(folder / name);
  int vectors = 0;
  for (std::string line; std::getline(file, line); ++vectors) {
    const auto vector = nlohmann::json::parse(line);
    EXPECT_EQ(accepts(vector), !vector.at("wantErr").get<bool>()) << line;
  }
  return vectors;
}

TEST(ProofVectors, InclusionIsVerifiedAsPublished) {
  if (!exists(folder)) GTEST_SKIP() << "the vectors are not beside this repository";
  const int vectors = for_each_vector("inclusion.jsonl", [](const nlohmann::json& vector) {
    const auto leaf = hash_of(vector.at("leafHash"));
    const auto root = hash_of(vector.at("root"));
    const auto proof = hashes_of(vector.at("proof"));
    return leaf && root && proof &&
           verify_inclusion(vector.at("leafIdx"), vector.at("treeSize"), *leaf, *proof, *root);
  });
  EXPECT_EQ(vectors, 98);
}

TEST(ProofVectors, ConsistencyIsVerifiedAsPublished) {
  if (!exists(folder)) GTEST_SKIP() << "the vectors are not beside this repository";
  const int vectors = for_each_vector("consistency.jsonl", [](const nlohmann::json& vector) {
    const auto old_root = hash_of(vector.at("root1"));
    const auto new_root = hash_of(vector.at("root2"));
    const auto proof = hashes_of(vector.at("proof"));
    return old_root && new_root && proof &&
           verify_consistency(vector.at("size1"), vector.at("size2"), *old_root, *new_root, *proof)
               .has_value();
  });
  EXPECT_EQ(vectors, 98);
}

}  // namespace
}  // namespace agentaudit
