#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "cli/command_table.h"
#include "cli/confirmation.h"
#include "cli/interrupt.h"
#include "cli/key_option.h"
#include "cli/print_options.h"
#include "cli/pruning.h"
#include "cli/time_expression.h"
#include "cli/trouble.h"
#include "render/figures.h"
#include "render/json_writer.h"
#include "render/terminal_text.h"
#include "render/text_table.h"

namespace agentaudit {
namespace {

// Of the rules, and of what `apply` does by each.
struct Line {
  RetentionRule rule;
  PruneOpts prune;
  PruneCounts counts;
};

class RetentionCommand final : public Command {
 public:
  void declare(CommandLine& line) override {
    OptionSpec& what =
        line.argument("WHAT", what_,
                      "set, unset: change a rule; list: print them; apply: delete what is over "
                      "its age");
    what.required = true;
    what.choices = {"set", "unset", "list", "apply"};
    line.argument("CATEGORY", category_, "Of set and unset; *: all without a rule of their own");
    line.argument("AGE", age_, "Of set: how long to keep events, in days or weeks: 90d, 26w");
    line.flag({"--force"}, force_, "Keep approvals or safety for less than 184 days");
    line.flag({"--dry-run"}, dry_run_, "Of apply: only say how many events would go");
    line.flag({"-y", "--yes"}, yes_, "Of apply: do not ask");
    print_.declare(line, "Print one JSON object for each rule");
  }

  ExitStatus run(Context& context) override {
    const bool changes = what_ == "set" || what_ == "unset";
    if (changes == category_.empty() || (what_ == "set") == age_.empty()) {
      return report_wrong_use(context,
                              "usage: retention set CATEGORY AGE, unset CATEGORY, list or apply");
    }
    if (changes) return change(context);
    return what_ == "list" ? list(context) : apply(context);
  }

 private:
  ExitStatus change(Context& context) {
    RetentionOpts opts{.category = category_, .force = force_, .principal = user_name()};
    if (what_ == "set") {
      const auto days = read_days();
      if (!days) return report(context, days.error());
      opts.days = *days;
    }
    auto store = open_to_write(context);
    if (!store) return report(context, store.error());
    const auto changed =
        what_ == "set" ? (*store)->set_retention(opts) : (*store)->unset_retention(opts);
    return changed ? ExitStatus::ok : report_or_refuse(context, changed.error());
  }

  [[nodiscard]] Result<std::int64_t> read_days() const {
    const auto age = parse_duration(age_);
    if (!age) return fail(age.error().code, "AGE: " + age.error().message);
    const auto days = std::chrono::floor<std::chrono::days>(*age);
    if (days != *age)
      return fail(ErrorCode::invalid_argument,
                  "AGE: \"" + age_ + "\" is not a number of whole days");
    return days.count();
  }

  ExitStatus list(Context& context) {
    auto store = print_.open_to_read();
    if (!store) return report(context, store.error());
    const auto rules = (*store)->retention();
    if (!rules) return report(context, rules.error());
    if (!print_.json() && rules->empty()) {
      context.talk.say("every event is kept until a prune deletes it");
      return ExitStatus::ok;
    }
    TextTable table({{.heading = "CATEGORY"}, {.heading = "DAYS", .right_aligned = true}},
                    print_.style(context));
    for (const RetentionRule& rule : *rules) {
      if (print_.json()) {
        write_json(context, rule, {});
      } else {
        table.add_row({{rule.category}, {count_text(rule.days)}});
      }
    }
    if (!print_.json()) context.out.write(table.take_text());
    return ExitStatus::ok;
  }

  ExitStatus apply(Context& context) {
    Interrupt interrupt;
    auto store = dry_run_ ? print_.open_to_read() : open_to_write(context);
    if (!store) return report(context, store.error());
    auto lines = preview(**store, interrupt.token());
    if (!lines) return report(context, lines.error());
    std::int64_t doomed = 0;
    for (const Line& line : *lines) doomed += line.counts.deleted;
    if (!dry_run_ && doomed > 0) {
      const std::string what = count_text(doomed, "event", "events") + " over their age";
      const ExitStatus answer = yes_ ? ExitStatus::ok
                                     : confirm(context, "Delete " + what + " for good?",
                                               "delete " + what, interrupt.descriptor());
      if (answer == ExitStatus::refused) context.talk.say("nothing was deleted");
      if (answer != ExitStatus::ok) return answer;
      for (Line& line : *lines) {
        if (line.counts.deleted == 0) continue;
        const auto counts = prune_with_bar(context, **store, line.prune, interrupt.token());
        if (!counts) return report_prune(context, counts.error());
        line.counts = *counts;
      }
    }
    print(context, *lines);
    return ExitStatus::ok;
  }

  static Result<std::vector<Line>> preview(Store& store, const std::stop_token& stop) {
    const auto rules = store.retention();
    if (!rules) return fail(rules.error());
    auto prunes = retention_prunes(*rules, Timestamp::now());
    std::vector<Line> lines;
    for (std::size_t i = 0; i < prunes.size(); ++i) {
      PruneOpts& prune = prunes[i];
      prune.principal = user_name();
      prune.reason = "retention of " + std::to_string((*rules)[i].days) + " days";
      const auto counts = store.preview_prune(prune, stop);
      if (!counts) return fail(counts.error());
      lines.push_back({.rule = (*rules)[i], .prune = std::move(prune), .counts = *counts});
    }
    return lines;
  }

  void print(Context& context, const std::vector<Line>& lines) const {
    if (lines.empty() && !print_.json()) context.talk.say("there are no rules to apply");
    for (const Line& line : lines) {
      if (print_.json()) {
        write_json(context, line.rule, line.counts);
        continue;
      }
      context.out.write(std::string(dry_run_ ? "would delete " : "deleted ") +
                        count_text(line.counts.deleted, "event", "events") + " of " +
                        (line.rule.category == any_category ? "all other categories"
                                                            : terminal_text(line.rule.category)) +
                        " from before " + milliseconds_text(line.prune.cutoff) +
                        held_text(line.counts.held) + '\n');
    }
  }

  void write_json(Context& context, const RetentionRule& rule,
                  const std::optional<PruneCounts>& counts) const {
    std::string line;
    JsonWriter json(line);
    json.open('{');
    json.member("category", std::string_view(rule.category));
    json.member("days", rule.days);
    if (counts) {
      json.member(dry_run_ ? "would_delete" : "deleted", counts->deleted);
      json.member("held", counts->held);
    }
    json.close('}');
    context.out.write(line + '\n');
  }

  Result<std::shared_ptr<Store>> open_to_write(Context& context) const {
    return open_to_write_signed(context, print_.store(),
                                {.create = false, .query_timeout = no_time_limit});
  }

  std::string what_;
  std::string category_;
  std::string age_;
  bool force_ = false;
  bool dry_run_ = false;
  bool yes_ = false;
  PrintOptions print_;
};

}  // namespace

const CommandEntry retention_command = {
    .name = "retention",
    .summary = "Keep the events of each category for their own time",
    .text =
        "Without a rule, events stay until a prune deletes them. `apply` prunes each category "
        "that has a rule by its own age, and all others by the rule for *; from a timer, it "
        "wants --yes. Events under a hold and the trail's own records stay.\n\n"
        "The EU AI Act (Art. 19 and 26) wants logs to be kept for at least six months: less than "
        "184 days for approval and safety, or for * where it covers them, takes --force.",
    .examples =
        "agentaudit retention set llm 30d\n"
        "agentaudit retention set '*' 184d\n"
        "agentaudit retention apply --dry-run\n"
        "# From a timer\n"
        "agentaudit retention apply --yes",
    .create = []() -> std::unique_ptr<Command> { return std::make_unique<RetentionCommand>(); }};

}  // namespace agentaudit
