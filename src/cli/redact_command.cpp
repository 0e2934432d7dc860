#include <algorithm>
#include <string>
#include <vector>

#include "cli/command_table.h"
#include "cli/confirmation.h"
#include "cli/event_id.h"
#include "cli/interrupt.h"
#include "cli/key_option.h"
#include "cli/store_option.h"
#include "cli/trouble.h"
#include "render/figures.h"

namespace agentaudit {
namespace {

class RedactCommand final : public Command {
 public:
  void declare(CommandLine& line) override {
    line.argument("ID", ids_, "The events").required = true;
    OptionSpec& field =
        line.option({"--field"}, "FIELD", fields_, "What to erase; may be repeated");
    field.choices = {"summary", "detail"};
    field.required = true;
    line.option({"--reason"}, "TEXT", reason_, "Why; it is kept in the trail").required = true;
    line.flag({"-y", "--yes"}, yes_, "Do not ask");
    store_.declare(line);
  }

  ExitStatus run(Context& context) override {
    RedactOpts opts{.principal = user_name(), .reason = reason_};
    opts.summary = std::ranges::find(fields_, "summary") != fields_.end();
    opts.detail = std::ranges::find(fields_, "detail") != fields_.end();
    const auto ids = read_ids();
    if (!ids) return report(context, ids.error());
    Interrupt interrupt;
    auto store = open_to_write_signed(context, store_);
    if (!store) return report(context, store.error());
    if (!yes_) {
      const std::string what =
          std::string(opts.summary && opts.detail ? "summary and detail" : fields_.front()) +
          " of " +
          (ids->size() == 1 ? "event " + ids_.front()
                            : count_text(static_cast<std::int64_t>(ids->size())) + " events");
      const ExitStatus answer = confirm(context, "Erase the " + what + " for good?",
                                        "erase the " + what, interrupt.descriptor());
      if (answer == ExitStatus::refused) context.talk.say("nothing was erased");
      if (answer != ExitStatus::ok) return answer;
    }
    ExitStatus status = ExitStatus::ok;
    for (const EventId id : *ids) {
      if (interrupt.requested()) return ExitStatus::interrupted;
      opts.id = id;
      const auto record = (*store)->redact(opts);
      if (record) {
        context.out.write("redacted event " + std::to_string(id) + ", as event " +
                          std::to_string(*record) + " records\n");
        continue;
      }
      const ErrorCode code = record.error().code;
      const ExitStatus failed = report(context, record.error());
      const bool only_this = code == ErrorCode::not_found || code == ErrorCode::invalid_argument;
      if (!only_this) return failed;
      status = ExitStatus::refused;
    }
    return status;
  }

 private:
  [[nodiscard]] Result<std::vector<EventId>> read_ids() const {
    std::vector<EventId> ids;
    for (const std::string& text : ids_) {
      const auto id = parse_event_id(text);
      if (!id) return fail(id.error());
      ids.push_back(*id);
    }
    return ids;
  }

  std::vector<std::string> ids_;
  std::vector<std::string> fields_;
  std::string reason_;
  bool yes_ = false;
  StoreOption store_;
};

}  // namespace

const CommandEntry redact_command = {
    .name = "redact",
    .summary = "Erase texts of events for good",
    .text =
        "Overwrites the texts in the trail's file and its log, and what the search filter knew "
        "of them. The events stay, and stay proved; an audit/redacted event says who, what and "
        "why. Backups, exports and copies are not reached, nor what a disk keeps of overwritten "
        "blocks, nor what a PostgreSQL server keeps until it vacuums. Asks first on a terminal; "
        "anywhere else it wants --yes.",
    .examples =
        "agentaudit redact 4711 --field detail --reason 'request of the data subject'\n"
        "agentaudit search 'card 4111' --json | jq .id |\n"
        "  xargs agentaudit redact --field summary --field detail --reason PCI --yes",
    .create = []() -> std::unique_ptr<Command> { return std::make_unique<RedactCommand>(); }};

}  // namespace agentaudit
