#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>

#include "cli/anchor_file.h"
#include "cli/command_table.h"
#include "cli/key_option.h"
#include "cli/store_option.h"
#include "cli/trouble.h"
#include "core/file_descriptor.h"
#include "core/write_file.h"
#include "ledger/checkpoint.h"
#include "render/figures.h"

namespace agentaudit {
namespace {

Result<void> append_to_file(const std::string& name, const std::string& note) {
  const FileDescriptor file(::open(name.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  int failure = file.is_open() ? write_all(file.get(), anchored_text(note)) : errno;
  // A pipe or a device has nothing to sync.
  if (failure == 0 && ::fsync(file.get()) != 0 && errno != EINVAL && errno != EROFS) {
    failure = errno;
  }
  if (failure == 0) return {};
  return fail(ErrorCode::io, "cannot write " + name + ": " + std::strerror(failure));
}

Result<void> give_to_command(const std::string& command, const std::string& note) {
  // A command line is what the user gave it.
  std::FILE* const pipe = ::popen(command.c_str(), "we");  // NOLINT(cert-env33-c)
  if (pipe == nullptr) {
    return fail(ErrorCode::io, "cannot run " + command + ": " + std::strerror(errno));
  }
  const bool given = std::fwrite(note.data(), 1, note.size(), pipe) == note.size();
  const int status = ::pclose(pipe);
  if (given && status == 0) return {};
  return fail(ErrorCode::io,
              "\"" + command + "\" did not take the checkpoint" +
                  (WIFEXITED(status) ? " (exit status " + std::to_string(WEXITSTATUS(status)) + ")"
                                     : std::string()));
}

class AnchorCommand final : public Command {
 public:
  void declare(CommandLine& line) override {
    line.option({"--to"}, "FILE", to_, "Append it to FILE; '|COMMAND' gives it to a command")
        .required = true;
    store_.declare(line);
  }

  ExitStatus run(Context& context) override {
    auto store = open_to_write_signed(context, store_);
    if (!store) return report(context, store.error());
    const auto note = (*store)->checkpoint();
    if (!note) return report_or_refuse(context, note.error());
    const auto kept =
        to_.starts_with('|') ? give_to_command(to_.substr(1), *note) : append_to_file(to_, *note);
    if (!kept) return report(context, kept.error());
    if (auto noted = (*store)->note_anchor(to_); !noted) return report(context, noted.error());
    const auto parsed = parse_note(*note);
    const auto checkpoint = parsed ? parse_checkpoint(parsed->text) : fail(parsed.error());
    context.talk.say("anchored a checkpoint over " +
                     count_text(checkpoint ? static_cast<std::int64_t>(checkpoint->size) : 0,
                                "event", "events"));
    return ExitStatus::ok;
  }

 private:
  std::string to_;
  StoreOption store_;
};

}  // namespace

const CommandEntry anchor_command = {
    .name = "anchor",
    .summary = "Copy the newest checkpoint to where nobody can rewrite it",
    .text =
        "Somebody who can write the trail's file, and has the key, can make a new trail of it. "
        "Not any more for what was anchored: `agentaudit verify --anchor FILE` tells whether the "
        "trail still begins with it. FILE belongs on another machine, or on a medium that can "
        "only be added to; a command can send it there, and must end with 0.",
    .examples =
        "agentaudit anchor --to /mnt/worm/agent-7.checkpoints\n"
        "agentaudit anchor --to '|ssh witness \"cat >> agent-7.checkpoints\"'\n"
        "agentaudit verify --anchor /mnt/worm/agent-7.checkpoints",
    .create = []() -> std::unique_ptr<Command> { return std::make_unique<AnchorCommand>(); }};

}  // namespace agentaudit
