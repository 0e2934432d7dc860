// VerifyFindings, as they are gathered.
#pragma once

#include <string>

#include "agentaudit/core/verification.h"

namespace agentaudit {

// Counts every finding; keeps the first VerifyFindings::kept_max.
void add_finding(VerifyFindings& findings, EventId id, std::string what);
void add_findings(VerifyFindings& findings, VerifyFindings more);
// Orders those that are kept by id, so that the first is named first whatever thread found it.
// Each goes after those of the same id.
void sort_by_id(VerifyFindings& findings);

}  // namespace agentaudit
