// The one form that both encodings of OTLP are read into. Everything is a view of the
// body or of what its reader keeps; it lives as long as the call of the visitor.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "agentaudit/core/result.h"
#include "agentaudit/ingest/otlp.h"
#include "ingest/otlp_value.h"

namespace agentaudit {

using OtlpAttributes = std::vector<OtlpAttribute>;

struct OtlpSpanEvent {
  std::string_view name;
  OtlpAttributes attributes;
};

struct OtlpSpan {
  std::string_view trace_id;  // raw bytes, of any number
  std::string_view span_id;
  std::string_view parent_span_id;
  std::string_view name;
  std::uint64_t start_ns = 0;
  std::uint64_t end_ns = 0;
  std::int64_t status_code = 0;
  std::string_view status_message;
  OtlpAttributes attributes;
  std::vector<OtlpSpanEvent> events;
  std::size_t left_out = 0;  // values for which there was no room
};

struct OtlpLogRecord {
  std::string_view trace_id;
  std::string_view span_id;
  std::string_view event_name;
  std::string_view severity_text;
  std::uint64_t time_ns = 0;
  std::uint64_t observed_ns = 0;
  std::int64_t severity_number = 0;
  OtlpValue body;
  OtlpAttributes attributes;
  std::size_t left_out = 0;
};

// What is around a span or log record.
struct OtlpScope {
  OtlpAttributes resource;
  std::string_view name;
};

// Hears of each record of a body, in order.
class OtlpVisitor {
 public:
  OtlpVisitor() = default;
  OtlpVisitor(const OtlpVisitor&) = delete;
  OtlpVisitor& operator=(const OtlpVisitor&) = delete;
  virtual ~OtlpVisitor() = default;

  // A new resource: what is kept of the last one no longer holds.
  virtual void on_resource(const OtlpScope& scope) = 0;
  virtual void on_span(const OtlpScope& scope, const OtlpSpan& span) = 0;
  virtual void on_log_record(const OtlpScope& scope, const OtlpLogRecord& record) = 0;
  // Something that could not be read.
  virtual void on_bad(std::string reason) = 0;
};

enum class OtlpRecords : std::uint8_t { spans, log_records };

// How many values one record may still have.
class OtlpRoom {
 public:
  // Takes room for one more; else counts that it is left out.
  [[nodiscard]] bool take() noexcept {
    if (values_ == 0) return leave_out();
    --values_;
    return true;
  }
  bool leave_out() noexcept {
    ++left_out_;
    return false;
  }
  [[nodiscard]] std::size_t left_out() const noexcept { return left_out_; }

 private:
  std::size_t values_ = limits::otlp_values_max;
  std::size_t left_out_ = 0;
};

}  // namespace agentaudit
