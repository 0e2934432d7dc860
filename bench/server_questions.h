// What the benchmarks of servers share.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "agentaudit/core/event_reader.h"
#include "measurement.h"
#include "store/clickhouse_client.h"

namespace agentaudit::bench {

// The median of a question's times, in ms.
void add_question(std::vector<Row>& rows, const Settings& settings, const std::string& name,
                  const std::function<void()>& ask);
// What people ask most, of all that is there: medians, in ms.
void add_questions(std::vector<Row>& rows, const Settings& settings, const std::string& name,
                   EventReader& store);
// Statistics that take longer: of all with a histogram, of some.
void add_long_questions(std::vector<Row>& rows, const Settings& settings, const std::string& name,
                        EventReader& store);
// "PostgresStore, 50000 events"
[[nodiscard]] std::string of_events(const std::string& store, std::size_t count);
void make_clickhouse_tables(const ClickhouseClient& client, const std::string& database);

}  // namespace agentaudit::bench
