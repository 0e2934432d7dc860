// The answers of an EventReader as JSON objects, each on one line without a line end.
// docs/json.md has their members.
#pragma once

#include <string>
#include <string_view>

#include "agentaudit/core/fleet.h"
#include "agentaudit/core/query.h"
#include "agentaudit/core/verification.h"

namespace agentaudit {

// An event as in docs/json.md, with `trail` as its last member: whose it is; empty: without.
void append_json(std::string& out, const Event& event, std::string_view trail);

// {"events":[…],"total":N,"total_exact":true,"limit":N,"offset":N,"next_cursor":"…"}
// The events of a fleet have `trail`.
void append_json(std::string& out, const ListResult& result);

// {"total":N,"events_last_hour":N,"first":"…","last":"…","by_category":{"llm":N,…},
//  "by_status":{…},"by_agent":{…},"by_source":{…},"by_target":{…},
//  "histogram":[…]}
// `first` and `last` are null where there are no events.
void append_json(std::string& out, const Stats& stats);

// [{"start":"…","total":N,"errors":N,"denied":N,"pending":N},…]
void append_json(std::string& out, const std::vector<HistogramBucket>& histogram);

// {"groups":[{"name":"…","events":N,"errors":N,"denied":N,"pending":N,"first":"…",
//   "last":"…","p50_ms":N,"p95_ms":N,"max_ms":N},…],"total":N,"events":N,"limit":N}
// The last three of a group are null where no event has a duration above 0.
void append_json(std::string& out, const GroupsResult& result);

// {"conversations":[{"conversation_id":"…","events":N,"errors":N,"denied":N,"pending":N,
//   "first":"…","last":"…","agents":["…"]},…],"total":N,"limit":N,"offset":N}
void append_json(std::string& out, const ConversationsResult& result);

// {"events":[…],"total":N}
void append_json(std::string& out, const OpenIntentsResult& result);

// {"verdict":"intact","level":"unsigned","trail_id":"…","events":N,"pruned":N,"redacted":N,
//  "absent":N,"waiting":N,"leaves":N,"root":"…","sealed":N,
//  "integrity":{"total":N,"findings":[{"id":N,"what":"…"},…]},"completeness":{…}}
// A finding that is about no event has no id.
void append_json(std::string& out, const Verification& result);

// {"trail":"ID","state":"forked, gaps, silent or ok","events":N,"missing":N,"last_id":N,
//  "first":"…","last":"…","last_recorded":"…","checkpoint_size":N,"forked":false,"silent":false}
void append_json(std::string& out, const FleetTrail& trail);

}  // namespace agentaudit
