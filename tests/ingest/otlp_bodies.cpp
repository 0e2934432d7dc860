#include "ingest/otlp_bodies.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <protozero/pbf_writer.hpp>
#include <tuple>

#include "core/hex.h"

namespace agentaudit {
namespace {

using nlohmann::json;
using protozero::pbf_writer;

std::string padded(const std::string& id, std::size_t digits) {
  return id.empty() ? id : std::string(digits - id.size(), '0') + id;
}

json otlp_value(const json& plain) {
  if (plain.is_string()) return {{"stringValue", plain}};
  if (plain.is_boolean()) return {{"boolValue", plain}};
  if (plain.is_number_integer()) return {{"intValue", std::to_string(plain.get<std::int64_t>())}};
  if (plain.is_number()) return {{"doubleValue", plain}};
  if (plain.is_array()) {
    json values = json::array();
    for (const json& item : plain) values.push_back(otlp_value(item));
    return {{"arrayValue", {{"values", values}}}};
  }
  if (plain.is_object()) return {{"kvlistValue", {{"values", otlp_attributes(plain)}}}};
  return json::object();
}

std::string raw(const json& object, const char* name) {
  const std::string hex = object.value(name, "");
  std::string bytes(hex.size() / 2, '\0');
  EXPECT_TRUE(from_hex(hex, bytes)) << hex;
  return bytes;
}

template <typename Number>
Number number(const json& value) {
  if (value.is_string()) return static_cast<Number>(std::stoull(value.get<std::string>()));
  return value.get<Number>();
}

void write_attributes(pbf_writer& parent, int tag, const json& attributes);

void write_value(pbf_writer writer, const json& value) {
  for (const auto& [type, content] : value.items()) {
    if (type == "stringValue") writer.add_string(1, content.get<std::string>());
    if (type == "boolValue") writer.add_bool(2, content.get<bool>());
    if (type == "intValue") {
      writer.add_int64(3, content.is_string() ? std::stoll(content.get<std::string>())
                                              : content.get<std::int64_t>());
    }
    if (type == "doubleValue") writer.add_double(4, content.get<double>());
    if (type == "arrayValue") {
      pbf_writer list(writer, 5);
      for (const json& item : content.value("values", json::array())) {
        write_value(pbf_writer(list, 1), item);
      }
    }
    if (type == "kvlistValue") {
      pbf_writer map(writer, 6);
      write_attributes(map, 1, content.value("values", json::array()));
    }
  }
}

void write_attributes(pbf_writer& parent, int tag, const json& attributes) {
  for (const json& attribute : attributes) {
    pbf_writer pair(parent, static_cast<protozero::pbf_tag_type>(tag));
    pair.add_string(1, attribute.value("key", ""));
    if (attribute.contains("value")) write_value(pbf_writer(pair, 2), attribute["value"]);
  }
}

void write_span(pbf_writer writer, const json& span) {
  writer.add_bytes(1, raw(span, "traceId"));
  writer.add_bytes(2, raw(span, "spanId"));
  if (!span.value("parentSpanId", "").empty()) writer.add_bytes(4, raw(span, "parentSpanId"));
  writer.add_string(5, span.value("name", ""));
  writer.add_fixed64(7, number<std::uint64_t>(span["startTimeUnixNano"]));
  writer.add_fixed64(8, number<std::uint64_t>(span["endTimeUnixNano"]));
  write_attributes(writer, 9, span.value("attributes", json::array()));
  for (const json& event : span.value("events", json::array())) {
    pbf_writer message(writer, 11);
    message.add_string(2, event.value("name", ""));
    write_attributes(message, 3, event.value("attributes", json::array()));
  }
  if (span.contains("status")) {
    pbf_writer status(writer, 15);
    status.add_string(2, span["status"].value("message", ""));
    status.add_int32(3, span["status"].value("code", 0));
  }
}

void write_log(pbf_writer writer, const json& log) {
  if (log.contains("timeUnixNano")) {
    writer.add_fixed64(1, number<std::uint64_t>(log["timeUnixNano"]));
  }
  if (log.contains("observedTimeUnixNano")) {
    writer.add_fixed64(11, number<std::uint64_t>(log["observedTimeUnixNano"]));
  }
  if (log.contains("severityNumber")) writer.add_int32(2, number<int>(log["severityNumber"]));
  if (log.contains("severityText")) writer.add_string(3, log["severityText"].get<std::string>());
  if (log.contains("body")) write_value(pbf_writer(writer, 5), log["body"]);
  write_attributes(writer, 6, log.value("attributes", json::array()));
  if (!log.value("traceId", "").empty()) writer.add_bytes(9, raw(log, "traceId"));
  if (!log.value("spanId", "").empty()) writer.add_bytes(10, raw(log, "spanId"));
  if (log.contains("eventName")) writer.add_string(12, log["eventName"].get<std::string>());
}

json request_of(const char* resources, const char* scopes, const char* name, json records,
                const json& resource) {
  json scope{{"scope", {{"name", "test"}}}};
  scope[name] = std::move(records);
  json part{{"resource", {{"attributes", otlp_attributes(resource)}}}};
  part[scopes] = json::array({scope});
  json request;
  request[resources] = json::array({part});
  return request;
}

bool is_of_logs(const json& request) { return request.contains("resourceLogs"); }

Result<OtlpBatch> decode(const json& request, std::string_view body, OtlpEncoding encoding) {
  return is_of_logs(request) ? decode_otlp_logs(body, encoding)
                             : decode_otlp_traces(body, encoding);
}

std::vector<KeyedEvent> alone(OtlpBatch batch) {
  OtlpAssembler assembler;
  assembler.add(std::move(batch), {});
  return flushed(assembler);
}

Event only(const json& request) {
  const auto events = events_of({request});
  EXPECT_EQ(events.size(), 1U) << request.dump();
  return events.empty() ? Event() : events.front().event;
}

}  // namespace

json otlp_attributes(const json& plain) {
  json pairs = json::array();
  for (const auto& [key, value] : plain.items()) {
    pairs.push_back({{"key", key}, {"value", otlp_value(value)}});
  }
  return pairs;
}

json traces_request(const std::vector<TestSpan>& spans, const json& resource) {
  json records = json::array();
  for (const TestSpan& span : spans) {
    json events = json::array();
    for (const json& event : span.events) {
      events.push_back(
          {{"name", event["name"]},
           {"attributes", otlp_attributes(event.value("attributes", json::object()))}});
    }
    records.push_back({{"traceId", padded(span.trace, 32)},
                       {"spanId", padded(span.id, 16)},
                       {"parentSpanId", padded(span.parent, 16)},
                       {"name", span.name},
                       {"startTimeUnixNano", std::to_string(test_start_ns)},
                       {"endTimeUnixNano", std::to_string(test_start_ns + 1'500'000'000)},
                       {"status", {{"code", span.status}, {"message", span.message}}},
                       {"attributes", otlp_attributes(span.attributes)},
                       {"events", events}});
  }
  return request_of("resourceSpans", "scopeSpans", "spans", std::move(records), resource);
}

json logs_request(const std::vector<TestLog>& logs, const json& resource) {
  json records = json::array();
  for (const TestLog& log : logs) {
    json record{{"timeUnixNano", std::to_string(log.time_ns)},
                {"eventName", log.event_name},
                {"body", otlp_value(log.body)},
                {"attributes", otlp_attributes(log.attributes)}};
    if (!log.span.empty()) {
      record["traceId"] = padded(log.trace, 32);
      record["spanId"] = padded(log.span, 16);
    }
    records.push_back(std::move(record));
  }
  return request_of("resourceLogs", "scopeLogs", "logRecords", std::move(records), resource);
}

std::string protobuf_of(const json& request) {
  const bool logs = is_of_logs(request);
  std::string body;
  pbf_writer message(body);
  for (const json& resource : request[logs ? "resourceLogs" : "resourceSpans"]) {
    pbf_writer part(message, 1);
    if (resource.contains("resource")) {
      pbf_writer writer(part, 1);
      write_attributes(writer, 1, resource["resource"].value("attributes", json::array()));
    }
    for (const json& scope : resource[logs ? "scopeLogs" : "scopeSpans"]) {
      pbf_writer records(part, 2);
      if (scope.contains("scope")) {
        pbf_writer(records, 1).add_string(1, scope["scope"].value("name", ""));
      }
      for (const json& record : scope[logs ? "logRecords" : "spans"]) {
        logs ? write_log(pbf_writer(records, 2), record)
             : write_span(pbf_writer(records, 2), record);
      }
    }
  }
  return body;
}

OtlpBatch decode_both(const json& request) {
  auto of_json = decode(request, request.dump(), OtlpEncoding::json);
  auto of_protobuf = decode(request, protobuf_of(request), OtlpEncoding::protobuf);
  EXPECT_TRUE(of_json && of_protobuf) << request.dump();
  if (!of_json || !of_protobuf) return {};
  EXPECT_EQ(of_json->records, of_protobuf->records);
  EXPECT_EQ(of_json->rejected, of_protobuf->rejected);
  EXPECT_EQ(alone(*of_json), alone(*of_protobuf)) << request.dump();
  return *of_protobuf;
}

std::vector<KeyedEvent> flushed(OtlpAssembler& assembler) {
  auto events = assembler.flush();
  std::sort(events.begin(), events.end(), [](const KeyedEvent& a, const KeyedEvent& b) {
    return std::tie(a.event.timestamp, a.origin_key) < std::tie(b.event.timestamp, b.origin_key);
  });
  return events;
}

std::vector<KeyedEvent> events_of(const std::vector<json>& requests) {
  OtlpAssembler assembler;
  for (const json& request : requests) assembler.add(decode_both(request), {});
  return flushed(assembler);
}

Event event_of(const TestSpan& span) { return only(traces_request({span})); }

Event event_of(const TestLog& log) { return only(logs_request({log})); }

}  // namespace agentaudit
