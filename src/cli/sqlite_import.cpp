#include "cli/sqlite_import.h"

#include <chrono>
#include <string>
#include <utility>

#include "store/sqlite_connection.h"

namespace agentaudit {
namespace {

constexpr std::chrono::milliseconds busy_timeout{5'000};
constexpr std::string_view select_events =
    "SELECT id, timestamp, category, action, agent, summary, detail, status, duration_ms, source,"
    " conversation_id FROM audit_events ORDER BY id";

Result<Event> event_of(const SqliteStatement& row) {
  const auto text = [&](int column) { return std::string(row.bytes(column)); };
  Event event;
  if (const std::string time = text(1); !time.empty()) {
    const auto timestamp = Timestamp::parse(time);
    if (!timestamp) {
      return fail(ErrorCode::parse, "\"timestamp\": " + timestamp.error().message);
    }
    event.timestamp = *timestamp;
  }
  event.category = text(2);
  event.action = text(3);
  event.agent = text(4);
  event.summary = text(5);
  event.detail = text(6);
  event.status = text(7);
  event.duration = std::chrono::milliseconds(row.integer(8));
  event.source = text(9);
  event.conversation_id = text(10);
  if (event.category.empty()) return fail(ErrorCode::parse, "\"category\" is empty");
  return event;
}

}  // namespace

Result<void> read_audit_events(const std::filesystem::path& path, const OnImportedRow& on_row,
                               std::stop_token stop) {
  auto connection = SqliteConnection::open(path, SqliteConnection::Mode::read_only, busy_timeout);
  if (!connection) return fail(std::move(connection.error()));
  connection->limit(std::move(stop), std::nullopt);
  auto rows = connection->prepare(select_events);
  if (!rows) {
    return fail(ErrorCode::not_a_trail,
                path.native() +
                    " has no table or view audit_events with the columns id, "
                    "timestamp, category, action, agent, summary, detail, status, "
                    "duration_ms, source, conversation_id: " +
                    rows.error().message);
  }
  while (true) {
    const auto row = rows->step();
    if (!row) return fail(row.error());
    if (!*row) return {};
    if (auto taken = on_row(rows->integer(0), event_of(*rows)); !taken) return taken;
  }
}

}  // namespace agentaudit
