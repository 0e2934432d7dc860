#include "emit/gap_event.h"

#include "agentaudit/core/names.h"

namespace agentaudit {
namespace {

std::string_view name_of(LossReason reason) {
  switch (reason) {
    case LossReason::buffer_full: return "buffer_full";
    case LossReason::closed: return "closed";
    case LossReason::out_of_memory: return "out_of_memory";
    case LossReason::refused_by_store: break;
  }
  return "refused_by_store";
}

}  // namespace

Event gap_event(LossReason reason, const Losses& losses, std::string_view source) {
  const std::string count = std::to_string(losses.events);
  Event event;
  event.timestamp = Timestamp::now();
  event.category = category::audit;
  event.action = action::gap;
  event.agent = "agentaudit";
  event.status = status::error;
  event.source = source;
  event.summary = count + (losses.events == 1 ? " event was" : " events were") +
                  " not recorded: " + std::string(name_of(reason));
  event.detail = R"({"count":)" + count + R"(,"first":")" + losses.first.to_string() +
                 R"(","last":")" + losses.last.to_string() + R"(","reason":")" +
                 std::string(name_of(reason)) + R"("})";
  return event;
}

}  // namespace agentaudit
