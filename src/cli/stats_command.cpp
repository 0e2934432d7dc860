#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "agentaudit/render/answer_json.h"
#include "cli/command_table.h"
#include "cli/filter_options.h"
#include "cli/interrupt.h"
#include "cli/print_options.h"
#include "cli/terminal.h"
#include "cli/trouble.h"
#include "render/bar_chart.h"
#include "render/figures.h"
#include "render/group_table.h"

namespace agentaudit {
namespace {

constexpr int histogram_buckets_default = 60;
constexpr std::size_t histogram_margin_columns = 14;

// What --by takes.
struct Field {
  std::string_view name;
  std::string_view plural;
  GroupBy by;
};

constexpr std::array fields = {Field{"agent", "agents", GroupBy::agent},
                               Field{"target", "targets", GroupBy::target},
                               Field{"category", "categories", GroupBy::category},
                               Field{"action", "actions", GroupBy::action},
                               Field{"status", "statuses", GroupBy::status},
                               Field{"source", "sources", GroupBy::source},
                               Field{"principal", "principals", GroupBy::principal},
                               Field{"conversation", "conversations", GroupBy::conversation}};

// `name` is one of them: the command line takes no other.
const Field& field_of(std::string_view name) {
  return *std::find_if(fields.begin(), fields.end(),
                       [&](const Field& field) { return field.name == name; });
}

class StatsCommand final : public Command {
 public:
  void declare(CommandLine& line) override {
    auto& by =
        line.option({"--by"}, "FIELD", by_,
                    "One line for each agent, target, category, action, status, source, principal "
                    "or conversation");
    for (const Field& field : fields) by.choices.emplace_back(field.name);
    line.option({"-n", "--limit"}, "N", limit_,
                "With --by, at most N lines, 1 to 1,000 (default 50)");
    filters_.declare_count_filters(line);
    print_.declare(line, "Print one JSON object");
    print_.declare_timeout(line);
  }

  ExitStatus run(Context& context) override {
    if (limit_ < 1 || limit_ > limits::page_events_max) {
      return report_wrong_use(context,
                              "--limit: " + std::to_string(limit_) + " is not between 1 and 1000");
    }
    return by_.empty() ? print_counts(context) : print_groups(context);
  }

 private:
  ExitStatus print_groups(Context& context) const {
    auto opts = filters_.to_groups_opts(Timestamp::now());
    if (!opts) return report(context, opts.error());
    opts->by = field_of(by_).by;
    opts->limit = limit_;
    auto store = print_.open_to_read();
    if (!store) return report(context, store.error());
    Interrupt interrupt;
    const auto found = (*store)->groups(*opts, interrupt.token());
    if (!found) return report(context, found.error());
    if (print_.json()) {
      std::string json;
      append_json(json, *found);
      context.out.write(json + '\n');
      return ExitStatus::ok;
    }
    if (found->groups.empty()) {
      context.talk.say("no events match");
      return ExitStatus::ok;
    }
    context.out.write(group_table(*found, opts->by, print_.style(context)));
    context.out.flush();
    const auto shown = static_cast<std::int64_t>(found->groups.size());
    if (is_terminal(context.out.descriptor())) {
      context.talk.say(count_text(shown) + " of " +
                       count_text(found->total, by_, field_of(by_).plural) + ", " +
                       count_text(found->events, "event", "events"));
    }
    return ExitStatus::ok;
  }

  ExitStatus print_counts(Context& context) const {
    const TerminalStyle style = print_.style(context);
    auto opts = filters_.to_stats_opts(Timestamp::now());
    if (!opts) return report(context, opts.error());
    opts->histogram_buckets = histogram_buckets_default;
    if (style.columns > histogram_margin_columns) {
      opts->histogram_buckets = std::min(
          opts->histogram_buckets * 2, static_cast<int>(style.columns - histogram_margin_columns));
    }
    auto store = print_.open_to_read();
    if (!store) return report(context, store.error());
    Interrupt interrupt;
    const auto stats = (*store)->stats(*opts, interrupt.token());
    if (!stats) return report(context, stats.error());
    if (print_.json()) {
      std::string json;
      append_json(json, *stats);
      context.out.write(json + '\n');
    } else {
      context.out.write(text_of(*stats, style));
    }
    return ExitStatus::ok;
  }

  static std::string text_of(const Stats& stats, TerminalStyle style) {
    std::string out = count_text(stats.total, "event", "events");
    out += ", " + count_text(stats.events_last_hour) + " in the last hour\n";
    if (!stats.first || !stats.last) return out;
    out += milliseconds_text(*stats.first) + " to " + milliseconds_text(*stats.last) + '\n';
    const TerminalStyle half{.columns = half_columns(style), .colours = style.colours};
    const auto chart = [&](std::string_view title, const std::vector<NameCount>& counts,
                           bool status_colours = false) {
      return bar_chart(counts, {.title = title, .style = half, .status_colours = status_colours});
    };
    const auto pair = [&](const std::string& left, const std::string& right) {
      if (style.columns > 0 && !(left + right).empty()) {
        out += '\n' + side_by_side(left, right, style);
        return;
      }
      for (const std::string& one : {left, right}) {
        if (!one.empty()) out += '\n' + one;
      }
    };
    pair(chart("Category", stats.by_category), chart("Status", stats.by_status, true));
    pair(chart("Agent", stats.by_agent), chart("Target", stats.by_target));
    // One source says nothing.
    if (stats.by_source.size() > 2) out += '\n' + chart("Source", stats.by_source);
    const std::string over_time =
        histogram_chart(stats.histogram, {.title = "Over time", .style = style});
    if (!over_time.empty()) out += '\n' + over_time;
    return out;
  }

  std::string by_;
  std::int64_t limit_ = limits::page_events_default;
  FilterOptions filters_;
  PrintOptions print_;
};

}  // namespace

const CommandEntry stats_command = {
    .name = "stats",
    .summary = "Count events by category, status, agent, target and time",
    .text =
        "With --by, one line for each agent, target …: events and their share of all that match, "
        "errors, denied, pending (ended since or not), the duration that half of the events and "
        "95 % of them do not exceed, over those that have one, and the last event. The most "
        "frequent come first.",
    .examples =
        "agentaudit stats --since 7d\n"
        "# Which tools fail, and how long they take\n"
        "agentaudit stats --by target --category tool_call --since 7d\n"
        "# How many were denied today\n"
        "agentaudit stats --since today --json | jq '.by_status.denied'",
    .create = []() -> std::unique_ptr<Command> { return std::make_unique<StatsCommand>(); }};

}  // namespace agentaudit
