#include <string>

#include "agentaudit/render/answer_json.h"
#include "cli/command_table.h"
#include "cli/filter_options.h"
#include "cli/interrupt.h"
#include "cli/print_options.h"
#include "cli/terminal.h"
#include "cli/trouble.h"
#include "render/figures.h"
#include "render/text_table.h"

namespace agentaudit {
namespace {

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) {
    if (!out.empty()) out += ", ";
    out += name;
  }
  return out;
}

std::string text_of(const std::vector<Conversation>& conversations, TerminalStyle style) {
  TextTable table({{.heading = "LAST EVENT"},
                   {.heading = "LASTED", .right_aligned = true, .drop_rank = 3},
                   {.heading = "EVENTS", .right_aligned = true},
                   {.heading = "ERRORS", .right_aligned = true, .drop_rank = 1},
                   {.heading = "DENIED", .right_aligned = true, .drop_rank = 2},
                   {.heading = "AGENTS", .columns_max = 32, .drop_rank = 4},
                   // A UUID in whole, to be copied.
                   {.heading = "CONVERSATION", .columns_min = 36}},
                  style);
  const auto troubles = [](std::int64_t count, Colour colour) {
    return TableCell{count_text(count), count > 0 ? colour : Colour::dim};
  };
  for (const Conversation& conversation : conversations) {
    table.add_row({{milliseconds_text(conversation.last)},
                   {duration_text(elapsed(conversation.first, conversation.last))},
                   {count_text(conversation.events)},
                   troubles(conversation.errors, Colour::red),
                   troubles(conversation.denied, Colour::yellow),
                   {joined(conversation.agents)},
                   {conversation.conversation_id}});
  }
  return table.take_text();
}

class ConversationsCommand final : public Command {
 public:
  void declare(CommandLine& line) override {
    line.option({"--since"}, "TIME", since_, std::string(since_help));
    line.option({"--until"}, "TIME", until_, std::string(until_help));
    line.option({"--agent"}, "NAMES", agents_, "Only with these agents");
    line.option({"-n", "--limit"}, "N", limit_, "At most N, 1 to 1,000 (default 50)");
    line.option({"--offset"}, "N", offset_, "Pass over the first N");
    print_.declare(line, "Print one JSON object");
    print_.declare_timeout(line);
  }

  ExitStatus run(Context& context) override {
    ConversationsOpts opts;
    const auto range = read_time_range(since_, until_, Timestamp::now(), opts.since, opts.until);
    if (!range) return report(context, range.error());
    opts.agents = filter_names(agents_);
    opts.limit = limit_;
    opts.offset = offset_;
    auto store = print_.open_to_read();
    if (!store) return report(context, store.error());
    Interrupt interrupt;
    const auto found = (*store)->conversations(opts, interrupt.token());
    if (!found) return report(context, found.error());
    if (print_.json()) {
      std::string json;
      append_json(json, *found);
      context.out.write(json + '\n');
      return ExitStatus::ok;
    }
    const auto shown = static_cast<std::int64_t>(found->conversations.size());
    if (shown == 0) {
      context.talk.say("no conversations match");
      return ExitStatus::ok;
    }
    context.out.write(text_of(found->conversations, print_.style(context)));
    context.out.flush();
    if (is_terminal(context.out.descriptor())) {
      std::string footer =
          count_text(shown) + " of " + count_text(found->total, "conversation", "conversations");
      if (found->offset + shown < found->total) {
        footer += " · next page: --offset " + std::to_string(found->offset + shown);
      }
      context.talk.say(footer);
    }
    return ExitStatus::ok;
  }

 private:
  std::string since_;
  std::string until_;
  std::vector<std::string> agents_;
  std::int64_t limit_ = limits::page_events_default;
  std::int64_t offset_ = 0;
  PrintOptions print_;
};

}  // namespace

const CommandEntry conversations_command = {.name = "conversations",
                                            .summary = "List conversations, newest first",
                                            .text = "",
                                            .examples =
                                                "agentaudit conversations --since today\n"
                                                "# Then look into one\n"
                                                "agentaudit trace 2bd58de8",
                                            .create = []() -> std::unique_ptr<Command> {
                                              return std::make_unique<ConversationsCommand>();
                                            }};

}  // namespace agentaudit
