#include "ingest/hook_ids.h"

#include <algorithm>
#include <tuple>
#include <vector>

#include "agentaudit/core/event_json.h"
#include "ingest/derived_id.h"

namespace agentaudit {
namespace {

void append_canonical(std::string& out, const JsonValue& value) {
  using Kind = JsonValue::Kind;
  if (value.kind == Kind::string) {
    append_json_string(out, value.string);
  } else if (value.kind == Kind::array) {
    out += '[';
    for (const JsonValue& item : value.items) {
      if (&item != value.items.data()) out += ',';
      append_canonical(out, item);
    }
    out += ']';
  } else if (value.kind == Kind::object) {
    std::vector<const JsonMember*> members;
    members.reserve(value.members.size());
    for (const JsonMember& member : value.members) members.push_back(&member);
    // Repeated names keep their order, which is that of their addresses.
    std::sort(members.begin(), members.end(), [](const auto* a, const auto* b) {
      return std::tie(a->name, a) < std::tie(b->name, b);
    });
    out += '{';
    for (const JsonMember* const member : members) {
      if (out.back() != '{') out += ',';
      append_json_string(out, member->name);
      out += ':';
      append_canonical(out, member->value);
    }
    out += '}';
  } else {
    out += value.raw;
  }
}

std::string canonical_input(const JsonValue& payload) {
  const JsonValue* const input = find_field(payload, HookField::input);
  return input != nullptr ? canonical_json(*input) : std::string();
}

// What asks for a call is its parent: the asker knows the call only by what it would do.
void join_call(HookIds& ids, const JsonValue& payload, const HookIdOptions& options) {
  const std::string_view call_id = find_text(payload, HookField::call_id);
  const std::string input = canonical_input(payload);
  if (!call_id.empty()) {
    ids.span_id = derived_id(span_id_bytes, {"call", options.conversation, call_id});
  } else if (!options.conversation.empty()) {
    ids.span_id = derived_id(span_id_bytes, {"call", options.conversation, options.target, input});
  }
  if (!options.conversation.empty()) {
    ids.parent_span_id =
        derived_id(span_id_bytes, {"request", options.conversation, options.target, input});
  }
}

void join_request(HookIds& ids, const JsonValue& payload, const HookIdOptions& options) {
  if (options.conversation.empty()) return;
  ids.span_id = derived_id(
      span_id_bytes, {"request", options.conversation, options.target, canonical_input(payload)});
}

void join_dialogue(HookIds& ids, const JsonValue& payload, const HookIdOptions& options) {
  const std::string_view request_id = find_text(payload, HookField::request_id);
  const std::string_view call_id = find_text(payload, HookField::call_id);
  if (!request_id.empty()) {
    ids.span_id = derived_id(span_id_bytes, {"dialogue", options.conversation, request_id});
  }
  if (!call_id.empty()) {
    ids.parent_span_id = derived_id(span_id_bytes, {"call", options.conversation, call_id});
  }
}

}  // namespace

std::string canonical_json(const JsonValue& value) {
  std::string out;
  if (value.kind == JsonValue::Kind::string) {
    const auto nested = JsonDocument::parse(value.string);
    if (nested && nested->root().kind >= JsonValue::Kind::array) {
      append_canonical(out, nested->root());
      return out;
    }
  }
  append_canonical(out, value);
  return out;
}

HookIds hook_ids(const JsonValue& payload, const HookIdOptions& options) {
  HookIds ids;
  if (!options.conversation.empty()) {
    ids.trace_id = derived_id(trace_id_bytes, {"trace", options.conversation});
  }
  switch (options.join) {
    case HookJoin::none: break;
    case HookJoin::call: join_call(ids, payload, options); break;
    case HookJoin::request: join_request(ids, payload, options); break;
    case HookJoin::dialogue: join_dialogue(ids, payload, options); break;
  }
  return ids;
}

}  // namespace agentaudit
