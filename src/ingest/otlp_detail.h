// The detail of an event: what a span or log record holds, as one JSON object.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agentaudit/core/event.h"
#include "ingest/otlp_fields.h"

namespace agentaudit {

// Views of one span or log record.
struct OtlpDetailParts {
  const OtlpFields& fields;
  const OtlpAttributes& attributes;
  std::string_view name{};
  std::string_view scope{};
  std::string_view resource{};  // JSON
  std::string_view error{};
  std::string_view server{};
  const std::vector<OtlpSpanEvent>* events = nullptr;
  const OtlpValue* body = nullptr;
  std::size_t left_out = 0;
};
[[nodiscard]] std::string otlp_detail(const OtlpDetailParts& parts);

// The attributes of a resource that say who and where, as JSON.
[[nodiscard]] std::string otlp_resource_detail(const OtlpAttributes& resource);

// Adds members, as JSON text, to a detail that otlp_detail wrote.
void add_to_detail(std::string& detail, std::string_view name, std::string_view json);

// Makes a call one that failed: status, error in detail and summary.
void set_error(Event& event, std::string_view error);

}  // namespace agentaudit
