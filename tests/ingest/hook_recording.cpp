#include "ingest/hook_recording.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <iterator>

#include "agentaudit/ingest/hook.h"

namespace agentaudit {
namespace {

using nlohmann::json;

std::ifstream open_golden(const std::string& file) {
  std::ifstream in(std::string(AGENTAUDIT_SOURCE_DIR) + "/tests/golden/hooks/" + file);
  EXPECT_TRUE(in) << file;
  return in;
}

// All names and strings in a JSON value, one a line.
void append_texts(const json& value, std::string& out) {
  if (value.is_string()) {
    const auto text = value.get<std::string>();
    out += text + '\n';
    const auto nested = json::parse(text, nullptr, false);
    if (nested.is_structured()) append_texts(nested, out);
  } else if (value.is_object()) {
    for (const auto& [name, member] : value.items()) {
      out += name + '\n';
      append_texts(member, out);
    }
  } else if (value.is_array()) {
    for (const json& item : value) append_texts(item, out);
  } else {
    out += value.dump() + '\n';
  }
}

// Without case, white space, `_`, `-` and `.`, so that SessionStart is session_start.
std::string folded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isspace(byte) != 0 || c == '_' || c == '-' || c == '.') continue;
    out += static_cast<char>(std::tolower(byte));
  }
  return out;
}

bool is_one_of(const std::string& value, const json& match, const char* name) {
  if (!match.contains(name)) return true;
  const json& wanted = match[name];
  if (wanted == "*") return true;
  if (wanted.is_array()) return std::find(wanted.begin(), wanted.end(), value) != wanted.end();
  return wanted == value;
}

bool is_between(std::int64_t value, const json& match, const char* name) {
  if (!match.contains(name)) return true;
  return value >= match[name][0] && value <= match[name][1];
}

bool has_tool(const Event& event, const json& match) {
  if (!match.contains("tool")) return true;
  const json& tool = match["tool"];
  return tool.is_array() ? std::find(tool.begin(), tool.end(), event.target) != tool.end()
                         : tool == event.target;
}

bool has_texts(const Event& event, const json& match) {
  std::string texts = event.action + '\n' + event.summary + '\n';
  append_texts(json::parse(event.detail), texts);
  const std::string folded_texts = folded(texts);
  const json wanted = match.value("text", json::array());
  return std::all_of(wanted.begin(), wanted.end(), [&](const json& text) {
    return texts.find(text.get<std::string>()) != std::string::npos ||
           folded_texts.find(folded(text.get<std::string>())) != std::string::npos;
  });
}

}  // namespace

std::vector<RecordedHook> read_recording(const std::string& name) {
  std::ifstream in = open_golden(name + ".jsonl");
  std::vector<RecordedHook> hooks;
  std::string line;
  while (std::getline(in, line)) {
    const json row = json::parse(line);
    constexpr std::int64_t ns_per_ms = 1'000'000;
    constexpr std::int64_t some_time_ms = 1'795'500'000'000;
    hooks.push_back({.client = row.value("client", ""),
                     .event_name = row["event"],
                     .payload = row["stdin"],
                     .expect = row.value("expect", json::object()),
                     .time = Timestamp::from_ns(row.value("t", some_time_ms) * ns_per_ms)});
  }
  EXPECT_FALSE(hooks.empty()) << name;
  return hooks;
}

std::vector<Event> decode_recording(const std::string& name) {
  std::vector<Event> events;
  for (const RecordedHook& hook : read_recording(name)) {
    auto event = decode_hook(hook.payload, {.event_name = hook.event_name, .now = hook.time});
    EXPECT_TRUE(event);
    if (!event) continue;
    events.push_back(std::move(*event));
    events.back().id = static_cast<EventId>(events.size());
  }
  return events;
}

json read_expectations(const std::string& name) {
  std::ifstream in = open_golden(name + ".expected.json");
  return json::parse(in);
}

bool matches(const Event& event, const json& match) {
  constexpr std::int64_t ns_per_ms = 1'000'000;
  return is_one_of(event.category, match, "category") && is_one_of(event.status, match, "status") &&
         is_one_of(event.conversation_id, match, "conversation_id") &&
         is_between(event.duration.count(), match, "duration_ms") &&
         is_between(event.timestamp.ns() / ns_per_ms, match, "timestamp_ms") &&
         has_tool(event, match) && has_texts(event, match);
}

}  // namespace agentaudit
