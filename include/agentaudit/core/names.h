// The names that categories and statuses carry. Both are open sets: any other
// string is kept as it is; these are the ones with a documented meaning.
#pragma once

#include <array>
#include <string_view>

namespace agentaudit {

namespace category {
inline constexpr std::string_view tool_call = "tool_call";
inline constexpr std::string_view skill = "skill";
inline constexpr std::string_view channel = "channel";
inline constexpr std::string_view approval = "approval";
inline constexpr std::string_view schedule = "schedule";
inline constexpr std::string_view llm = "llm";
inline constexpr std::string_view config = "config";
inline constexpr std::string_view session = "session";
inline constexpr std::string_view mcp = "mcp";
inline constexpr std::string_view safety = "safety";
inline constexpr std::string_view supervisor = "supervisor";
inline constexpr std::string_view eval = "eval";
inline constexpr std::string_view audit = "audit";  // the trail's own events

inline constexpr std::array all = {tool_call, skill, channel, approval,   schedule, llm,  config,
                                   session,   mcp,   safety,  supervisor, eval,     audit};
}  // namespace category

namespace status {
inline constexpr std::string_view ok = "ok";
inline constexpr std::string_view error = "error";
inline constexpr std::string_view pending = "pending";  // an intent whose effect is not known yet
inline constexpr std::string_view denied = "denied";

inline constexpr std::array all = {ok, error, pending, denied};
}  // namespace status

// Actions of the trail's own events (category `audit`).
namespace action {
inline constexpr std::string_view gap = "gap";  // events were dropped; detail says how many
inline constexpr std::string_view pruned =
    "pruned";  // events were deleted; detail says which; never deleted
inline constexpr std::string_view redacted = "redacted";            // a text was erased; likewise
inline constexpr std::string_view opened = "opened";                // a writer began
inline constexpr std::string_view closed = "closed";                // and ended
inline constexpr std::string_view unclean_end = "unclean_end";      // without saying so
inline constexpr std::string_view clock = "clock";                  // the clock was set back
inline constexpr std::string_view disk_full = "disk_full";          // nothing can be stored
inline constexpr std::string_view hold_added = "hold_added";        // events must stay; likewise
inline constexpr std::string_view hold_released = "hold_released";  // they need not; likewise
inline constexpr std::string_view retention_changed = "retention_changed";  // likewise

// What no prune deletes.
inline constexpr std::array records = {pruned, redacted, hold_added, hold_released,
                                       retention_changed};
}  // namespace action

}  // namespace agentaudit
