#include "store/verify_findings.h"

#include <algorithm>
#include <utility>

#include "agentaudit/core/names.h"

namespace agentaudit {
namespace {

// Each goes after those of the same id; clang refuses what std::stable_sort of GCC 12 calls.
void sort_by_id(VerifyFindings& findings) {
  auto& first = findings.first;
  for (auto it = first.begin(); it != first.end(); ++it) {
    const auto place = std::upper_bound(
        first.begin(), it, *it,
        [](const VerifyFinding& a, const VerifyFinding& b) { return a.id < b.id; });
    std::rotate(place, it, it + 1);
  }
}

}  // namespace

void add_finding(VerifyFindings& findings, EventId id, std::string what) {
  ++findings.total;
  if (findings.first.size() < VerifyFindings::kept_max) {
    findings.first.push_back({.id = id, .what = std::move(what)});
  }
}

void add_findings(VerifyFindings& findings, VerifyFindings more) {
  findings.total += more.total;
  for (VerifyFinding& finding : more.first) {
    if (findings.first.size() == VerifyFindings::kept_max) return;
    findings.first.push_back(std::move(finding));
  }
}

void note_loss(VerifyFindings& completeness, const EventView& record) {
  for (const std::string_view loss :
       {action::gap, action::unclean_end, action::disk_full, action::clock}) {
    if (record.action != loss) continue;
    add_finding(completeness, record.id,
                "event " + std::to_string(record.id) + ": " + std::string(record.summary));
  }
}

void conclude(Verification& result, bool rolled_back) {
  sort_by_id(result.integrity);
  sort_by_id(result.completeness);
  result.verdict = rolled_back                     ? Verdict::rolled_back
                   : result.integrity.total > 0    ? Verdict::tampered
                   : result.completeness.total > 0 ? Verdict::incomplete
                                                   : Verdict::intact;
}

}  // namespace agentaudit
