#include "server/export_source.h"

namespace agentaudit {

BodySource::State ExportSource::produce(std::string& out) {
  if (!started_) append_head(out, format_);
  started_ = true;
  const auto events = pages_.next(gone_);
  // The client sees a body that was cut: it lacks the last chunk.
  if (!events) return State::broken;
  for (const Event& event : *events) append_event(out, format_, event);
  return events->empty() ? State::end : State::more;
}

}  // namespace agentaudit
