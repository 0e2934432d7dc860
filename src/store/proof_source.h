// ProofSource: what bundles and tiles are made of, as one snapshot of a trail has it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ledger/merkle_tree.h"
#include "store/stored_leaf.h"

namespace agentaudit {

// Borrows both readers.
struct ProofSource {
  std::string trail_id;
  std::uint64_t size = 0;          // of the tree, in leaves
  std::vector<std::string> notes;  // the checkpoints that the trail keeps, smallest first
  HashReader* tree = nullptr;      // corrupt: a hash is missing
  LeafReader* leaves = nullptr;
};

}  // namespace agentaudit
