// OtlpEvents: the records of one body, as events and what others inherit of them.
#pragma once

#include <string>
#include <string_view>

#include "agentaudit/ingest/otlp.h"
#include "ingest/otlp_meaning.h"

namespace agentaudit {

// Not thread-safe.
class OtlpEvents final : public OtlpVisitor {
 public:
  void on_resource(const OtlpScope& scope) override;
  void on_span(const OtlpScope& scope, const OtlpSpan& span) override;
  void on_log_record(const OtlpScope& scope, const OtlpLogRecord& record) override;
  void on_bad(std::string reason) override;

  [[nodiscard]] OtlpBatch take() { return std::move(batch_); }

 private:
  // Of the resource, what its records have in common.
  struct Common {
    std::string service;
    std::string agent;  // where no span names one
    std::string conversation;
    std::string principal;
    std::string detail;
    std::string identity;  // for digests; made when the first is needed
  };

  // Counts one more; false: it is one too many.
  [[nodiscard]] bool count_record();
  void finish_span(const OtlpScope& scope, const OtlpSpan& span, const OtlpFields& fields,
                   const OtlpMeaning& meaning, OtlpContext& context);
  // What spans and log records have in common.
  [[nodiscard]] Event event_of(const OtlpFields& fields, const OtlpMeaning& meaning,
                               std::string_view status) const;
  [[nodiscard]] std::string digest(const OtlpScope& scope, const OtlpLogRecord& record);

  OtlpBatch batch_;
  Common common_;
  std::size_t taken_ = 0;
};

}  // namespace agentaudit
