#include "cli/command_table.h"
#include "cli/interrupt.h"
#include "cli/progress_bar.h"
#include "cli/store_option.h"
#include "cli/trouble.h"
#include "render/figures.h"

namespace agentaudit {
namespace {

// What seal, migrate and repair have in common: they go through the chunks of a trail.
class UpkeepCommand final : public Command {
 public:
  using Work = Result<std::int64_t> (SqliteStore::*)(const UpkeepOpts&, const std::stop_token&);

  // `done` is the participle of what is done to a chunk, also the name in the JSON.
  UpkeepCommand(Work work, std::string_view label, std::string_view done)
      : work_(work), label_(label), done_(done) {}

  void declare(CommandLine& line) override {
    store_.declare(line);
    line.flag({"--fast"}, fast_, "Do not rest between chunks to let writers have their turn");
    line.flag({"--json"}, json_, "Print {\"" + std::string(done_) + "\":N}");
  }

  ExitStatus run(Context& context) override {
    Interrupt interrupt;
    auto store = store_.open_file_to_write({.create = false});
    if (!store) return report(context, store.error());
    Result<std::int64_t> chunks = 0;
    {
      ProgressBar bar(context.talk, std::string(label_));
      ProgressBar hash_bar(context.talk, "Hashing");
      UpkeepOpts opts{.progress = {}, .hash_progress = {}, .keep_pace = !fast_};
      opts.hash_progress = [&](std::int64_t done, std::int64_t total) {
        hash_bar.update(done, total);
      };
      opts.progress = [&](std::int64_t done, std::int64_t total) { bar.update(done, total); };
      chunks = ((**store).*work_)(opts, interrupt.token());
    }
    if (!chunks && chunks.error().code == ErrorCode::cancelled) {
      context.talk.complain("interrupted; what is done stays done");
      return ExitStatus::interrupted;
    }
    if (!chunks) return report(context, chunks.error());
    if (json_) {
      context.out.write("{\"" + std::string(done_) + "\":" + std::to_string(*chunks) + "}\n");
    } else {
      context.out.write(std::string(done_) + ' ' + count_text(*chunks, "chunk", "chunks") + '\n');
    }
    return ExitStatus::ok;
  }

 private:
  Work work_;
  std::string_view label_;
  std::string_view done_;
  StoreOption store_;
  bool fast_ = false;
  bool json_ = false;
};

}  // namespace

const CommandEntry seal_command = {
    .name = "seal",
    .summary = "Make the columns that short-lived writers left out",
    .text =
        "Questions read sealed chunks of 16,128 events column by column. A process that lives "
        "long seals what it completes; hooks leave that to others. Nothing is lost without "
        "it, questions about unsealed chunks only take longer.",
    .examples = "# From a timer, where only hooks write\nagentaudit seal",
    .create = []() -> std::unique_ptr<Command> {
      return std::make_unique<UpkeepCommand>(&SqliteStore::seal, "Sealing", "sealed");
    }};

const CommandEntry migrate_command = {
    .name = "migrate",
    .summary = "Bring a trail of an older version up to date",
    .text =
        "Opening a trail to write brings its schema up to date at once; this also seals its "
        "chunks, which a long-lived writer does little by little. The trail can be read and "
        "written meanwhile. Interrupted, it goes on where it was.",
    .examples = "agentaudit migrate --store audit.db",
    .create = []() -> std::unique_ptr<Command> {
      return std::make_unique<UpkeepCommand>(&SqliteStore::seal, "Migrating", "sealed");
    }};

const CommandEntry repair_command = {
    .name = "repair",
    .summary = "Make columns anew that disagree with their events",
    .text =
        "The rows are the record; columns and search filters are made from them. This "
        "compares every complete chunk with its rows and makes anew what disagrees or is "
        "damaged. Damage to the rows themselves it cannot mend: `agentaudit doctor` tells.",
    .examples = "agentaudit repair",
    .create = []() -> std::unique_ptr<Command> {
      return std::make_unique<UpkeepCommand>(&SqliteStore::repair, "Repairing", "repaired");
    }};

}  // namespace agentaudit
