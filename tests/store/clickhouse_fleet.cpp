#include "store/clickhouse_fleet.h"

#include <initializer_list>
#include <random>
#include <utility>

#include "core/bytes.h"
#include "ledger/leaf.h"
#include "store/clickhouse_schema.h"

namespace agentaudit {
namespace {

Event random_event(std::mt19937& random) {
  const auto one_of = [&](std::initializer_list<const char*> names) {
    return std::string(names.begin()[random() % names.size()]);
  };
  Event event;
  event.timestamp = Timestamp::from_ns(1'790'000'000'000'000'000 +
                                       static_cast<std::int64_t>(random() % 50) * 1'000'000'007);
  event.category = one_of({"tool_call", "approval", "llm"});
  event.action = one_of({"execute", "complete"});
  event.agent = one_of({"a", R"(b'\)", "c\xff", ""});
  event.summary = one_of({"Plain", "100% of_it", "\xc3\x84pfel", "tab\tand\n", "NEEDLE here"});
  event.detail = one_of({"{}", R"({"x":"Needle"})", "\xff\xfe"}) + std::string(1, '\0');
  event.status = one_of({"ok", "error", "denied", "pending"});
  event.duration = std::chrono::milliseconds(random() % 40);
  event.source = one_of({"engine", "hook"});
  event.conversation_id = one_of({"c1", "c2", ""});
  event.target = one_of({"shell", "needle", ""});
  event.trace_id = one_of({"", "4bf92f3577b34da6a3ce929d0e0e4736"});
  event.span_id = one_of({"", "s1", "s2", "s3", "s4", "s5"});
  event.parent_span_id = one_of({"", "s1", "s3"});
  return event;
}

}  // namespace

std::vector<Event> some_events(int count, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<Event> events;
  for (int i = 1; i <= count; ++i) {
    events.push_back(random_event(random));
    events.back().id = i;
  }
  return events;
}

std::vector<RecordedEvent> recorded_events(const std::vector<Event>& events) {
  const std::string nonce(nonce_bytes, 'n');
  std::vector<RecordedEvent> recorded;
  for (const Event& event : events) {
    std::string entry;
    append_entry(entry, event, event.timestamp, commitments_of(event, nonce));
    recorded.push_back({.event = event,
                        .recorded_at = event.timestamp,
                        .leaf = std::string(view_of(leaf_hash(entry))),
                        .nonce = nonce});
  }
  return recorded;
}

void ClickhouseFleetTest::SetUp() {
  server_ = ClickhouseServer::shared();
  if (server_ == nullptr) GTEST_SKIP() << "clickhouse-server is not installed";
  static int number = 0;
  database_ = "fleet" + std::to_string(++number);
  url_ = server_->url(database_);
  const auto ddl = clickhouse_schema::ddl({.database = database_});
  ASSERT_TRUE(ddl);
  auto client = ClickhouseClient::make(*ClickhouseAddress::parse(url_));
  ASSERT_TRUE(client) << client.error().message;
  client_ = std::move(*client);
  std::string_view rest = *ddl;
  while (!rest.empty()) {
    const auto end = rest.find(";\n");
    const std::string statement(rest.substr(0, end));
    if (statement.starts_with("CREATE")) run(statement);  // SET is for sessions, and this is none
    rest.remove_prefix(end + 2);
  }
  auto writer = ClickhouseWriter::open(url_);
  ASSERT_TRUE(writer) << writer.error().message;
  writer_ = std::move(*writer);
}

std::unique_ptr<ClickhouseStore> ClickhouseFleetTest::open(const std::string& query) const {
  auto store = ClickhouseStore::open(url_ + query);
  EXPECT_TRUE(store) << store.error().message;
  return store ? std::move(*store) : nullptr;
}

Result<void> ClickhouseFleetTest::send(const std::string& trail,
                                       const std::vector<Event>& events) const {
  return writer_->insert(trail, recorded_events(events));
}

std::string ClickhouseFleetTest::run(const std::string& sql) const {
  auto answer = client_->query(sql);
  EXPECT_TRUE(answer) << answer.error().message << " to " << sql;
  return answer ? std::move(*answer) : "";
}

}  // namespace agentaudit
