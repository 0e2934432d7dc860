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

// What a page does not show, and how to get it.
std::string footer(const ListResult& page) {
  std::string text = count_text(static_cast<std::int64_t>(page.events.size())) + " of " +
                     (page.total_exact ? "" : "at least ") +
                     count_text(page.total, "event", "events");
  if (!page.next_cursor.empty()) text += " · next page: --cursor " + page.next_cursor;
  return text;
}

// `list`, and `search` with its text as an argument.
class ListCommand final : public Command {
 public:
  explicit ListCommand(bool takes_text) : takes_text_(takes_text) {}

  void declare(CommandLine& line) override {
    if (takes_text_) line.argument("TEXT", text_, "What to look for").required = true;
    filters_.declare_filters(line);
    filters_.declare_page(line);
    print_.declare(line, "Print each event as JSON on a line of its own");
    print_.declare_timeout(line);
  }

  ExitStatus run(Context& context) override {
    if (takes_text_) filters_.set_search(text_);
    auto opts = filters_.to_list_opts(Timestamp::now());
    if (!opts) return report(context, opts.error());
    const bool on_terminal = is_terminal(context.out.descriptor());
    // Only people read the total.
    if (!on_terminal || print_.json()) opts->total = TotalMode::none;
    auto store = print_.open_to_read();
    if (!store) return report(context, store.error());
    Interrupt interrupt;
    const auto page = (*store)->list(*opts, interrupt.token());
    if (!page) return report(context, page.error());
    if (print_.json()) {
      write_json_lines(context.out, page->events, page->trails);
      return ExitStatus::ok;
    }
    if (page->events.empty()) {
      context.talk.say("no events match");
      return ExitStatus::ok;
    }
    context.out.write(EventTable(print_.style(context)).text_of(page->events, page->trails));
    context.out.flush();
    if (on_terminal) context.talk.say(footer(*page));
    return ExitStatus::ok;
  }

 private:
  const bool takes_text_;
  std::string text_;
  FilterOptions filters_;
  PrintOptions print_;
};

}  // namespace

const CommandEntry list_command = {
    .name = "list",
    .summary = "Show events, newest first",
    .text =
        "Values of one option are a union, separated by commas or given again; options "
        "together narrow the answer. Times are in UTC.",
    .examples =
        "# What went wrong in the last two hours\n"
        "agentaudit list --status error,denied --since 2h\n"
        "# One agent's tool calls of yesterday, as JSON\n"
        "agentaudit list --agent ada --since yesterday --until yesterday --json",
    .create = []() -> std::unique_ptr<Command> { return std::make_unique<ListCommand>(false); }};

const CommandEntry search_command = {
    .name = "search",
    .summary = "Show events with a text in summary, target or detail",
    .text =
        "ASCII letters match in either case; every other character, % and _ too, stands for "
        "itself.",
    .examples =
        "# Who touched that file\n"
        "agentaudit search payments.sql --since 7d\n"
        "# A text that starts with a dash\n"
        "agentaudit search -- --force",
    .create = []() -> std::unique_ptr<Command> { return std::make_unique<ListCommand>(true); }};

}  // namespace agentaudit
