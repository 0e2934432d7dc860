#include "agentaudit/render/ocsf.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "agentaudit/core/names.h"
#include "core/ascii.h"
#include "core/event_fields.h"
#include "core/utf8.h"
#include "render/json_writer.h"

namespace agentaudit {
namespace {

constexpr std::string_view schema_version = "1.3.0";
constexpr std::int64_t class_uid = 6003;
constexpr std::int64_t category_uid = 6;
constexpr std::int64_t other = 99;
constexpr std::int64_t ns_of_ms = 1'000'000;

struct Activity {
  std::int64_t id;
  std::string_view name;
};

// By the first word of what was done.
Activity activity_of(std::string_view action) {
  struct Verb {
    std::string_view text;
    Activity activity;
  };
  static constexpr Activity create{1, "Create"};
  static constexpr Activity read{2, "Read"};
  static constexpr Activity update{3, "Update"};
  static constexpr Activity erase{4, "Delete"};
  static constexpr std::array<Verb, 16> verbs = {{{"create", create},
                                                  {"add", create},
                                                  {"insert", create},
                                                  {"start", create},
                                                  {"read", read},
                                                  {"list", read},
                                                  {"get", read},
                                                  {"query", read},
                                                  {"search", read},
                                                  {"update", update},
                                                  {"edit", update},
                                                  {"set", update},
                                                  {"change", update},
                                                  {"delete", erase},
                                                  {"remove", erase},
                                                  {"prune", erase}}};
  const std::string word = to_lower_ascii(action.substr(0, action.find_first_of("_-./ ")));
  for (const Verb& verb : verbs) {
    if (verb.text == word) return verb.activity;
  }
  return {other, action.empty() ? "Other" : action};
}

struct Status {
  std::int64_t id;
  std::string_view name;
};

Status status_of(std::string_view status) {
  if (status == status::ok) return {1, "Success"};
  if (status == status::error || status == status::denied) return {2, "Failure"};
  return {other, status};
}

// Informational, Low, Medium, High.
std::int64_t severity_of(const EventView& event) {
  if (event.status == status::ok || event.status == status::pending) return 1;
  if (event.category == category::safety) return 4;
  return event.status == status::denied ? 3 : 2;
}

class Record {
 public:
  Record(std::string& out, const EventView& event) : json_(out), event_(event) {}

  void write() {
    const Activity activity = activity_of(event_.action);
    const Status status = status_of(event_.status);
    json_.open('{');
    json_.member("class_uid", class_uid);
    json_.member("class_name", "API Activity");
    json_.member("category_uid", category_uid);
    json_.member("category_name", "Application Activity");
    json_.member("activity_id", activity.id);
    json_.member("activity_name", activity.name);
    json_.member("type_uid", class_uid * 100 + activity.id);
    json_.member("time", event_.timestamp.ns() / ns_of_ms);
    json_.member("severity_id", severity_of(event_));
    json_.member("status_id", status.id);
    json_.member("status", status.name);
    text("status_detail", event_.status);
    text("message", event_.summary);
    if (event_.duration.count() > 0) {
      json_.member("duration", static_cast<std::int64_t>(event_.duration.count()));
    }
    actor();
    api();
    json_.name("src_endpoint");
    json_.open('{');
    json_.member("name", event_.source.empty() ? std::string_view("agentaudit") : event_.source);
    json_.close('}');
    metadata();
    unmapped();
    json_.close('}');
  }

 private:
  void text(std::string_view name, std::string_view value) {
    if (!value.empty()) json_.member(name, value);
  }

  void actor() {
    json_.name("actor");
    json_.open('{');
    json_.member("app_name", event_.agent.empty() ? std::string_view("unknown") : event_.agent);
    if (!event_.principal.empty()) {
      json_.name("user");
      json_.open('{');
      json_.member("name", event_.principal);
      json_.close('}');
    }
    if (!event_.conversation_id.empty()) {
      json_.name("session");
      json_.open('{');
      json_.member("uid", event_.conversation_id);
      json_.close('}');
    }
    json_.close('}');
  }

  void api() {
    json_.name("api");
    json_.open('{');
    std::string operation(event_.category);
    if (!event_.action.empty()) operation.append(".").append(event_.action);
    json_.member("operation", std::string_view(operation));
    if (!event_.target.empty()) {
      json_.name("service");
      json_.open('{');
      json_.member("name", event_.target);
      json_.close('}');
    }
    json_.close('}');
  }

  void metadata() {
    json_.name("metadata");
    json_.open('{');
    json_.member("version", schema_version);
    json_.name("product");
    json_.open('{');
    json_.member("name", "agentaudit");
    json_.member("vendor_name", "agentaudit");
    json_.close('}');
    json_.member("uid", std::string_view(std::to_string(event_.id)));
    json_.member("sequence", static_cast<std::int64_t>(event_.id));
    json_.member("log_name", event_.category);
    text("correlation_uid", event_.trace_id.empty() ? event_.conversation_id : event_.trace_id);
    json_.member("original_time", event_.timestamp);
    json_.close('}');
  }

  void unmapped() {
    json_.name("unmapped");
    json_.open('{');
    text("trace_id", event_.trace_id);
    text("span_id", event_.span_id);
    text("parent_span_id", event_.parent_span_id);
    text("detail", event_.detail);
    json_.close('}');
  }

  JsonWriter json_;
  const EventView event_;
};

// With U+FFFD for each byte that is not part of valid UTF-8.
std::string valid_utf8(std::string_view text) {
  constexpr std::uint32_t replacement = 0xFFFD;
  std::string out;
  while (!text.empty()) {
    const CodePoint point = decode_utf8(text);
    append_utf8(out, point.bytes == 0 ? replacement : point.value);
    text.remove_prefix(std::max<std::size_t>(point.bytes, 1));
  }
  return out;
}

}  // namespace

void append_ocsf(std::string& out, const EventView& event) {
  const bool is_valid =
      std::all_of(string_fields.begin(), string_fields.end(),
                  [&](const StringField& field) { return is_utf8(event.*field.view); });
  if (is_valid) {
    Record(out, event).write();
    return;
  }
  Event valid = event.to_event();
  for (const StringField& field : string_fields) {
    valid.*field.owned = valid_utf8(event.*field.view);
  }
  Record(out, valid).write();
}

}  // namespace agentaudit
