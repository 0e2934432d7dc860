#include <string>
#include <vector>

#include "cli/command_table.h"
#include "cli/confirmation.h"
#include "cli/filter_options.h"
#include "cli/key_option.h"
#include "cli/print_options.h"
#include "cli/trouble.h"
#include "core/whole_number.h"
#include "render/figures.h"
#include "render/json_writer.h"
#include "render/text_table.h"

namespace agentaudit {
namespace {

void write_optional(JsonWriter& json, std::string_view name, const std::string& text) {
  if (!text.empty()) json.member(name, std::string_view(text));
}

void write_optional(JsonWriter& json, std::string_view name,
                    const std::optional<Timestamp>& instant) {
  if (instant) json.member(name, *instant);
}

std::string json_of(const Hold& hold) {
  std::string line;
  JsonWriter json(line);
  json.open('{');
  json.member("hold", hold.id);
  write_optional(json, "agent", hold.opts.agent);
  write_optional(json, "conversation_id", hold.opts.conversation_id);
  write_optional(json, "since", hold.opts.since);
  write_optional(json, "until", hold.opts.until);
  json.member("reason", std::string_view(hold.opts.reason));
  json.member("principal", std::string_view(hold.opts.principal));
  json.member("created", hold.created);
  json.close('}');
  return line + '\n';
}

std::string text_of(const std::optional<Timestamp>& instant) {
  return instant ? milliseconds_text(*instant) : std::string();
}

std::string text_of(const std::vector<Hold>& holds, TerminalStyle style) {
  TextTable table({{.heading = "HOLD", .right_aligned = true},
                   {.heading = "ADDED", .drop_rank = 3},
                   {.heading = "BY", .columns_max = 16, .drop_rank = 2},
                   {.heading = "AGENT", .columns_max = 32},
                   {.heading = "CONVERSATION", .columns_max = 36},
                   {.heading = "SINCE"},
                   {.heading = "UNTIL"},
                   {.heading = "REASON", .drop_rank = 1}},
                  style);
  for (const Hold& hold : holds) {
    table.add_row({{std::to_string(hold.id)},
                   {milliseconds_text(hold.created)},
                   {hold.opts.principal},
                   {hold.opts.agent},
                   {hold.opts.conversation_id},
                   {text_of(hold.opts.since)},
                   {text_of(hold.opts.until)},
                   {hold.opts.reason}});
  }
  return table.take_text();
}

class HoldCommand final : public Command {
 public:
  void declare(CommandLine& line) override {
    OptionSpec& what = line.argument(
        "WHAT", what_, "add: hold events; list: print the holds; release: let one go");
    what.required = true;
    what.choices = {"add", "list", "release"};
    line.argument("HOLD", hold_, "Of release: its number");
    line.option({"--agent"}, "NAME", opts_.agent, "Hold the events of the agent");
    line.option({"--conversation"}, "ID", opts_.conversation_id,
                "Hold the events of the conversation");
    line.option({"--since"}, "TIME", since_, std::string(since_help));
    line.option({"--until"}, "TIME", until_, std::string(until_help));
    line.option({"--reason"}, "TEXT", opts_.reason, "Why; it is kept in the trail");
    print_.declare(line, "Print each hold as JSON on a line of its own");
  }

  ExitStatus run(Context& context) override {
    if (what_ == "list") return list(context);
    if (opts_.reason.empty()) {
      return report_wrong_use(context, "--reason is missing: say why");
    }
    return what_ == "add" ? add(context) : release(context);
  }

 private:
  ExitStatus add(Context& context) {
    if (!hold_.empty()) {
      return report_wrong_use(context, "unexpected argument \"" + hold_ + "\"");
    }
    const auto range = read_time_range(since_, until_, Timestamp::now(), opts_.since, opts_.until);
    if (!range) return report(context, range.error());
    auto store = open_to_write_signed(context, print_.store());
    if (!store) return report(context, store.error());
    opts_.principal = user_name();
    const auto id = (*store)->add_hold(opts_);
    if (!id) return report(context, id.error());
    const std::string number = std::to_string(*id);
    context.out.write(print_.json() ? "{\"hold\":" + number + "}\n"
                                    : "added hold " + number + '\n');
    return ExitStatus::ok;
  }

  ExitStatus list(Context& context) {
    auto store = print_.open_to_read();
    if (!store) return report(context, store.error());
    const auto holds = (*store)->holds();
    if (!holds) return report(context, holds.error());
    if (print_.json()) {
      for (const Hold& hold : *holds) context.out.write(json_of(hold));
    } else if (holds->empty()) {
      context.talk.say("nothing is under a hold");
    } else {
      context.out.write(text_of(*holds, print_.style(context)));
    }
    return ExitStatus::ok;
  }

  ExitStatus release(Context& context) {
    const auto id = whole_number(hold_);
    if (!id) {
      return report_wrong_use(
          context, "HOLD: \"" + hold_ + "\" is not the number of a hold (`agentaudit hold list`)");
    }
    auto store = open_to_write_signed(context, print_.store());
    if (!store) return report(context, store.error());
    const auto released = (*store)->release_hold(*id, user_name(), opts_.reason);
    if (!released) return report_or_refuse(context, released.error());
    context.out.write(print_.json() ? "{\"released\":" + hold_ + "}\n"
                                    : "released hold " + hold_ + '\n');
    return ExitStatus::ok;
  }

  std::string what_;
  std::string hold_;
  HoldOpts opts_;
  std::string since_;
  std::string until_;
  PrintOptions print_;
};

}  // namespace

const CommandEntry hold_command = {
    .name = "hold",
    .summary = "Keep events from being pruned or redacted",
    .text =
        "An event is under a hold when it meets all conditions that the hold has; --since and "
        "--until count by the event's own time. Events that are recorded later are under it "
        "too. Adding and releasing append an audit event, hold_added or hold_released, which "
        "says who, what and why.",
    .examples =
        "agentaudit hold add --conversation 2bd58de8 --reason 'case 26-114'\n"
        "agentaudit hold add --agent researcher --since 2026-03-01 --until 2026-03-31 \\\n"
        "  --reason 'case 26-115'\n"
        "agentaudit hold list\n"
        "agentaudit hold release 1 --reason 'case 26-114 is closed'",
    .create = []() -> std::unique_ptr<Command> { return std::make_unique<HoldCommand>(); }};

}  // namespace agentaudit
