#include "store/trail_record.h"

#include "agentaudit/core/event_json.h"
#include "agentaudit/core/names.h"

namespace agentaudit {

Event trail_record(std::string_view action, std::string_view principal) {
  Event record;
  record.timestamp = Timestamp::now();
  record.category = category::audit;
  record.action = action;
  record.agent = "agentaudit";
  record.source = "store";
  record.principal = principal;
  record.status = status::ok;
  return record;
}

void append_member(std::string& json, std::string_view name, std::string_view text) {
  if (text.empty()) return;
  json += ',';
  append_json_string(json, name);
  json += ':';
  append_json_string(json, text);
}

Result<void> append_record(SqliteWriter& writer, const Event& record,
                           const std::function<Result<void>()>& beside) {
  const EventView view(record);
  if (auto checked = check_limits(view); !checked) return checked;
  const auto appended = writer.append({&view, 1}, [&](IdRange /*ids*/) { return beside(); });
  if (!appended) return fail(appended.error());
  return {};
}

}  // namespace agentaudit
