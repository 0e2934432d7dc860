#include "server/export_source.h"

#include "core/trail_of.h"

namespace agentaudit {

BodySource::State ExportSource::produce(std::string& out) {
  if (!started_) append_head(out, format_);
  started_ = true;
  const auto events = pages_.next(gone_);
  // The client sees a body that was cut: it lacks the last chunk.
  if (!events) return State::broken;
  for (std::size_t i = 0; i < events->size(); ++i) {
    append_event(out, format_, (*events)[i], trail_of(pages_.trails(), i));
  }
  return events->empty() ? State::end : State::more;
}

}  // namespace agentaudit
