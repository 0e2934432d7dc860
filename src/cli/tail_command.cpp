#include <algorithm>
#include <chrono>
#include <string>

#include "cli/command_table.h"
#include "cli/file_watch.h"
#include "cli/filter_options.h"
#include "cli/interrupt.h"
#include "cli/print_options.h"
#include "cli/trouble.h"
#include "core/event_pages.h"
#include "render/event_table.h"

namespace agentaudit {
namespace {

// A write to the log is seen before the commit is. So after each sign of life the trail
// is asked again at once and then ever more seldom.
constexpr std::chrono::milliseconds look_rest_min{10};
constexpr std::chrono::milliseconds look_rest_max{5'000};

class TailCommand final : public Command {
 public:
  void declare(CommandLine& line) override {
    line.flag({"-f", "--follow"}, follow_, "Go on with new events as they are committed");
    line.option({"-n", "--limit"}, "N", limit_, "Start with the newest N events (default 20)");
    filters_.declare_filters(line);
    print_.declare(line, "Print each event as JSON on a line of its own");
  }

  ExitStatus run(Context& context) override {
    auto opts = filters_.to_list_opts(Timestamp::now());
    if (!opts) return report(context, opts.error());
    if (limit_ < 0 || limit_ > limits::page_events_max) {
      return report_wrong_use(context,
                              "--limit: " + std::to_string(limit_) + " is not between 0 and 1000");
    }
    auto store = print_.store().open_to_read();
    if (!store) return report(context, store.error());
    Interrupt interrupt;
    EventTable table(print_.style(context));
    const auto last = print_newest(context, **store, *opts, table, interrupt);
    if (!last) return report(context, last.error());
    if (!follow_) return ExitStatus::ok;
    const auto followed = follow(context, EventPages(**store, *opts, *last), table, interrupt);
    if (!followed) return report(context, followed.error());
    return interrupt.requested() ? ExitStatus::interrupted : ExitStatus::ok;
  }

 private:
  void print(Context& context, const std::vector<Event>& events,
             const std::vector<std::string>& trails, EventTable& table) const {
    if (events.empty()) return;
    if (print_.json()) {
      write_json_lines(context.out, events, trails);
    } else {
      context.out.write(table.text_of(events, trails));
    }
    context.out.flush();
  }

  // Prints the newest events and returns the last id that was in the trail before.
  Result<EventId> print_newest(Context& context, Store& store, ListOpts opts, EventTable& table,
                               const Interrupt& interrupt) const {
    // Several trails have no last id, and nothing that follows from one.
    auto last = follow_ ? store.last_id() : Result<EventId>(0);
    if (!last || limit_ == 0) return last;
    opts.limit = limit_;
    opts.total = TotalMode::none;
    auto page = store.list(opts, interrupt.token());
    if (!page) return fail(std::move(page.error()));
    auto& events = page->events;
    // What was committed since is not lost: the follower starts before it.
    if (follow_) std::erase_if(events, [&](const Event& event) { return event.id > *last; });
    std::reverse(events.begin(), events.end());
    std::reverse(page->trails.begin(), page->trails.end());
    print(context, events, page->trails, table);
    return last;
  }

  Result<void> follow(Context& context, EventPages pages, EventTable& table,
                      const Interrupt& interrupt) const {
    // What a server keeps is looked at from time to time.
    const auto path = print_.store().path();
    FileWatch watch(path.value_or(std::filesystem::path()));
    auto rest = look_rest_min;
    while (!interrupt.requested() && context.out.is_open()) {
      const auto events = pages.next(interrupt.token());
      if (!events && events.error().code == ErrorCode::cancelled) return {};
      if (!events && !is_transient(events.error().code)) return fail(events.error());
      if (events && !events->empty()) {
        print(context, *events, pages.trails(), table);
        rest = look_rest_min;
        continue;
      }
      const bool changed = watch.wait(interrupt.descriptor(), rest);
      rest = changed ? look_rest_min : std::min(rest * 2, look_rest_max);
    }
    return {};
  }

  bool follow_ = false;
  std::int64_t limit_ = 20;
  FilterOptions filters_;
  PrintOptions print_;
};

}  // namespace

const CommandEntry tail_command = {
    .name = "tail",
    .summary = "Show the newest events, and new ones as they come",
    .text = "",
    .examples =
        "# Watch what goes wrong\n"
        "agentaudit tail -f --status error,denied\n"
        "# Hand new events on\n"
        "agentaudit tail -f -n 0 --json | my-alerter",
    .create = []() -> std::unique_ptr<Command> { return std::make_unique<TailCommand>(); }};

}  // namespace agentaudit
