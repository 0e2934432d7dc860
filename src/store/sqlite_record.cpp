#include "store/sqlite_record.h"

namespace agentaudit {

Result<void> append_record(SqliteWriter& writer, const Event& record,
                           const std::function<Result<void>()>& beside) {
  const EventView view(record);
  if (auto checked = check_limits(view); !checked) return checked;
  const auto appended = writer.append({&view, 1}, [&](IdRange /*ids*/) { return beside(); });
  if (!appended) return fail(appended.error());
  return {};
}

}  // namespace agentaudit
