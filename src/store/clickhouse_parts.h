// ClickhouseParts: what the parts of a fleet's events hold, to tell whether a row can be in two
// of them. A question has to merge such rows (FINAL), which takes many times as long.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "agentaudit/core/event.h"
#include "store/clickhouse_part_map.h"

namespace agentaudit {

// The events of one trail in one part.
struct ClickhouseTrailRange {
  std::string trail;
  EventId first_id = 0;
  EventId last_id = 0;
  std::int64_t events = 0;

  friend bool operator==(const ClickhouseTrailRange&, const ClickhouseTrailRange&) = default;
};

// Pure: the server is asked by others. A part never changes. Not thread-safe.
class ClickhouseParts {
 public:
  ClickhouseParts();

  // Forgets all other parts. The answer: those of them that are not known. What a merge made of
  // parts that are known, and have no row in common, is known.
  [[nodiscard]] ClickhousePartList keep(const ClickhousePartList& list) {
    return known_.keep(list);
  }
  void learn(const ClickhousePart& part, std::vector<ClickhouseTrailRange> ranges) {
    known_.learn(part, std::move(ranges));
  }

  // Of how many trails in how many parts ranges are held.
  [[nodiscard]] std::size_t ranges() const noexcept;

  // Whether a row may be there twice in these parts; a part that is not known may hold any.
  [[nodiscard]] bool may_repeat(const ClickhousePartList& list);

  // Whether every list of parts that was there between these two holds no row that is not in
  // one of the two as well. Blocks that came and were merged at once are such rows.
  [[nodiscard]] static bool follows(const ClickhousePartList& before,
                                    const ClickhousePartList& after);

 private:
  ClickhousePartMap<std::vector<ClickhouseTrailRange>> known_;
  ClickhousePartList judged_;      // what may_repeat answered last, and
  bool judged_may_repeat_ = true;  // for which parts, all of them known
};

}  // namespace agentaudit
