#include "render/group_table.h"

#include "render/figures.h"
#include "render/text_table.h"

namespace agentaudit {
namespace {

std::string heading_of(GroupBy by) {
  switch (by) {
    case GroupBy::category: return "CATEGORY";
    case GroupBy::action: return "ACTION";
    case GroupBy::agent: return "AGENT";
    case GroupBy::status: return "STATUS";
    case GroupBy::source: return "SOURCE";
    case GroupBy::target: return "TARGET";
    case GroupBy::principal: return "PRINCIPAL";
    case GroupBy::conversation: break;
  }
  return "CONVERSATION";
}

// `12.5 %`, cut, so that no part looks like the whole.
std::string share_text(std::int64_t part, std::int64_t whole) {
  const double share = static_cast<double>(part) / static_cast<double>(whole);
  const auto thousandths = static_cast<std::int64_t>(share * 1'000.0);
  return std::to_string(thousandths / 10) + "." + std::to_string(thousandths % 10) + " %";
}

TableCell trouble(std::int64_t count, Colour colour) {
  return {count_text(count), count > 0 ? colour : Colour::dim};
}

TableCell name_of(const Group& group, GroupBy by) {
  if (group.name.empty()) return {"(none)", Colour::dim};
  return {group.name, by == GroupBy::status ? status_colour(group.name) : Colour::none};
}

}  // namespace

std::string group_table(const GroupsResult& result, GroupBy by, TerminalStyle style) {
  TextTable table(
      {// A UUID in whole, to be copied.
       {.heading = heading_of(by), .columns_max = 36},
       {.heading = "EVENTS", .right_aligned = true},
       {.heading = "SHARE", .right_aligned = true, .drop_rank = 4},
       {.heading = "ERRORS", .right_aligned = true, .drop_rank = 1},
       {.heading = "DENIED", .right_aligned = true, .drop_rank = 2},
       {.heading = "PENDING", .right_aligned = true, .drop_rank = 5},
       {.heading = "P50", .right_aligned = true, .drop_rank = 6},
       {.heading = "P95", .right_aligned = true, .drop_rank = 3},
       {.heading = "LAST EVENT"}},
      style);
  for (const Group& group : result.groups) {
    const auto& took = group.duration;
    table.add_row({name_of(group, by),
                   {count_text(group.events)},
                   {share_text(group.events, result.events)},
                   trouble(group.errors, Colour::red),
                   trouble(group.denied, Colour::yellow),
                   trouble(group.pending, Colour::cyan),
                   {took ? duration_text(took->p50) : std::string()},
                   {took ? duration_text(took->p95) : std::string()},
                   {milliseconds_text(group.last)}});
  }
  return table.take_text();
}

}  // namespace agentaudit
