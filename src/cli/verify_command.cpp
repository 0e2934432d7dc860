#include <string>

#include "agentaudit/render/answer_json.h"
#include "cli/command_table.h"
#include "cli/interrupt.h"
#include "cli/print_options.h"
#include "cli/progress_bar.h"
#include "cli/time_expression.h"
#include "cli/trouble.h"
#include "render/verification_view.h"

namespace agentaudit {
namespace {

// One for each verdict; docs/ledger.md.
ExitStatus exit_status_of(Verdict verdict) noexcept {
  switch (verdict) {
    case Verdict::intact: return ExitStatus::ok;
    case Verdict::incomplete: return ExitStatus::incomplete;
    case Verdict::tampered: return ExitStatus::tampered;
    case Verdict::rolled_back: return ExitStatus::rolled_back;
  }
  return ExitStatus::unreadable;
}

class VerifyCommand final : public Command {
 public:
  void declare(CommandLine& line) override {
    line.option({"--from"}, "ID", opts_.first_id, "Compare the events from this one on");
    line.option({"--to"}, "ID", opts_.last_id, "Compare the events up to this one");
    line.option({"--pending-max"}, "TIME", pending_max_,
                "An intent that is open for longer never ended (default 1d)");
    print_.declare(line, "Print one JSON object");
  }

  ExitStatus run(Context& context) override {
    const auto pending_max = parse_duration(pending_max_);
    if (!pending_max) return refuse(context, "--pending-max: " + pending_max.error().message);
    opts_.pending_max = std::chrono::duration_cast<std::chrono::milliseconds>(*pending_max);
    if (opts_.first_id < 1 || opts_.last_id < opts_.first_id) {
      return refuse(context, "--from and --to: ids from 1 on, in their order");
    }
    auto store = print_.store().open_to_read(no_time_limit);
    if (!store) return unreadable(context, store.error());
    Interrupt interrupt;
    Result<Verification> result;
    {
      ProgressBar bar(context.talk, "Verifying");
      opts_.progress = [&](std::int64_t done, std::int64_t total) { bar.update(done, total); };
      result = (*store)->verify(opts_, interrupt.token());
    }
    if (!result) return unreadable(context, result.error());
    if (print_.json()) {
      std::string json;
      append_json(json, *result);
      context.out.write(json + '\n');
    } else {
      context.out.write(verification_view(*result, print_.style(context)));
    }
    return exit_status_of(result->verdict);
  }

 private:
  static ExitStatus refuse(Context& context, const std::string& why) {
    context.talk.complain(why);
    return ExitStatus::wrong_use;
  }

  // No verdict: neither intact nor tampered with.
  static ExitStatus unreadable(Context& context, const Error& error) {
    const ExitStatus status = report(context, error);
    return status == ExitStatus::interrupted ? status : ExitStatus::unreadable;
  }

  VerifyOpts opts_;
  std::string pending_max_ = "1d";
  PrintOptions print_;
};

}  // namespace

const CommandEntry verify_command = {
    .name = "verify",
    .summary = "Prove that the trail is what was recorded",
    .text =
        "Compares every event with its leaf in the ledger, the leaves with the tree above them, "
        "and tells what the trail itself records as missing: gaps, intents that never ended, "
        "acts after their denial. The file is opened read-only.\n\n"
        "The exit status is the verdict: 0 intact, 1 intact but incomplete, 2 tampered with, 3 "
        "rolled back, 4 not readable as a trail; 64 for a wrong command line.",
    .examples =
        "agentaudit verify\n"
        "agentaudit verify --store copy.db --json | jq .verdict",
    .create = []() -> std::unique_ptr<Command> { return std::make_unique<VerifyCommand>(); },
    .wrong_use = ExitStatus::wrong_use};

}  // namespace agentaudit
