#include <chrono>
#include <string>

#include "cli/command_table.h"
#include "cli/filter_options.h"
#include "cli/interrupt.h"
#include "cli/print_options.h"
#include "cli/terminal.h"
#include "cli/trouble.h"
#include "render/event_table.h"
#include "render/figures.h"

namespace agentaudit {
namespace {

class PendingCommand final : public Command {
 public:
  void declare(CommandLine& line) override {
    line.option({"--since"}, "TIME", since_, std::string(since_help));
    line.option({"--agent"}, "NAMES", agents_, "Only of these agents");
    line.option({"--conversation"}, "ID", conversation_id_, "Only of this conversation");
    line.option({"-n", "--limit"}, "N", limit_, "At most N, 1 to 1,000 (default 1,000)");
    print_.declare(line, "Print each event as JSON on a line of its own");
    print_.declare_timeout(line);
  }

  ExitStatus run(Context& context) override {
    const Timestamp now = Timestamp::now();
    OpenIntentsOpts opts;
    std::optional<Timestamp> no_end;
    const auto range = read_time_range(since_, "", now, opts.since, no_end);
    if (!range) return report(context, range.error());
    opts.agents = filter_names(agents_);
    opts.conversation_id = conversation_id_;
    opts.limit = limit_;
    auto store = print_.open_to_read();
    if (!store) return report(context, store.error());
    Interrupt interrupt;
    auto found = (*store)->open_intents(opts, interrupt.token());
    if (!found) return report(context, found.error());
    if (print_.json()) {
      write_json_lines(context.out, found->events, found->trails);
      return ExitStatus::ok;
    }
    if (found->events.empty()) {
      context.talk.say("every intent has ended");
      return ExitStatus::ok;
    }
    // In the table an intent's duration is the time that it has been open.
    for (Event& event : found->events) event.duration = elapsed(event.timestamp, now);
    EventTable table(print_.style(context), EventTableKind::open_intents);
    context.out.write(table.text_of(found->events, found->trails));
    context.out.flush();
    if (is_terminal(context.out.descriptor())) {
      context.talk.say(count_text(static_cast<std::int64_t>(found->events.size())) + " of " +
                       count_text(found->total, "intent", "intents") + " that never ended");
    }
    return ExitStatus::ok;
  }

 private:
  std::string since_;
  std::vector<std::string> agents_;
  std::string conversation_id_;
  std::int64_t limit_ = limits::page_events_max;
  PrintOptions print_;
};

}  // namespace

const CommandEntry pending_command = {
    .name = "pending",
    .summary = "Show intents that never ended",
    .text =
        "An intent is an event with status pending. It has ended when a later event of the "
        "same span has another status. One that stays open was refused in silence, or its "
        "agent died.",
    .examples = "agentaudit pending --since 1d",
    .create = []() -> std::unique_ptr<Command> { return std::make_unique<PendingCommand>(); }};

}  // namespace agentaudit
