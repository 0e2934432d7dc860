#include "store/verify_findings.h"

#include <algorithm>
#include <utility>

namespace agentaudit {

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

// clang refuses what std::stable_sort of GCC 12 calls.
void sort_by_id(VerifyFindings& findings) {
  auto& first = findings.first;
  for (auto it = first.begin(); it != first.end(); ++it) {
    const auto place = std::upper_bound(
        first.begin(), it, *it,
        [](const VerifyFinding& a, const VerifyFinding& b) { return a.id < b.id; });
    std::rotate(place, it, it + 1);
  }
}

}  // namespace agentaudit
