// VerifyFindings, as they are gathered.
#pragma once

#include <string>

#include "agentaudit/core/verification.h"

namespace agentaudit {

// Counts every finding; keeps the first VerifyFindings::kept_max.
void add_finding(VerifyFindings& findings, EventId id, std::string what);
void add_findings(VerifyFindings& findings, VerifyFindings more);
// Adds what an event of the trail's own (category `audit`) says was lost, if it says so.
void note_loss(VerifyFindings& completeness, const EventView& record);

// Orders the findings that are kept by id, so that the first is named first whatever thread found
// it, and draws the verdict from them.
void conclude(Verification& result, bool rolled_back = false);

}  // namespace agentaudit
