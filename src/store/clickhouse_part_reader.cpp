#include "store/clickhouse_part_reader.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "store/clickhouse_sql.h"
#include "store/row_binary.h"

namespace agentaudit {
namespace {

using clickhouse_sql::literal;

constexpr std::size_t trail_bytes = 32;

std::size_t size_of(const ClickhouseSums& sums) { return sums.size(); }
std::size_t size_of(const std::shared_ptr<const ClickhouseCube>& cube) { return cube->size(); }

bool may_pass(ErrorCode code) {
  return code == ErrorCode::cancelled || code == ErrorCode::deadline || code == ErrorCode::busy ||
         code == ErrorCode::io;
}

}  // namespace

Result<std::optional<ClickhousePartList>> ClickhousePartReader::distinct(
    const std::stop_token& stop) {
  constexpr int rounds_max = 4;  // a part may be merged before it is looked at
  for (int round = 0; round < rounds_max && !is_blind_; ++round) {
    auto parts = list(stop);
    if (!parts) return fail(parts.error());
    if (parts->empty()) break;
    ClickhousePartList unknown;
    {
      const std::lock_guard guard(mutex_);
      unknown = parts_.keep(*parts);
      if (unknown.empty()) {
        if (parts_.may_repeat(*parts)) break;
        return std::optional(std::move(*parts));
      }
    }
    if (auto learned = learn(unknown, stop); !learned) return fail(learned.error());
  }
  return std::optional<ClickhousePartList>();
}

Result<bool> ClickhousePartReader::is_still_distinct(const ClickhousePartList& before,
                                                     const std::stop_token& stop) {
  const auto after = distinct(stop);
  if (!after) return fail(after.error());
  return after->has_value() && ClickhouseParts::follows(before, **after);
}

// Of a table of this server alone: copies of it elsewhere may be merged in another way.
Result<ClickhousePartList> ClickhousePartReader::list(const std::stop_token& stop) {
  const auto answer = client_.query(
      "SELECT name, toInt64(modification_time), toInt64(rows) FROM system.parts WHERE database = " +
          literal(client_.address().database) +
          " AND table = 'events' AND active AND engine = 'ReplacingMergeTree' ORDER BY name"
          " FORMAT RowBinary",
      stop);
  ClickhousePartList parts;
  if (!answer) {
    if (may_pass(answer.error().code)) return fail(answer.error());
    is_blind_ = true;
    return parts;
  }
  RowBinaryReader rows(*answer);
  while (!rows.at_end()) {
    ClickhousePart part;
    part.name = rows.text();
    part.modified_s = rows.number();
    part.rows = rows.number();
    parts.push_back(std::move(part));
  }
  if (!rows.ok()) return fail(client_.unreadable());
  if (parts.size() > limits_.parts) parts.clear();
  return parts;
}

std::string ClickhousePartReader::where_in(const ClickhousePartList& parts) const {
  std::string names;
  for (const ClickhousePart& part : parts) {
    names += (names.empty() ? "" : ", ") + literal(part.name);
  }
  SqlWhere where(clickhouse_sql::dialect);
  where.add("_part IN (" + names + ')');
  where.among("trail", client_.address().trails);
  return where.text();
}

// A part that is still listed after it was read was read whole.
Result<void> ClickhousePartReader::learn(const ClickhousePartList& unknown,
                                         const std::stop_token& stop) {
  const auto answer = client_.query(
      "SELECT _part, trail, min(id), max(id), toInt64(count()) FROM " + client_.address().database +
          ".events WHERE " + where_in(unknown) + " GROUP BY _part, trail LIMIT " +
          std::to_string(limits_.ranges + 1) + " FORMAT RowBinary",
      stop);
  if (!answer) {
    if (may_pass(answer.error().code)) return fail(answer.error());
    is_blind_ = true;
    return {};
  }
  std::map<std::string, std::vector<ClickhouseTrailRange>, std::less<>> ranges;
  std::size_t count = 0;
  RowBinaryReader rows(*answer);
  while (!rows.at_end()) {
    const std::string name(rows.text());
    ClickhouseTrailRange range;
    range.trail = rows.fixed(trail_bytes);
    range.first_id = rows.number();
    range.last_id = rows.number();
    range.events = rows.number();
    ranges[name].push_back(std::move(range));
    ++count;
  }
  if (!rows.ok()) return fail(client_.unreadable());
  const auto listed = list(stop);
  if (!listed) return fail(listed.error());
  const std::lock_guard guard(mutex_);
  if (count + parts_.ranges() > limits_.ranges) {
    is_blind_ = true;
    return {};
  }
  for (const ClickhousePart& part : unknown) {
    if (std::find(listed->begin(), listed->end(), part) == listed->end()) continue;
    parts_.learn(part, std::move(ranges[part.name]));
  }
  return {};
}

// One question reads cubes, others wait a while for it.
class ClickhousePartReader::CubeTurn {
 public:
  explicit CubeTurn(ClickhousePartReader& reader) : reader_(reader) {
    // New parts are small and soon read; all of them are not.
    constexpr std::chrono::milliseconds wait_max(200);
    std::unique_lock lock(reader_.mutex_);
    is_ours_ = reader_.has_read_cubes_.wait_for(lock, wait_max,
                                                [&] { return !reader_.is_reading_cubes_; });
    if (is_ours_) reader_.is_reading_cubes_ = true;
  }
  CubeTurn(const CubeTurn&) = delete;
  CubeTurn& operator=(const CubeTurn&) = delete;
  ~CubeTurn() {
    if (!is_ours_) return;
    {
      const std::lock_guard guard(reader_.mutex_);
      reader_.is_reading_cubes_ = false;
    }
    reader_.has_read_cubes_.notify_one();
  }
  [[nodiscard]] bool is_ours() const { return is_ours_; }

 private:
  ClickhousePartReader& reader_;
  bool is_ours_ = false;
};

template <typename Value>
void ClickhousePartReader::Kept<Value>::measure() {
  const std::size_t before = size;
  size = 0;
  parts.for_each([&](const Value& value) { size += size_of(value); });
  all += size - before;
}

// To group by the part as well takes four times as long, so large parts are asked for alone.
template <typename Value, typename Read, typename Use>
Result<bool> ClickhousePartReader::each(Kept<Value>& kept, const ClickhousePartList& parts,
                                        std::size_t size_max, const Read& read, const Use& use,
                                        const std::stop_token& stop) {
  constexpr std::size_t alone_max = 16;
  if (kept.is_too_much) return false;
  ClickhousePartList unknown;
  {
    const std::lock_guard guard(mutex_);
    unknown = kept.parts.keep(parts);
    kept.measure();
  }
  std::ranges::sort(unknown, std::greater(), &ClickhousePart::rows);
  for (std::size_t i = 0; i < unknown.size();) {
    const std::size_t some = i < alone_max ? 1 : unknown.size() - i;
    const auto first = unknown.begin() + static_cast<std::ptrdiff_t>(i);
    const ClickhousePartList group(first, first + static_cast<std::ptrdiff_t>(some));
    i += some;
    ByPart<Value> found;
    if (auto done = read(group, found); !done) return fail(done.error());
    // A part that is still listed after it was read was read whole.
    const auto listed = list(stop);
    if (!listed) return fail(listed.error());
    const std::lock_guard guard(mutex_);
    for (const ClickhousePart& part : group) {
      if (std::ranges::find(*listed, part) == listed->end()) continue;
      kept.parts.learn(part, std::move(found[part.name]));
    }
    kept.measure();
    if (kept.all <= size_max) continue;
    kept.is_too_much = true;
    (void)kept.parts.keep({});
    kept.measure();
    return false;
  }
  // Another question may have forgotten some meanwhile.
  const std::lock_guard guard(mutex_);
  for (const ClickhousePart& part : parts) {
    const Value* const known = kept.parts.find(part);
    if (known == nullptr) return false;
    use(*known);
  }
  return true;
}

Result<std::optional<ClickhouseSums>> ClickhousePartReader::sums(const ClickhousePartList& parts,
                                                                 Of of,
                                                                 const std::stop_token& stop) {
  ClickhouseSums total;
  const auto known = each(
      of == Of::names ? sums_ : extents_, parts, limits_.names,
      [&](const ClickhousePartList& group, ByPart<ClickhouseSums>& found) {
        return read_sums(group, of, found, stop);
      },
      [&](const ClickhouseSums& part) { total.add(part); }, stop);
  if (!known) return fail(known.error());
  return *known ? std::optional(std::move(total)) : std::nullopt;
}

Result<void> ClickhousePartReader::read_sums(const ClickhousePartList& parts, Of of,
                                             ByPart<ClickhouseSums>& sums,
                                             const std::stop_token& stop) const {
  const bool alone = parts.size() == 1;
  const std::string select = "SELECT " + (alone ? literal(parts[0].name) : std::string("_part"));
  const std::string from =
      " FROM " + client_.address().database + ".events WHERE " + where_in(parts);
  const std::string limit = " LIMIT " + std::to_string(limits_.names + 1) + " FORMAT RowBinary";
  const auto extents = client_.query(select + ", toInt64(count()), min(timestamp), max(timestamp)" +
                                         from + (alone ? "" : " GROUP BY _part") + limit,
                                     stop);
  if (!extents) return fail(extents.error());
  RowBinaryReader rows(*extents);
  while (!rows.at_end()) {
    ClickhouseSums& part = sums[std::string(rows.text())];
    part.events = rows.number();
    part.first = Timestamp::from_ns(rows.number());
    part.last = Timestamp::from_ns(rows.number());
  }
  if (!rows.ok()) return fail(client_.unreadable());
  for (std::size_t i = 0; of == Of::names && i < ClickhouseSums::columns.size(); ++i) {
    const std::string column(ClickhouseSums::columns[i]);
    std::string sql = select;
    sql.append(", ").append(column).append(", toInt64(count())").append(from);
    sql.append(" GROUP BY ").append(alone ? "" : "_part, ").append(column).append(limit);
    const auto counts = client_.query(sql, stop);
    if (!counts) return fail(counts.error());
    RowBinaryReader names(*counts);
    while (!names.at_end()) {
      ClickhouseSums& part = sums[std::string(names.text())];
      std::string name(names.text());
      part.names[i][std::move(name)] = names.number();
    }
    if (!names.ok()) return fail(client_.unreadable());
  }
  return {};
}

Result<std::optional<ClickhouseCubes>> ClickhousePartReader::cubes(const ClickhousePartList& parts,
                                                                   const std::stop_token& stop) {
  if (questions_of_cubes_ < limits_.questions_before_cubes) {
    ++questions_of_cubes_;
    return std::optional<ClickhouseCubes>();
  }
  std::int64_t rows = 0;
  for (const ClickhousePart& part : parts) rows += part.rows;
  if (rows > limits_.cube_rows) return std::optional<ClickhouseCubes>();
  const CubeTurn turn(*this);
  if (!turn.is_ours()) return std::optional<ClickhouseCubes>();
  ClickhouseCubes cubes;
  const auto known = each(
      cubes_, parts, limits_.cells,
      [&](const ClickhousePartList& group, ByPart<Cube>& found) {
        return read_cubes(group, found, stop);
      },
      [&](const Cube& cube) { cubes.push_back(cube); }, stop);
  if (known) return *known ? std::optional(std::move(cubes)) : std::nullopt;
  const ErrorCode code = known.error().code;
  if (code == ErrorCode::cancelled) return fail(known.error());
  // The question reads columns then. A server that was away may be there again the next time.
  if (code == ErrorCode::deadline || !may_pass(code)) cubes_.is_too_much = true;
  return std::optional<ClickhouseCubes>();
}

Result<void> ClickhousePartReader::read_cubes(const ClickhousePartList& parts, ByPart<Cube>& cubes,
                                              const std::stop_token& stop) const {
  const bool alone = parts.size() == 1;
  const std::string name = alone ? literal(parts[0].name) : "_part";
  const auto answer = client_.query(
      "SELECT " + name + ", " + std::string(clickhouse_sql::cell_columns) + " FROM " +
          client_.address().database + ".events WHERE " + where_in(parts) + " GROUP BY " +
          (alone ? "" : "_part, ") + std::string(clickhouse_sql::cell_keys) + " LIMIT " +
          std::to_string(limits_.cells + 1) + " FORMAT RowBinary",
      stop);
  if (!answer) return fail(answer.error());
  ByPart<std::shared_ptr<ClickhouseCube>> read;
  for (const ClickhousePart& part : parts) {
    read.emplace(part.name, std::make_shared<ClickhouseCube>());
  }
  RowBinaryReader rows(*answer);
  while (!rows.at_end()) {
    const auto cube = read.find(rows.text());
    if (cube == read.end()) return fail(client_.unreadable());
    clickhouse_sql::read_cell(rows, *cube->second);
  }
  if (!rows.ok()) return fail(client_.unreadable());
  for (auto& [part, cube] : read) cubes[part] = std::move(cube);
  return {};
}

}  // namespace agentaudit
