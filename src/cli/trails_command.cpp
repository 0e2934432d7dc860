#include <chrono>
#include <string>

#include "agentaudit/core/fleet.h"
#include "agentaudit/render/answer_json.h"
#include "cli/command_table.h"
#include "cli/interrupt.h"
#include "cli/print_options.h"
#include "cli/time_expression.h"
#include "cli/trouble.h"
#include "render/figures.h"
#include "render/text_table.h"

namespace agentaudit {
namespace {

Colour colour_of(const FleetTrail& trail) {
  if (trail.forked || trail.missing > 0) return Colour::red;
  return trail.silent ? Colour::yellow : Colour::green;
}

std::string text_of(const std::vector<FleetTrail>& trails, TerminalStyle style) {
  TextTable table({{.heading = "STATE"},
                   {.heading = "LAST RECORDED"},
                   {.heading = "EVENTS", .right_aligned = true},
                   {.heading = "MISSING", .right_aligned = true},
                   {.heading = "LAST ID", .right_aligned = true, .drop_rank = 2},
                   {.heading = "SEALED", .right_aligned = true, .drop_rank = 1},
                   {.heading = "TRAIL", .columns_min = 32}},
                  style);
  for (const FleetTrail& trail : trails) {
    table.add_row({{std::string(state_of(trail)), colour_of(trail)},
                   {milliseconds_text(trail.last_recorded)},
                   {count_text(trail.events)},
                   {count_text(trail.missing), trail.missing > 0 ? Colour::red : Colour::dim},
                   {count_text(trail.last_id)},
                   {count_text(trail.checkpoint_size)},
                   {trail.trail_id}});
  }
  return table.take_text();
}

class TrailsCommand final : public Command {
 public:
  void declare(CommandLine& line) override {
    line.option({"--silent-after"}, "SPAN", silent_after_,
                "Call a trail silent that recorded nothing for SPAN: 30m, 2d (default 1h)");
    print_.declare(line, "Print each trail as JSON on a line of its own");
    print_.declare_timeout(line);
  }

  ExitStatus run(Context& context) override {
    std::chrono::nanoseconds silent_after = std::chrono::hours(1);
    if (!silent_after_.empty()) {
      const auto span = parse_duration(silent_after_);
      if (!span) {
        return report(context, {.code = span.error().code,
                                .message = "--silent-after: " + span.error().message});
      }
      silent_after = *span;
    }
    auto store = print_.open_to_read();
    if (!store) return report(context, store.error());
    Interrupt interrupt;
    const auto trails = (*store)->trails(interrupt.token(), silent_after);
    if (!trails) return report(context, trails.error());
    if (print_.json()) {
      for (const FleetTrail& trail : *trails) {
        std::string line;
        append_json(line, trail);
        context.out.write(line + '\n');
      }
      return ExitStatus::ok;
    }
    if (trails->empty()) {
      context.talk.say("no trail has arrived");
      return ExitStatus::ok;
    }
    context.out.write(text_of(*trails, print_.style(context)));
    return ExitStatus::ok;
  }

 private:
  std::string silent_after_;
  PrintOptions print_;
};

}  // namespace

const CommandEntry trails_command = {
    .name = "trails",
    .summary = "List the trails of a fleet, those in trouble first",
    .text =
        "Of a fleet in ClickHouse (docs/clickhouse.md). First those that are forked: an id, or a "
        "checkpoint of one size, is there in two versions. Then those with gaps, of which ids "
        "never arrived, or were pruned before; then the silent ones. To ask about one alone, name "
        "it in the URL: ?trail=ID.",
    .examples =
        "agentaudit trails --store clickhouse://reader:secret@db/agentaudit\n"
        "# What is wrong now, for a script\n"
        "agentaudit trails --json | jq -r 'select(.state != \"ok\") | .trail'",
    .create = []() -> std::unique_ptr<Command> { return std::make_unique<TrailsCommand>(); }};

}  // namespace agentaudit
