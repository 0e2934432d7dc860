#include "server/export_source.h"

#include "agentaudit/core/event_json.h"
#include "agentaudit/render/csv.h"

namespace agentaudit {

BodySource::State ExportSource::produce(std::string& out) {
  if (!started_ && format_ == ExportFormat::csv) append_csv_header(out);
  started_ = true;
  const auto events = pages_.next({});
  // The client sees a body that was cut: it lacks the last chunk.
  if (!events) return State::broken;
  for (const Event& event : *events) {
    if (format_ == ExportFormat::csv) {
      append_csv(out, event);
    } else {
      append_json(out, event);
      out += '\n';
    }
  }
  return events->empty() ? State::end : State::more;
}

}  // namespace agentaudit
