#include "ledger/hash.h"

#include <algorithm>

#include "core/sha256.h"

namespace agentaudit {

Hash leaf_hash(std::string_view entry) noexcept {
  Sha256 hasher;
  hasher.update(std::string_view("\0", 1));
  hasher.update(entry);
  return hasher.digest();
}

Hash node_hash(const Hash& left, const Hash& right) noexcept {
  std::array<char, 1 + 2 * sizeof(Hash)> bytes{'\1'};
  std::copy(left.begin(), left.end(), bytes.begin() + 1);
  std::copy(right.begin(), right.end(), bytes.begin() + 1 + sizeof(Hash));
  return sha256({bytes.data(), bytes.size()});
}

Hash empty_root() noexcept { return sha256({}); }

}  // namespace agentaudit
