#include "ingest/hook_client.h"

#include <algorithm>
#include <iterator>

namespace agentaudit {
namespace {

struct ClientMark {
  std::string_view client;
  std::string_view member;  // the payload has this member …
  std::string_view text;    // … and, unless this is empty, it contains this
};

// From the surest mark to the weakest; the first that fits decides.
constexpr ClientMark client_marks[] = {
    {"codex", "thread-id", ""},
    {"cursor", "cursor_version", ""},
    {"cursor", "generation_id", ""},
    {"opencode", "sessionID", ""},
    {"opencode", "properties", ""},
    {"opencode", "type", "tool.execute."},
    {"copilot-cli", "sessionId", ""},
    {"codex", "transcript_path", "/.codex/"},
    {"claude-code", "transcript_path", "/.claude/"},
    {"gemini-cli", "transcript_path", "/.gemini/"},
    {"claude-code", "prompt_id", ""},
    {"gemini-cli", "timestamp", ""},
    {"codex", "turn_id", ""},
    {"claude-code", "permission_mode", ""},
    {"claude-code", "transcript_path", ""},
};

}  // namespace

std::string_view hook_client(const JsonValue& payload) noexcept {
  const auto* const mark =
      std::find_if(std::begin(client_marks), std::end(client_marks), [&](const ClientMark& row) {
        const JsonValue* const member = payload.find(row.member);
        return member != nullptr && member->string.find(row.text) != std::string::npos;
      });
  return mark != std::end(client_marks) ? mark->client : "unknown";
}

}  // namespace agentaudit
