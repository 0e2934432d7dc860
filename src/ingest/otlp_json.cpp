#include "ingest/otlp_json.h"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <string>

#include "core/json_value.h"

namespace agentaudit {
namespace {

using JsonKind = JsonValue::Kind;

// Of the tree of the whole body the containers from a single record inwards are kept as
// text only: request, resources, resource, scopes, scope and records are six. Each record
// is then parsed on its own, so a body of any size takes the memory of one record, and
// what is wrong with a record does not disturb the next.
constexpr int depth_of_records = 6;

// The names of a signal's levels.
struct Names {
  std::string_view resources;
  std::string_view scopes;
  std::string_view records;
};

constexpr Names names_of(OtlpRecords wanted) {
  if (wanted == OtlpRecords::spans) return {"resourceSpans", "scopeSpans", "spans"};
  return {"resourceLogs", "scopeLogs", "logRecords"};
}

// A number, or the text of one, as protobuf's JSON writes those of 64 bits.
std::string_view digits_of(const JsonValue& value) {
  if (value.kind == JsonKind::string) return value.string;
  return value.kind == JsonKind::number ? value.raw : std::string_view();
}

template <typename Number>
std::optional<Number> number_of(std::string_view digits) {
  Number number{};
  const char* const end = digits.data() + digits.size();
  const auto parsed = std::from_chars(digits.data(), end, number);
  if (digits.empty() || parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  return number;
}

// The bytes that hexadecimal digits of either case stand for; the text itself, which is
// of a wrong length, where it is something else.
std::string bytes_of_hex(std::string_view hex) {
  std::string bytes;
  bytes.reserve(hex.size() / 2);
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    unsigned value = 0;
    const auto parsed = std::from_chars(hex.data() + i, hex.data() + i + 2, value, 16);
    if (parsed.ec != std::errc() || parsed.ptr != hex.data() + i + 2) return std::string(hex);
    bytes += static_cast<char>(value);
  }
  return hex.size() % 2 == 0 ? bytes : std::string(hex);
}

const JsonValue& member(const JsonValue& object, std::string_view name) {
  static const JsonValue nothing;
  const JsonValue* const found = object.find(name);
  return found != nullptr ? *found : nothing;
}

class Reader {
 public:
  Reader(OtlpRecords wanted, OtlpVisitor& visitor)
      : wanted_(wanted), names_(names_of(wanted)), visitor_(visitor) {}

  Result<void> read(std::string_view body) {
    const auto document = JsonDocument::parse(body, depth_of_records);
    if (!document) return fail(document.error());
    if (document->root().kind != JsonKind::object) {
      return fail(ErrorCode::parse, "no OTLP in JSON: an object is needed");
    }
    const JsonValue& resources = member(document->root(), names_.resources);
    if (resources.kind != JsonKind::array && resources.kind != JsonKind::null) {
      return fail(ErrorCode::parse,
                  "no OTLP in JSON: " + std::string(names_.resources) + " must be an array");
    }
    for (const JsonValue& resource : resources.items) resource_records(resource);
    return {};
  }

 private:
  // The parts of an array; anything else in its place is one bad record.
  const std::vector<JsonValue>& parts(const JsonValue& parent, std::string_view name) {
    const JsonValue& array = member(parent, name);
    if (array.kind != JsonKind::array && array.kind != JsonKind::null) {
      visitor_.on_bad(std::string(name) + " must be an array");
    }
    return array.items;
  }

  // Parses what only its text was kept of.
  std::optional<JsonDocument> inner(const JsonValue& value, std::string_view what) {
    if (value.kind != JsonKind::object) {
      visitor_.on_bad(std::string(what) + " must be an object");
      return std::nullopt;
    }
    auto document = JsonDocument::parse(value.raw);
    if (document) return std::move(*document);
    visitor_.on_bad(document.error().message);
    return std::nullopt;
  }

  void resource_records(const JsonValue& json) {
    scope_.resource.clear();
    room_ = {};
    std::optional<JsonDocument> resource;
    if (const JsonValue& found = member(json, "resource"); found.kind != JsonKind::null) {
      resource = inner(found, "resource");
      if (resource) attributes(resource->root(), scope_.resource, 1);
    }
    visitor_.on_resource(scope_);
    for (const JsonValue& scope : parts(json, names_.scopes)) {
      // At this depth the scope itself is whole.
      scope_.name = member(scope, "scope").string_at("name");
      for (const JsonValue& record : parts(scope, names_.records)) {
        const auto document = inner(record, "a record");
        if (!document) continue;
        room_ = {};
        wanted_ == OtlpRecords::spans ? span(document->root()) : log_record(document->root());
      }
    }
  }

  // A time that is no number of nanoseconds is as wrong as one that is beyond the range.
  static std::uint64_t time(const JsonValue& value) {
    const std::string_view digits = digits_of(value);
    if (digits.empty()) return 0;
    return number_of<std::uint64_t>(digits).value_or(std::numeric_limits<std::uint64_t>::max());
  }

  void span(const JsonValue& json) {
    OtlpSpan span;
    const std::string trace_id = bytes_of_hex(json.string_at("traceId"));
    const std::string span_id = bytes_of_hex(json.string_at("spanId"));
    const std::string parent_span_id = bytes_of_hex(json.string_at("parentSpanId"));
    span.trace_id = trace_id;
    span.span_id = span_id;
    span.parent_span_id = parent_span_id;
    span.name = json.string_at("name");
    span.start_ns = time(member(json, "startTimeUnixNano"));
    span.end_ns = time(member(json, "endTimeUnixNano"));
    const JsonValue& status = member(json, "status");
    span.status_code = status_code(member(status, "code"));
    span.status_message = status.string_at("message");
    attributes(json, span.attributes, 1);
    for (const JsonValue& item : member(json, "events").items) {
      if (!room_.take()) continue;
      OtlpSpanEvent& event = span.events.emplace_back();
      event.name = item.string_at("name");
      attributes(item, event.attributes, 1);
    }
    span.left_out = room_.left_out();
    visitor_.on_span(scope_, span);
  }

  // A number by the specification; some write the name.
  static std::int64_t status_code(const JsonValue& value) {
    constexpr std::int64_t error = 2;
    if (value.string == "STATUS_CODE_ERROR") return error;
    return number_of<std::int64_t>(digits_of(value)).value_or(0);
  }

  void log_record(const JsonValue& json) {
    OtlpLogRecord record;
    const std::string trace_id = bytes_of_hex(json.string_at("traceId"));
    const std::string span_id = bytes_of_hex(json.string_at("spanId"));
    record.trace_id = trace_id;
    record.span_id = span_id;
    record.event_name = json.string_at("eventName");
    record.severity_text = json.string_at("severityText");
    record.severity_number =
        number_of<std::int64_t>(digits_of(member(json, "severityNumber"))).value_or(0);
    record.time_ns = time(member(json, "timeUnixNano"));
    record.observed_ns = time(member(json, "observedTimeUnixNano"));
    value(member(json, "body"), record.body, 1);
    attributes(json, record.attributes, 1);
    record.left_out = room_.left_out();
    visitor_.on_log_record(scope_, record);
  }

  void attributes(const JsonValue& owner, OtlpAttributes& out, int depth) {
    pairs(member(owner, "attributes"), out, depth);
  }

  void pairs(const JsonValue& list, OtlpAttributes& out, int depth) {
    for (const JsonValue& item : list.items) {
      if (!room_.take()) continue;
      OtlpAttribute& kept = out.emplace_back();
      kept.key = item.string_at("key");
      value(member(item, "value"), kept.value, depth);
    }
  }

  // AnyValue: an object with one member, whose name is the type.
  void value(const JsonValue& json, OtlpValue& out, int depth) {
    using Kind = OtlpValue::Kind;
    for (const JsonMember& typed : json.members) {
      const JsonValue& content = typed.value;
      // Bytes stay base64, as which they are written too.
      const bool is_text = typed.name == "stringValue" || typed.name == "bytesValue";
      if (is_text && content.kind == JsonKind::string) {
        out.kind = Kind::text;
        out.text = content.string;
      } else if (typed.name == "boolValue" && content.kind == JsonKind::boolean) {
        out.kind = Kind::boolean;
        out.boolean = content.raw == "true";
      } else if (typed.name == "intValue") {
        integer(content, out);
      } else if (typed.name == "doubleValue") {
        real(content, out);
      } else if (typed.name == "arrayValue" && enter(out, Kind::list, depth)) {
        for (const JsonValue& item : member(content, "values").items) {
          if (room_.take()) value(item, out.items.emplace_back(), depth + 1);
        }
      } else if (typed.name == "kvlistValue" && enter(out, Kind::map, depth)) {
        pairs(member(content, "values"), out.members, depth + 1);
      }
    }
  }

  bool enter(OtlpValue& out, OtlpValue::Kind kind, int depth) {
    out.items.clear();
    out.members.clear();
    const bool fits = depth < limits::otlp_value_depth_max;
    out.kind = fits ? kind : OtlpValue::Kind::none;
    return fits || room_.leave_out();
  }

  // What no int64 holds is kept as its text.
  static void integer(const JsonValue& content, OtlpValue& out) {
    const std::string_view digits = digits_of(content);
    if (const auto number = number_of<std::int64_t>(digits)) {
      out.kind = OtlpValue::Kind::integer;
      out.integer = *number;
    } else {
      out.kind = OtlpValue::Kind::text;
      out.text = digits;
    }
  }

  static void real(const JsonValue& content, OtlpValue& out) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    const std::string_view digits = digits_of(content);
    out.kind = OtlpValue::Kind::real;
    if (digits == "NaN") {
      out.real = std::numeric_limits<double>::quiet_NaN();
    } else if (digits == "Infinity" || digits == "-Infinity") {
      out.real = digits.front() == '-' ? -infinity : infinity;
    } else if (const auto number = number_of<double>(digits)) {
      out.real = *number;
    } else {
      out.kind = OtlpValue::Kind::text;
      out.text = digits;
    }
  }

  OtlpRecords wanted_;
  Names names_;
  OtlpVisitor& visitor_;
  OtlpScope scope_;
  OtlpRoom room_;
};

}  // namespace

Result<void> read_otlp_json(std::string_view body, OtlpRecords wanted, OtlpVisitor& visitor) {
  return Reader(wanted, visitor).read(body);
}

}  // namespace agentaudit
