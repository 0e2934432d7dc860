// What a check of a trail's ledger is asked and what it found. docs/ledger.md says what it
// proves and what it cannot.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "agentaudit/core/event.h"

namespace agentaudit {

enum class Verdict : std::uint8_t {
  intact,       // nothing is changed, nothing is known to be missing
  incomplete,   // nothing is changed, but the trail itself records that something is missing
  tampered,     // something is changed, or gone without a record
  rolled_back,  // shorter than an anchored checkpoint, or of another history
};

// What a verdict rests on.
enum class ProofLevel : std::uint8_t { unsigned_tree, signed_checkpoint, anchored_checkpoint };

// `intact`, `incomplete`, `tampered`, `rolled_back`; `unsigned`, `signed`, `anchored`.
[[nodiscard]] std::string_view to_string(Verdict verdict) noexcept;
[[nodiscard]] std::string_view to_string(ProofLevel level) noexcept;

struct VerifyFinding {
  EventId id = 0;    // the first event that it is about; 0: none
  std::string what;  // one sentence, no full stop

  friend bool operator==(const VerifyFinding&, const VerifyFinding&) = default;
};

// In the order of their ids.
struct VerifyFindings {
  static constexpr std::size_t kept_max = 100;

  std::vector<VerifyFinding> first{};  // kept_max at most
  std::int64_t total = 0;
};

struct Verification {
  Verdict verdict = Verdict::intact;
  ProofLevel level = ProofLevel::unsigned_tree;
  std::string trail_id;
  std::int64_t events = 0;    // whose rows were compared with their leaves
  std::int64_t pruned = 0;    // gone, as a `pruned` event records
  std::int64_t redacted = 0;  // with an erased text, as a `redacted` event records
  std::int64_t absent = 0;    // gone before the ledger began
  std::int64_t waiting = 0;   // events that have no leaf yet
  std::int64_t leaves = 0;    // of the whole tree
  std::string root;           // of the whole tree, base64; empty: it could not be computed
  std::int64_t sealed = 0;    // leaves that a checkpoint covers which `level` is about
  VerifyFindings integrity;
  VerifyFindings completeness;
};

struct VerifyOpts {
  // The events to compare with their leaves, widened to whole chunks of 16,128. The tree
  // above the leaves and the checkpoints are always checked whole.
  EventId first_id = 1;
  EventId last_id = std::numeric_limits<EventId>::max();
  // An intent that is pending for longer is taken for one that never ended.
  std::chrono::nanoseconds pending_max = std::chrono::hours(24);
  // Public keys (`NAME+ID+BASE64`, C2SP signed-note): each checkpoint has to be signed by one
  // of them. None: signatures are not looked at, and prove nothing.
  std::vector<std::string> keys{};
  // Whether a trail without a checkpoint that one of the keys signed counts as tampered with.
  bool expect_signed = false;
  // Checkpoints that were kept beside the key, and those that were kept elsewhere. The trail
  // must be what each of them says, or it was rolled back.
  std::vector<std::string> witnesses{};
  std::vector<std::string> anchors{};
  // Events looked at so far and in all. Called from several threads, one at a time.
  std::function<void(std::int64_t done, std::int64_t total)> progress{};
};

}  // namespace agentaudit
