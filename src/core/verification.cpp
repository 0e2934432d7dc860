#include "agentaudit/core/verification.h"

namespace agentaudit {

std::string_view to_string(Verdict verdict) noexcept {
  switch (verdict) {
    case Verdict::intact: return "intact";
    case Verdict::incomplete: return "incomplete";
    case Verdict::tampered: return "tampered";
    case Verdict::rolled_back: return "rolled_back";
  }
  return "unknown";
}

std::string_view to_string(ProofLevel level) noexcept {
  switch (level) {
    case ProofLevel::unsigned_tree: return "unsigned";
    case ProofLevel::signed_checkpoint: return "signed";
    case ProofLevel::anchored_checkpoint: return "anchored";
  }
  return "unknown";
}

}  // namespace agentaudit
