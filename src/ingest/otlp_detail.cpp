#include "ingest/otlp_detail.h"

#include <algorithm>
#include <array>

#include "agentaudit/core/event_json.h"
#include "agentaudit/core/names.h"
#include "core/utf8.h"
#include "ingest/one_line.h"

namespace agentaudit {
namespace {

struct DetailName {
  std::string_view name;  // in docs/detail.md
  OtlpField field;
};

// Large, so that what stands there is not repeated among the attributes.
constexpr std::array<DetailName, 3> lifted = {{{"arguments", OtlpField::arguments},
                                               {"messages", OtlpField::messages},
                                               {"result", OtlpField::result}}};

constexpr std::array<DetailName, 8> copied = {{{"model", OtlpField::model},
                                               {"provider", OtlpField::provider},
                                               {"input_tokens", OtlpField::input_tokens},
                                               {"output_tokens", OtlpField::output_tokens},
                                               {"cached_tokens", OtlpField::cached_tokens},
                                               {"cost_usd", OtlpField::cost_usd},
                                               {"tool_call_id", OtlpField::call_id},
                                               {"reason", OtlpField::reason}}};

// Numbers that came as text are numbers in detail.
constexpr bool is_count(OtlpField field) {
  return field == OtlpField::input_tokens || field == OtlpField::output_tokens ||
         field == OtlpField::cached_tokens;
}

class ObjectWriter {
 public:
  explicit ObjectWriter(std::string& out) : out_(out) { out_ += '{'; }

  std::string& key(std::string_view name) {
    if (out_.back() != '{') out_ += ',';
    append_json_string(out_, name);
    out_ += ':';
    return out_;
  }
  void text(std::string_view name, std::string_view text) {
    if (!text.empty()) append_json_string(key(name), text);
  }
  void close() { out_ += '}'; }

 private:
  std::string& out_;
};

bool is_lifted(const OtlpAttribute& attribute, const OtlpFields& fields) {
  return std::any_of(lifted.begin(), lifted.end(),
                     [&](const DetailName& row) { return fields.find(row.field) == &attribute; });
}

std::size_t estimated_bytes(const OtlpDetailParts& parts) {
  constexpr std::size_t around = 256;
  std::size_t bytes = around + parts.resource.size() + parts.error.size();
  const auto add = [&](const OtlpAttributes& attributes) {
    for (const OtlpAttribute& attribute : attributes) {
      bytes += attribute.key.size() + attribute.value.text.size() + 8;
    }
  };
  add(parts.attributes);
  if (parts.events != nullptr) {
    for (const OtlpSpanEvent& event : *parts.events) add(event.attributes);
  }
  return bytes + bytes / 16;
}

void append_events(std::string& out, const std::vector<OtlpSpanEvent>& events) {
  out += '[';
  for (const OtlpSpanEvent& event : events) {
    if (out.back() != '[') out += ',';
    ObjectWriter object(out);
    object.text("name", event.name);
    if (!event.attributes.empty()) append_json(object.key("attributes"), event.attributes);
    object.close();
  }
  out += ']';
}

void append_attributes(ObjectWriter& detail, const OtlpDetailParts& parts) {
  if (parts.attributes.empty()) return;
  ObjectWriter object(detail.key("attributes"));
  for (const OtlpAttribute& attribute : parts.attributes) {
    if (!is_lifted(attribute, parts.fields))
      append_json(object.key(attribute.key), attribute.value);
  }
  object.close();
}

}  // namespace

std::string otlp_detail(const OtlpDetailParts& parts) {
  std::string out;
  out.reserve(estimated_bytes(parts));
  ObjectWriter detail(out);
  for (const DetailName& row : lifted) {
    if (const OtlpValue* const value = parts.fields.value(row.field)) {
      append_json(detail.key(row.name), *value);
    }
  }
  detail.text("error", parts.error);
  for (const DetailName& row : copied) {
    const OtlpValue* const value = parts.fields.value(row.field);
    if (value == nullptr) continue;
    const auto count = is_count(row.field) ? value->to_int64() : std::nullopt;
    if (count) {
      detail.key(row.name) += std::to_string(*count);
    } else {
      append_json(detail.key(row.name), *value);
    }
  }
  detail.text("server", parts.server);
  detail.text("name", parts.name);
  detail.text("scope", parts.scope);
  if (!parts.resource.empty()) detail.key("resource") += parts.resource;
  append_attributes(detail, parts);
  if (parts.events != nullptr && !parts.events->empty()) {
    append_events(detail.key("events"), *parts.events);
  }
  if (parts.body != nullptr && parts.body->kind != OtlpValue::Kind::none) {
    append_json(detail.key("body"), *parts.body);
  }
  if (parts.left_out > 0) detail.key("left_out") += std::to_string(parts.left_out);
  detail.close();
  return out;
}

std::string otlp_resource_detail(const OtlpAttributes& resource) {
  constexpr std::array<std::string_view, 3> told = {"service.", "host.name",
                                                    "deployment.environment"};
  // It is in the detail of each event of the resource.
  constexpr std::size_t text_bytes_max = 256;
  constexpr std::size_t all_bytes_max = 1'024;
  std::string out;
  ObjectWriter object(out);
  for (const OtlpAttribute& attribute : resource) {
    const std::string_view text = attribute.value.words();
    const bool is_told = std::any_of(told.begin(), told.end(), [&](std::string_view prefix) {
      return attribute.key.starts_with(prefix);
    });
    if (!is_told || text.empty() || attribute.key.size() > text_bytes_max) continue;
    if (out.size() < all_bytes_max) {
      object.text(attribute.key, utf8_prefix(text, text_bytes_max));
    }
  }
  if (out.size() == 1) return {};
  object.close();
  return out;
}

void add_to_detail(std::string& detail, std::string_view name, std::string_view json) {
  detail.pop_back();
  if (detail.back() != '{') detail += ',';
  append_json_string(detail, name);
  detail += ':';
  detail += json;
  detail += '}';
}

void set_error(Event& event, std::string_view error) {
  // As much of the summary as leaves the error in sight.
  constexpr std::size_t before_error_bytes_max = 80;
  event.status = status::error;
  if (error.empty()) return;
  std::string json;
  append_json_string(json, error);
  add_to_detail(event.detail, "error", json);
  event.summary =
      one_line(one_line(event.summary, before_error_bytes_max) + ": " + one_line(error));
}

}  // namespace agentaudit
