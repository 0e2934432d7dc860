#include <string>

#include "agentaudit/render/answer_json.h"
#include "cli/command_table.h"
#include "cli/filter_options.h"
#include "cli/interrupt.h"
#include "cli/print_options.h"
#include "cli/trouble.h"
#include "render/histogram_table.h"

namespace agentaudit {
namespace {

constexpr std::int64_t buckets_max = 1'000;

class HistogramCommand final : public Command {
 public:
  void declare(CommandLine& line) override {
    line.option({"--buckets"}, "N", buckets_, "So many steps of time, 1 to 1,000 (default 24)");
    filters_.declare_count_filters(line);
    print_.declare(line, "Print one JSON object");
    print_.declare_timeout(line);
  }

  ExitStatus run(Context& context) override {
    auto opts = filters_.to_stats_opts(Timestamp::now());
    if (!opts) return report(context, opts.error());
    if (buckets_ < 1 || buckets_ > buckets_max) {
      return report_wrong_use(
          context, "--buckets: " + std::to_string(buckets_) + " is not between 1 and 1000");
    }
    opts->histogram_buckets = static_cast<int>(buckets_);
    auto store = print_.open_to_read();
    if (!store) return report(context, store.error());
    Interrupt interrupt;
    const auto stats = (*store)->stats(*opts, interrupt.token());
    if (!stats) return report(context, stats.error());
    if (print_.json()) {
      std::string json = "{\"histogram\":";
      append_json(json, stats->histogram);
      context.out.write(json + "}\n");
    } else if (stats->histogram.empty()) {
      context.talk.say("no events match");
    } else {
      context.out.write(histogram_table(stats->histogram, print_.style(context)));
    }
    return ExitStatus::ok;
  }

 private:
  std::int64_t buckets_ = 24;
  FilterOptions filters_;
  PrintOptions print_;
};

}  // namespace

const CommandEntry histogram_command = {
    .name = "histogram",
    .summary = "Count events, errors and denials over time",
    .text =
        "The steps are equal and reach from the first event that matches to the last. In a bar "
        "▓ are errors, ▒ is what was denied and █ the rest.",
    .examples =
        "# When did it go wrong\n"
        "agentaudit histogram --since 24h --agent ada\n"
        "# In steps to plot\n"
        "agentaudit histogram --buckets 200 --json | jq '.histogram[].errors'",
    .create = []() -> std::unique_ptr<Command> { return std::make_unique<HistogramCommand>(); }};

}  // namespace agentaudit
