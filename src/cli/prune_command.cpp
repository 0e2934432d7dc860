#include <string>
#include <string_view>

#include "cli/command_table.h"
#include "cli/confirmation.h"
#include "cli/interrupt.h"
#include "cli/key_option.h"
#include "cli/pruning.h"
#include "cli/store_option.h"
#include "cli/time_expression.h"
#include "cli/trouble.h"
#include "render/figures.h"

namespace agentaudit {
namespace {

class PruneCommand final : public Command {
 public:
  void declare(CommandLine& line) override {
    store_.declare(line);
    line.option({"--before"}, "TIME", before_, "Delete events from before TIME");
    line.option({"--older-than"}, "AGE", older_than_, "Delete events older than AGE: 90d, 12w");
    line.option({"--reason"}, "TEXT", reason_, "Why; it is kept in the trail");
    line.flag({"--dry-run"}, dry_run_, "Only say how many events would go");
    line.flag({"-y", "--yes"}, yes_, "Do not ask");
    line.flag({"--json"}, json_, R"(Print {"deleted":N,"held":N} (with --dry-run "would_delete"))");
  }

  ExitStatus run(Context& context) override {
    const auto cutoff = read_cutoff(Timestamp::now());
    if (!cutoff) return report(context, cutoff.error());
    Interrupt interrupt;
    auto store = dry_run_ ? store_.open_to_read(no_time_limit)
                          : open_to_write_signed(context, store_,
                                                 {.create = false, .query_timeout = no_time_limit});
    if (!store) return report(context, store.error());
    PruneOpts opts{.cutoff = *cutoff, .principal = user_name(), .reason = reason_, .progress = {}};
    auto counts = (*store)->preview_prune(opts, interrupt.token());
    if (!counts) return report(context, counts.error());
    const std::string what = count_text(counts->deleted, "event", "events") + " from before " +
                             milliseconds_text(*cutoff);
    if (dry_run_) {
      print(context, "would_delete", *counts, "would delete " + what);
      return ExitStatus::ok;
    }
    if (counts->deleted == 0) {
      print(context, "deleted", *counts,
            "nothing to delete from before " + milliseconds_text(*cutoff));
      return ExitStatus::ok;
    }
    if (!yes_) {
      const ExitStatus answer = confirm(context, "Delete " + what + " for good?", "delete " + what,
                                        interrupt.descriptor());
      if (answer == ExitStatus::refused) context.talk.say("nothing was deleted");
      if (answer != ExitStatus::ok) return answer;
    }
    counts = prune_with_bar(context, **store, std::move(opts), interrupt.token());
    if (!counts) return report_prune(context, counts.error());
    print(context, "deleted", *counts, "deleted " + count_text(counts->deleted, "event", "events"));
    return ExitStatus::ok;
  }

 private:
  [[nodiscard]] Result<Timestamp> read_cutoff(Timestamp now) const {
    if (before_.empty() == older_than_.empty()) {
      return fail(ErrorCode::invalid_argument, "give either --before TIME or --older-than AGE");
    }
    if (!before_.empty()) {
      const auto span = parse_time_expression(before_, now);
      if (!span) return fail(span.error().code, "--before: " + span.error().message);
      return span->first;
    }
    const auto age = parse_duration(older_than_);
    if (!age) return fail(age.error().code, "--older-than: " + age.error().message);
    const auto span = parse_time_expression(older_than_, now);
    if (!span) return fail(span.error());
    return span->first;
  }

  void print(Context& context, std::string_view name, const PruneCounts& counts,
             const std::string& text) const {
    if (json_) {
      context.out.write("{\"" + std::string(name) + "\":" + std::to_string(counts.deleted) +
                        ",\"held\":" + std::to_string(counts.held) + "}\n");
    } else {
      context.out.write(text + held_text(counts.held) + '\n');
    }
  }

  StoreOption store_;
  std::string before_;
  std::string older_than_;
  std::string reason_;
  bool dry_run_ = false;
  bool yes_ = false;
  bool json_ = false;
};

}  // namespace

const CommandEntry prune_command = {
    .name = "prune",
    .summary = "Delete old events",
    .text =
        "Appends an audit/pruned event first, which says who deleted what and why, then "
        "deletes in short steps between which writers get their turn, and gives the space "
        "back. Asks first on a terminal; anywhere else it wants --yes. Interrupted, it leaves "
        "the rest for the next time. Events under a hold (`agentaudit hold`) stay.",
    .examples =
        "# What would go\n"
        "agentaudit prune --older-than 90d --dry-run\n"
        "# From a timer\n"
        "agentaudit prune --older-than 90d --yes --reason 'retention policy'",
    .create = []() -> std::unique_ptr<Command> { return std::make_unique<PruneCommand>(); }};

}  // namespace agentaudit
