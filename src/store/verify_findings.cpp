#include "store/verify_findings.h"

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

}  // namespace agentaudit
