// ClickhousePartMap: what is known of the parts of a fleet's events. A part never changes.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace agentaudit {

// The blocks that a part was made of, as its name says them: PARTITION_MIN_MAX_LEVEL[_MUTATION].
struct ClickhousePartName {
  std::string partition;
  std::int64_t first_block = 0;
  std::int64_t last_block = 0;
  std::int64_t level = 0;  // how often it was merged
  bool is_mutated = false;

  [[nodiscard]] static std::optional<ClickhousePartName> parse(std::string_view text);
  // Whether every block of the part is one of this one's.
  [[nodiscard]] bool covers(const ClickhousePartName& part) const;
  // Whether these have every block of this one, one after the other. A number between them that
  // none has may be a block that came late.
  [[nodiscard]] bool is_made_of(std::vector<const ClickhousePartName*> parts) const;

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

// Pure: the server is asked by others. Not thread-safe.
template <typename Value>
class ClickhousePartMap {
 public:
  // What is known of a part that a merge made of these, of which it has every row; none: it has
  // to be asked for.
  using Join = std::function<std::optional<Value>(const std::vector<const Value*>&)>;
  explicit ClickhousePartMap(Join join) : join_(std::move(join)) {}

  // Forgets all other parts. The answer: those of them that are not known.
  [[nodiscard]] ClickhousePartList keep(const ClickhousePartList& list) {
    std::map<std::string, Known, std::less<>> kept;
    ClickhousePartList unknown;
    for (const ClickhousePart& part : list) {
      if (find(part) != nullptr) continue;
      if (auto known = merged(part)) {
        kept.insert_or_assign(part.name, std::move(*known));
      } else {
        unknown.push_back(part);
      }
    }
    for (const ClickhousePart& part : list) {
      if (find(part) != nullptr) kept.insert(known_.extract(part.name));
    }
    known_ = std::move(kept);
    return unknown;
  }

  void learn(const ClickhousePart& part, Value value) {
    // A name of another kind is of no merge that can be followed.
    auto name =
        ClickhousePartName::parse(part.name).value_or(ClickhousePartName{.partition = part.name});
    known_.insert_or_assign(
        part.name, Known{.part = part, .name = std::move(name), .value = std::move(value)});
  }

  // nullptr: it is not known.
  [[nodiscard]] const Value* find(const ClickhousePart& part) const {
    const auto found = known_.find(part.name);
    return found != known_.end() && found->second.part == part ? &found->second.value : nullptr;
  }

  // Of all that are known.
  template <typename Work>
  void for_each(const Work& work) const {
    for (const auto& [name, known] : known_) work(known.value);
  }

 private:
  struct Known {
    ClickhousePart part;
    ClickhousePartName name;
    Value value;
  };

  [[nodiscard]] std::optional<Known> merged(const ClickhousePart& part) const {
    auto name = ClickhousePartName::parse(part.name);
    if (!name) return std::nullopt;
    std::vector<const ClickhousePartName*> inside;
    std::vector<const Value*> values;
    std::int64_t rows = 0;
    for (const auto& [text, known] : known_) {
      if (!name->covers(known.name)) continue;
      if (text == part.name) return std::nullopt;  // of a table that is gone
      inside.push_back(&known.name);
      values.push_back(&known.value);
      rows += known.part.rows;
    }
    if (rows != part.rows || !name->is_made_of(std::move(inside))) return std::nullopt;
    auto value = join_(values);
    if (!value) return std::nullopt;
    return Known{.part = part, .name = std::move(*name), .value = std::move(*value)};
  }

  Join join_;
  std::map<std::string, Known, std::less<>> known_;  // by the name of the part
};

}  // namespace agentaudit
