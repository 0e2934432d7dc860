#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "cli/command_table.h"
#include "cli/interrupt.h"
#include "cli/live_screen.h"
#include "cli/print_options.h"
#include "cli/terminal.h"
#include "cli/trouble.h"
#include "render/activity_table.h"
#include "render/figures.h"
#include "render/terminal_text.h"

namespace agentaudit {
namespace {

constexpr std::chrono::minutes window{5};
constexpr std::chrono::milliseconds refresh{1'000};
// Agents that are shown, the busiest: more than fit a screen.
constexpr std::int64_t agents_max = 100;

// What happened in the window before `now`.
struct Activity {
  Timestamp now{};
  std::vector<AgentActivity> agents{};  // the busiest first
  std::int64_t agents_total = 0;
  std::int64_t events = 0;
};

Timestamp before(Timestamp now, std::chrono::nanoseconds span) {
  return Timestamp::from_ns(now.ns() - span.count() + 1);
}

Result<void> add_last_event(Store& store, Timestamp now, const std::stop_token& stop,
                            AgentActivity& activity) {
  ListOpts newest;
  newest.agents = {activity.agent};
  newest.since = before(now, window);
  newest.until = now;
  newest.limit = 1;
  newest.total = TotalMode::none;
  auto page = store.list(newest, stop);
  if (!page) return fail(std::move(page.error()));
  // It may have been pruned since its agent was counted.
  if (page->events.empty()) return {};
  activity.last_action = std::move(page->events.front().action);
  activity.last_summary = std::move(page->events.front().summary);
  return {};
}

// Of the intents that began in the window. Reads the rows since the first of them, about a
// million in a second; where nothing is pending, none.
Result<std::vector<NameCount>> count_open(Store& store, Timestamp now,
                                          const std::vector<Group>& groups,
                                          const std::stop_token& stop) {
  const bool none = std::all_of(groups.begin(), groups.end(),
                                [](const Group& group) { return group.pending == 0; });
  if (none) return std::vector<NameCount>();
  OpenIntentsOpts opts;
  opts.since = before(now, window);
  opts.limit = 1;
  auto found = store.open_intents(opts, stop);
  if (!found) return fail(std::move(found.error()));
  return std::move(found->by_agent);
}

Result<Activity> read_activity(Store& store, Timestamp now, const std::stop_token& stop) {
  GroupsOpts opts;
  opts.by = GroupBy::agent;
  opts.since = before(now, window);
  opts.until = now;
  opts.limit = agents_max;
  auto found = store.groups(opts, stop);
  if (!found) return fail(std::move(found.error()));
  opts.since = before(now, std::chrono::minutes(1));
  for (const Group& group : found->groups) opts.agents.push_back(group.name);
  const auto last_minute = store.groups(opts, stop);
  if (!last_minute) return fail(last_minute.error());
  const auto open = count_open(store, now, found->groups, stop);
  if (!open) return fail(open.error());

  Activity activity{
      .now = now, .agents = {}, .agents_total = found->total, .events = found->events};
  for (Group& group : found->groups) {
    AgentActivity agent{.agent = std::move(group.name),
                        .events_5m = group.events,
                        .errors = group.errors,
                        .denied = group.denied,
                        .last = group.last};
    for (const Group& recent : last_minute->groups) {
      if (recent.name == agent.agent) agent.events_1m = recent.events;
    }
    for (const NameCount& of_agent : *open) {
      if (of_agent.name == agent.agent) agent.pending = of_agent.count;
    }
    if (auto added = add_last_event(store, now, stop, agent); !added) return fail(added.error());
    activity.agents.push_back(std::move(agent));
  }
  return activity;
}

std::string screen_of(const Activity& activity, TerminalStyle style) {
  std::string out = milliseconds_text(activity.now).substr(0, 19) + "Z  ";
  out += count_text(activity.agents_total, "agent", "agents") + ", ";
  out += count_text(activity.events, "event", "events") + " in 5 min  q quits";
  out = cut_terminal_text(out, style.columns) + "\n\n";
  if (activity.agents.empty()) return out + "nothing happens\n";
  return out + activity_table(activity.agents, activity.now, style);
}

class TopCommand final : public Command {
 public:
  void declare(CommandLine& line) override {
    line.flag({"--once"}, once_, "Print it once and end, as off a terminal");
    print_.declare(line, "Print one JSON object for each agent, once");
  }

  ExitStatus run(Context& context) override {
    auto store = print_.store().open_to_read();
    if (!store) return report(context, store.error());
    if (once_ || print_.json() || !is_terminal(context.out.descriptor())) {
      return print_once(context, **store);
    }
    const auto ended = show(context, **store);
    return ended ? *ended : report(context, ended.error());
  }

 private:
  ExitStatus print_once(Context& context, Store& store) const {
    Interrupt interrupt;
    const auto activity = read_activity(store, Timestamp::now(), interrupt.token());
    if (!activity) return report(context, activity.error());
    if (print_.json()) {
      for (const AgentActivity& agent : activity->agents) {
        std::string json;
        append_json(json, agent);
        context.out.write(json + '\n');
      }
    } else if (activity->agents.empty()) {
      context.talk.say("no events in the last five minutes");
    } else {
      context.out.write(activity_table(activity->agents, activity->now, print_.style(context)));
    }
    return ExitStatus::ok;
  }

  // The error is for after the screen has gone.
  Result<ExitStatus> show(Context& context, Store& store) const {
    LiveScreen screen(context.out, STDIN_FILENO);
    Interrupt interrupt;
    bool drawn = false;
    while (context.out.is_open()) {
      const auto activity = read_activity(store, Timestamp::now(), interrupt.token());
      if (activity) {
        screen.draw(screen_of(*activity, print_.style(context)));
        drawn = true;
      } else if (activity.error().code != ErrorCode::cancelled &&
                 (!drawn || !is_transient(activity.error().code))) {
        // What may pass is waited for only where there is something to look at meanwhile.
        return fail(activity.error());
      }
      const auto wake = screen.wait(interrupt.descriptor(), refresh);
      if (wake == LiveScreen::Wake::quit) return ExitStatus::ok;
      if (wake == LiveScreen::Wake::interrupt) return ExitStatus::interrupted;
    }
    return ExitStatus::ok;
  }

  bool once_ = false;
  PrintOptions print_;
};

}  // namespace

const CommandEntry top_command = {
    .name = "top",
    .summary = "Watch what each agent does now",
    .text =
        "Over the last five minutes, the busiest agent first: events a minute in the last minute "
        "and in all five, errors, denied, pending (intents of the five minutes that are still "
        "open), how long ago the last event was and what it did. On a terminal it is drawn anew "
        "every second; q or Ctrl-C "
        "ends it, Ctrl-Z stops it until fg. Anywhere else it is printed once.",
    .examples =
        "agentaudit top\n"
        "# Who is in trouble\n"
        "agentaudit top --json | jq -r 'select(.errors > 10).agent'",
    .create = []() -> std::unique_ptr<Command> { return std::make_unique<TopCommand>(); }};

}  // namespace agentaudit
