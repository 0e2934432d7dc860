// ClickhousePartReader: asks a server which parts a fleet's events are in, before and after a
// question.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "agentaudit/core/result.h"
#include "store/clickhouse_client.h"
#include "store/clickhouse_parts.h"
#include "store/clickhouse_sums.h"

namespace agentaudit {

// One for a store, whose questions share what it knows. Safe from any thread. The client must
// outlive it.
class ClickhousePartReader {
 public:
  // Beyond these there is no telling.
  struct Limits {
    std::size_t parts = 10'000;
    std::size_t ranges = 200'000;  // trails in parts, of which it keeps the least and greatest id
    std::size_t names = 500'000;   // in parts, of which it keeps the counts
  };
  explicit ClickhousePartReader(const ClickhouseClient& client) : client_(client) {}
  ClickhousePartReader(const ClickhouseClient& client, const Limits& limits)
      : client_(client), limits_(limits) {}

  // The parts, where no row of the client's trails can be in two of them; none: it may, or
  // there is no telling, as of a table that is distributed or replicated, whose parts are of
  // many servers. Errors: those of ClickhouseClient::query, of which those that stay (no
  // permission, another server's columns) are none here: there is no telling then.
  [[nodiscard]] Result<std::optional<ClickhousePartList>> distinct(const std::stop_token& stop);
  // Whether what was asked since `before`, an answer of distinct, saw each row once as well.
  [[nodiscard]] Result<bool> is_still_distinct(const ClickhousePartList& before,
                                               const std::stop_token& stop);
  using Of = ClickhouseSums::Of;
  // What the rows of the client's trails in these parts, an answer of distinct, add up to. Parts
  // that it does not know are read. None: one of them is gone, or there are too many names.
  // Errors: those of distinct.
  [[nodiscard]] Result<std::optional<ClickhouseSums>> sums(const ClickhousePartList& parts, Of of,
                                                           const std::stop_token& stop);

 private:
  [[nodiscard]] Result<ClickhousePartList> list(const std::stop_token& stop);
  [[nodiscard]] Result<void> learn(const ClickhousePartList& unknown, const std::stop_token& stop);
  using SumsByPart = std::map<std::string, ClickhouseSums, std::less<>>;
  // Of parts that are still there when they were read; none: they have too many names.
  [[nodiscard]] Result<std::optional<SumsByPart>> read_sums(ClickhousePartList unknown, Of of,
                                                            const std::stop_token& stop);
  [[nodiscard]] Result<void> add_sums(const ClickhousePartList& parts, Of of, SumsByPart& sums,
                                      const std::stop_token& stop) const;
  [[nodiscard]] std::string where_in(const ClickhousePartList& parts) const;

  const ClickhouseClient& client_;
  const Limits limits_;
  std::atomic<bool> is_blind_ = false;            // for good
  std::atomic<bool> has_too_many_names_ = false;  // likewise
  std::mutex mutex_;
  // Guarded by mutex_:
  ClickhouseParts parts_;
  ClickhousePartSums sums_ = make_clickhouse_part_sums();
  ClickhousePartSums extents_ = make_clickhouse_part_sums();  // without names
};

}  // namespace agentaudit
