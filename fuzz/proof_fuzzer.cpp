// A proof out of a tree is accepted, and refused with any change; any other hashes are
// refused by the documented errors. The input is which check (a byte), two numbers
// (little-endian: an index or old size, and a size), and bytes: a leaf or old root, a root
// and the proof, or what is changed of a true proof.
#include "ledger/proof.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "fuzz_check.h"
#include "ledger/merkle_tree.h"

namespace agentaudit {
namespace {

std::uint64_t take_number(std::string_view& input) {
  std::uint64_t value = 0;
  const std::size_t bytes = std::min(sizeof value, input.size());
  for (std::size_t i = 0; i < bytes; ++i) {
    value |= static_cast<std::uint64_t>(static_cast<unsigned char>(input[i])) << (8 * i);
  }
  input.remove_prefix(bytes);
  return value;
}

Hash take_hash(std::string_view& input) {
  Hash hash{};
  const std::size_t bytes = std::min(hash.size(), input.size());
  std::memcpy(hash.data(), input.data(), bytes);
  input.remove_prefix(bytes);
  return hash;
}

// A tree of any size whose leaves are all the same.
class UniformReader final : public HashReader {
 public:
  UniformReader() {
    hashes_[0] = leaf_hash("leaf");
    for (std::size_t i = 1; i < hashes_.size(); ++i) {
      hashes_[i] = node_hash(hashes_[i - 1], hashes_[i - 1]);
    }
  }

  Result<void> read(int level, std::uint64_t first, std::span<Hash> out) override {
    check(out.size() <= hashes_of_level(level, size) &&
              first <= hashes_of_level(level, size) - out.size(),
          "only hashes of the tree are read");
    std::fill(out.begin(), out.end(), hashes_[static_cast<std::size_t>(8 * level)]);
    return {};
  }

  std::uint64_t size = 0;

 private:
  std::array<Hash, 64> hashes_;  // of the subtrees of each height
};

void check_verdict(const Result<void>& verdict) {
  if (verdict) return;
  check(verdict.error().code == ErrorCode::invalid_argument ||
            verdict.error().code == ErrorCode::corrupt,
        "documented errors");
  check(!verdict.error().message.empty(), "an error says what is wrong");
}

void check_any(bool inclusion, std::string_view input) {
  const std::uint64_t number = take_number(input);
  const std::uint64_t size = take_number(input);
  const Hash start = take_hash(input);
  const Hash root = take_hash(input);
  std::vector<Hash> proof;
  while (!input.empty()) proof.push_back(take_hash(input));
  const auto verdict = inclusion ? verify_inclusion(number, size, start, proof, root)
                                 : verify_consistency(number, size, start, root, proof);
  check_verdict(verdict);
  if (!verdict) return;
  proof.push_back(root);
  check(!(inclusion ? verify_inclusion(number, size, start, proof, root)
                    : verify_consistency(number, size, start, root, proof)),
        "a proof with a hash more is refused");
}

// Changes the hashes by the bytes of the input. Whether any changed.
bool change(std::vector<Hash>& proof, std::string_view input) {
  bool changed = false;
  for (Hash& hash : proof) {
    for (std::uint8_t& byte : hash) {
      if (input.empty()) return changed;
      byte = static_cast<std::uint8_t>(byte ^ static_cast<unsigned char>(input.front()));
      changed = changed || input.front() != 0;
      input.remove_prefix(1);
    }
  }
  return changed;
}

void check_true(bool inclusion, std::string_view input) {
  static UniformReader reader;
  const std::uint64_t number = take_number(input);
  const std::uint64_t size = take_number(input) % tree_size_max + 1;
  reader.size = size;
  const Hash root = root_of(size, reader).value();
  const std::uint64_t index = number % size;
  const Hash start = inclusion ? leaf_hash("leaf") : root_of(index + 1, reader).value();
  std::vector<Hash> proof = (inclusion ? inclusion_proof(index, size, reader)
                                       : consistency_proof(index + 1, size, reader))
                                .value();
  const bool changed = change(proof, input);
  const auto verdict = inclusion ? verify_inclusion(index, size, start, proof, root)
                                 : verify_consistency(index + 1, size, start, root, proof);
  check_verdict(verdict);
  check(verdict.has_value() != changed, "true proofs are accepted, and no others");
}

}  // namespace
}  // namespace agentaudit

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace agentaudit;
  if (size == 0) return 0;
  const std::string_view input = text_of(data + 1, size - 1);
  const bool inclusion = (data[0] & 1U) == 0;
  if ((data[0] & 2U) == 0) {
    check_any(inclusion, input);
  } else {
    check_true(inclusion, input);
  }
  return 0;
}
