#include <algorithm>
#include <string>

#include "agentaudit/render/answer_json.h"
#include "cli/command_table.h"
#include "cli/filter_options.h"
#include "cli/interrupt.h"
#include "cli/print_options.h"
#include "cli/trouble.h"
#include "render/bar_chart.h"
#include "render/figures.h"

namespace agentaudit {
namespace {

constexpr int histogram_buckets_default = 60;
constexpr std::size_t histogram_margin_columns = 14;

class StatsCommand final : public Command {
 public:
  void declare(CommandLine& line) override {
    line.option({"--since"}, "TIME", since_, std::string(since_help));
    line.option({"--until"}, "TIME", until_, std::string(until_help));
    line.option({"--exclude-source"}, "NAMES", exclude_sources_, "Not from these sources");
    print_.declare(line, "Print one JSON object");
  }

  ExitStatus run(Context& context) override {
    const TerminalStyle style = print_.style(context);
    StatsOpts opts;
    opts.exclude_sources = filter_names(exclude_sources_);
    const auto range = read_time_range(since_, until_, Timestamp::now(), opts.since, opts.until);
    if (!range) return report(context, range.error());
    opts.histogram_buckets = histogram_buckets_default;
    if (style.columns > histogram_margin_columns) {
      opts.histogram_buckets = std::min(opts.histogram_buckets * 2,
                                        static_cast<int>(style.columns - histogram_margin_columns));
    }
    auto store = print_.store().open_to_read();
    if (!store) return report(context, store.error());
    Interrupt interrupt;
    const auto stats = (*store)->stats(opts, interrupt.token());
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

 private:
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

  std::string since_;
  std::string until_;
  std::vector<std::string> exclude_sources_;
  PrintOptions print_;
};

}  // namespace

const CommandEntry stats_command = {
    .name = "stats",
    .summary = "Count events by category, status, agent, target and time",
    .text = "",
    .examples =
        "agentaudit stats --since 7d\n"
        "# How many were denied today\n"
        "agentaudit stats --since today --json | jq '.by_status.denied'",
    .create = []() -> std::unique_ptr<Command> { return std::make_unique<StatsCommand>(); }};

}  // namespace agentaudit
