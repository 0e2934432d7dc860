#include <string>

#include "cli/command_table.h"
#include "cli/key_option.h"
#include "cli/store_option.h"
#include "cli/trouble.h"

namespace agentaudit {
namespace {

class CheckpointCommand final : public Command {
 public:
  void declare(CommandLine& line) override { store_.declare(line); }

  ExitStatus run(Context& context) override {
    auto store = open_to_seal(context, store_);
    if (!store) return report(context, store.error());
    const auto note = (*store)->checkpoint();
    if (!note) return report_or_refuse(context, note.error());
    context.out.write(*note);
    return ExitStatus::ok;
  }

 private:
  StoreOption store_;
};

}  // namespace

const CommandEntry checkpoint_command = {
    .name = "checkpoint",
    .summary = "Print the newest signed checkpoint",
    .text =
        "Where there is a key, first signs all that the trail holds. A checkpoint says how many "
        "events the trail has and the root of their tree: whoever keeps a copy can tell later "
        "whether the trail still begins with them.",
    .examples =
        "agentaudit checkpoint\n"
        "agentaudit checkpoint | ssh witness 'cat >> agent-7.checkpoints'",
    .create = []() -> std::unique_ptr<Command> { return std::make_unique<CheckpointCommand>(); }};

}  // namespace agentaudit
