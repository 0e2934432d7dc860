#include <algorithm>
#include <charconv>
#include <iterator>
#include <string>
#include <vector>

#include "cli/command_table.h"
#include "cli/interrupt.h"
#include "cli/print_options.h"
#include "cli/trouble.h"
#include "core/event_pages.h"
#include "render/figures.h"
#include "render/terminal_text.h"
#include "render/trace_tree.h"

namespace agentaudit {
namespace {

// More make no tree that a person could read.
constexpr std::size_t events_max = 10'000;

// The events that an id stands for.
struct Found {
  std::string title;  // what the id is
  std::vector<Event> events;
  bool cut = false;  // at events_max
};

class TraceCommand final : public Command {
 public:
  void declare(CommandLine& line) override {
    line.argument("ID", id_, "A trace id, a conversation id or its unique start, or an event's id")
        .required = true;
    print_.declare(line, "Print each event as JSON on a line of its own");
    print_.declare_timeout(line);
  }

  ExitStatus run(Context& context) override {
    auto store = print_.open_to_read();
    if (!store) return report(context, store.error());
    Interrupt interrupt;
    const auto found = find(**store, interrupt.token());
    if (!found) {
      const bool missing = found.error().code == ErrorCode::not_found;
      const ExitStatus status = report(context, found.error());
      return missing ? ExitStatus::refused : status;
    }
    if (print_.json()) {
      write_json_lines(context.out, found->events);
    } else {
      print(context, *found);
    }
    if (found->cut) {
      context.talk.complain("only the first " + count_text(events_max, "event", "events") +
                            " are shown");
    }
    return ExitStatus::ok;
  }

 private:
  static Result<Found> read(Store& store, ListOpts filter, std::string title,
                            const std::stop_token& stop) {
    Found found{.title = std::move(title), .events = {}};
    EventPages pages(store, std::move(filter));
    while (found.events.size() < events_max) {
      auto page = pages.next(stop);
      if (!page) return fail(std::move(page.error()));
      if (page->empty()) return found;
      std::move(page->begin(), page->end(), std::back_inserter(found.events));
    }
    found.cut = true;
    found.events.resize(events_max);
    return found;
  }

  static Result<Found> read_trace(Store& store, const std::string& id,
                                  const std::stop_token& stop) {
    ListOpts filter;
    filter.trace_id = id;
    return read(store, filter, "trace " + id, stop);
  }

  static Result<Found> read_conversation(Store& store, const std::string& id,
                                         const std::stop_token& stop) {
    ListOpts filter;
    filter.conversation_id = id;
    return read(store, filter, "conversation " + id, stop);
  }

  // Tries what the id could be, the most exact first.
  Result<Found> find(Store& store, const std::stop_token& stop) const {
    for (const auto& read : {read_conversation, read_trace}) {
      auto found = read(store, id_, stop);
      if (!found || !found->events.empty()) return found;
    }
    const auto whole = conversation_that_starts(store, stop);
    if (!whole) return fail(whole.error());
    if (!whole->empty()) return read_conversation(store, *whole, stop);
    EventId id = 0;
    const char* const end = id_.data() + id_.size();
    if (std::from_chars(id_.data(), end, id).ptr == end) {
      const auto event = store.get(id);
      if (event && !event->conversation_id.empty()) {
        return read_conversation(store, event->conversation_id, stop);
      }
      if (event && !event->trace_id.empty()) return read_trace(store, event->trace_id, stop);
    }
    return fail(ErrorCode::not_found, "there is no trace and no conversation \"" + id_ +
                                          "\"; agentaudit conversations lists what there is");
  }

  // The one conversation whose id starts so; empty: none. Errors: not_found (several).
  Result<std::string> conversation_that_starts(Store& store, const std::stop_token& stop) const {
    std::string whole;
    ConversationsOpts opts;
    opts.limit = limits::page_events_max;
    while (true) {
      const auto page = store.conversations(opts, stop);
      if (!page) return fail(page.error());
      for (const Conversation& conversation : page->conversations) {
        if (!conversation.conversation_id.starts_with(id_)) continue;
        if (!whole.empty()) {
          return fail(ErrorCode::not_found,
                      "several conversations start with \"" + id_ + "\": " + whole + ", " +
                          conversation.conversation_id + " …; give more of the id");
        }
        whole = conversation.conversation_id;
      }
      opts.offset += static_cast<std::int64_t>(page->conversations.size());
      if (page->conversations.empty() || opts.offset >= page->total) return whole;
    }
  }

  void print(Context& context, const Found& found) const {
    const TerminalStyle style = print_.style(context);
    const TraceTree tree(found.events);
    Timestamp first = found.events.front().timestamp;
    Timestamp last = first;
    for (const Event& event : found.events) {
      first = std::min(first, event.timestamp);
      last = std::max(last, event.timestamp);
    }
    std::string heading;
    append_coloured(heading, terminal_text(found.title), Colour::bold, style);
    heading += "\n" + count_text(static_cast<std::int64_t>(found.events.size()), "event", "events");
    heading += " in " + duration_text(elapsed(first, last)) + " from " + milliseconds_text(first);
    context.out.write(heading + "\n\n" + trace_view(tree, style));
  }

  std::string id_;
  PrintOptions print_;
};

}  // namespace

const CommandEntry trace_command = {
    .name = "trace",
    .summary = "Show one trace or conversation as a tree",
    .text =
        "An intent and its effect are one line, with the time that passed between them; an "
        "intent without an effect is marked. Approvals hang beneath the call that they were "
        "asked for, with their verdict.",
    .examples =
        "agentaudit trace 2bd58de8-2ab7-4d08-b69c-e83958d6b9f6\n"
        "# The conversation that event 17 belongs to\n"
        "agentaudit trace 17",
    .create = []() -> std::unique_ptr<Command> { return std::make_unique<TraceCommand>(); }};

}  // namespace agentaudit
