// ClickhouseParts: what the parts of a fleet's events hold, to tell whether a row can be in two
// of them. A question has to merge such rows (FINAL), which takes many times as long.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agentaudit/core/event.h"

namespace agentaudit {

// The blocks that a part was made of, as its name says them: PARTITION_MIN_MAX_LEVEL[_MUTATION].
struct ClickhousePartName {
  std::string partition;
  std::int64_t first_block = 0;
  std::int64_t last_block = 0;
  std::int64_t level = 0;  // how often it was merged
  bool is_mutated = false;

  [[nodiscard]] static std::optional<ClickhousePartName> parse(std::string_view text);

  friend bool operator==(const ClickhousePartName&, const ClickhousePartName&) = default;
};

// A part as the server lists it. A table that was made anew may use the name again.
struct ClickhousePart {
  std::string name;
  std::int64_t modified_s = 0;
  std::int64_t rows = 0;

  friend bool operator==(const ClickhousePart&, const ClickhousePart&) = default;
};

using ClickhousePartList = std::vector<ClickhousePart>;

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
  // Forgets all other parts. The answer: those of them that are not known. What a merge made of
  // parts that are known, and have no row in common, is known.
  [[nodiscard]] ClickhousePartList keep(const ClickhousePartList& list);
  void learn(const ClickhousePart& part, std::vector<ClickhouseTrailRange> ranges);

  // Of how many trails in how many parts ranges are held.
  [[nodiscard]] std::size_t ranges() const noexcept;

  // Whether a row may be there twice in these parts; a part that is not known may hold any.
  [[nodiscard]] bool may_repeat(const ClickhousePartList& list);

  // Whether every list of parts that was there between these two holds no row that is not in
  // one of the two as well. Blocks that came and were merged at once are such rows.
  [[nodiscard]] static bool follows(const ClickhousePartList& before,
                                    const ClickhousePartList& after);

 private:
  struct Known {
    ClickhousePart part;
    ClickhousePartName name;
    std::vector<ClickhouseTrailRange> ranges;
  };

  [[nodiscard]] bool knows(const ClickhousePart& part) const;
  // What is known of a part by the blocks that it was made of.
  [[nodiscard]] std::optional<Known> merged(const ClickhousePart& part) const;

  std::map<std::string, Known, std::less<>> known_;  // by the name of the part
  ClickhousePartList judged_;                        // what may_repeat answered last, and
  bool judged_may_repeat_ = true;                    // for which parts, all of them known
};

}  // namespace agentaudit
