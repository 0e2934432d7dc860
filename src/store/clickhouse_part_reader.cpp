#include "store/clickhouse_part_reader.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "store/clickhouse_sql.h"
#include "store/row_binary.h"

namespace agentaudit {
namespace {

using clickhouse_sql::literal;

constexpr std::size_t trail_bytes = 32;

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

Result<std::optional<ClickhouseSums>> ClickhousePartReader::sums(const ClickhousePartList& parts,
                                                                 Of of,
                                                                 const std::stop_token& stop) {
  if (of == Of::names && has_too_many_names_) return std::optional<ClickhouseSums>();
  ClickhousePartSums& kept = of == Of::names ? sums_ : extents_;
  ClickhousePartList unknown;
  {
    const std::lock_guard guard(mutex_);
    unknown = kept.keep(parts);
  }
  std::optional<SumsByPart> found = SumsByPart();
  if (!unknown.empty()) {
    auto read = read_sums(unknown, of, stop);
    if (!read) return fail(read.error());
    found = std::move(*read);
  }
  if (!found) {
    has_too_many_names_ = true;
    return std::optional<ClickhouseSums>();
  }
  const std::lock_guard guard(mutex_);
  for (const ClickhousePart& part : unknown) {
    const auto sums = found->find(part.name);
    if (sums != found->end()) kept.learn(part, std::move(sums->second));
  }
  std::size_t names = 0;
  kept.for_each([&](const ClickhouseSums& sums) { names += sums.size(); });
  if (names > limits_.names) {
    has_too_many_names_ = true;
    kept = make_clickhouse_part_sums();
    return std::optional<ClickhouseSums>();
  }
  // Another question may have forgotten some meanwhile.
  ClickhouseSums total;
  for (const ClickhousePart& part : parts) {
    const ClickhouseSums* const known = kept.find(part);
    if (known == nullptr) return std::optional<ClickhouseSums>();
    total.add(*known);
  }
  return std::optional(std::move(total));
}

// To group by the part as well takes four times as long, so large parts are asked for alone.
Result<std::optional<ClickhousePartReader::SumsByPart>> ClickhousePartReader::read_sums(
    ClickhousePartList unknown, Of of, const std::stop_token& stop) {
  constexpr std::size_t alone_max = 16;
  std::ranges::sort(unknown, std::greater(), &ClickhousePart::rows);
  SumsByPart sums;
  for (const ClickhousePart& part : unknown) sums.try_emplace(part.name);
  for (std::size_t i = 0; i < unknown.size();) {
    const std::size_t some = i < alone_max ? 1 : unknown.size() - i;
    const auto first = unknown.begin() + static_cast<std::ptrdiff_t>(i);
    const ClickhousePartList group(first, first + static_cast<std::ptrdiff_t>(some));
    if (auto added = add_sums(group, of, sums, stop); !added) return fail(added.error());
    std::size_t names = 0;
    for (const auto& [name, part] : sums) names += part.size();
    if (names > limits_.names) return std::optional<SumsByPart>();
    i += some;
  }
  // A part that is still listed after it was read was read whole.
  const auto listed = list(stop);
  if (!listed) return fail(listed.error());
  for (const ClickhousePart& part : unknown) {
    if (std::find(listed->begin(), listed->end(), part) == listed->end()) sums.erase(part.name);
  }
  return std::optional(std::move(sums));
}

Result<void> ClickhousePartReader::add_sums(const ClickhousePartList& parts, Of of,
                                            SumsByPart& sums, const std::stop_token& stop) const {
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

}  // namespace agentaudit
