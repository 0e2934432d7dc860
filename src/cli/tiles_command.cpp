#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <system_error>

#include "cli/command_table.h"
#include "cli/interrupt.h"
#include "cli/key_option.h"
#include "cli/output_file.h"
#include "cli/progress_bar.h"
#include "cli/store_option.h"
#include "cli/trouble.h"
#include "core/file_descriptor.h"
#include "ledger/note.h"
#include "render/figures.h"

namespace agentaudit {
namespace {

constexpr std::string_view checkpoint_name = "checkpoint";

class TilesCommand final : public Command {
 public:
  void declare(CommandLine& line) override {
    OptionSpec& directory =
        line.argument("DIR", directory_, "Where they go; made if it is not there");
    directory.value = OptionSpec::Value::file;
    directory.required = true;
    store_.declare(line);
  }

  ExitStatus run(Context& context) override {
    Interrupt interrupt;
    auto store = open_to_seal(context, store_, no_time_limit);
    if (!store) return report(context, store.error());
    // With a key, the newest events are sealed too.
    if (const auto note = (*store)->checkpoint(); !note) {
      return report_or_refuse(context, note.error());
    }
    TileOpts opts;
    auto written = read_written();
    if (!written) return report(context, written.error());
    opts.written = std::move(*written);
    opts.write = [this](const std::string& path, std::string_view bytes) {
      return write(path, bytes);
    };
    const auto counts = write_tiles(context, **store, opts, interrupt.token());
    if (!counts) {
      return report(context,
                    {.code = counts.error().code,
                     .message = (opts.written.empty() ? "" : directory_ + " is left as it is: ") +
                                counts.error().message});
    }
    say(context, *counts);
    return ExitStatus::ok;
  }

 private:
  // The checkpoint in the directory; empty: there is none.
  [[nodiscard]] Result<std::string> read_written() const {
    const auto path = std::filesystem::path(directory_) / checkpoint_name;
    std::error_code failed;
    if (!std::filesystem::exists(path, failed) && !failed) return std::string();
    const auto bytes = failed ? 0 : std::filesystem::file_size(path, failed);
    if (failed) {
      return fail(ErrorCode::io, "cannot read " + path.native() + ": " + failed.message());
    }
    std::ostringstream content;
    content << std::ifstream(path, std::ios::binary).rdbuf();
    if (bytes == 0 || bytes > note_bytes_max || content.str().empty()) {
      return fail(ErrorCode::invalid_argument,
                  path.native() + " is no checkpoint; name another directory");
    }
    return std::move(content).str();
  }

  static Result<TileCounts> write_tiles(Context& context, Store& store, TileOpts& opts,
                                        const std::stop_token& stop) {
    ProgressBar bar(context.talk, "Writing tiles");
    opts.progress = [&](std::int64_t done, std::int64_t total) { bar.update(done, total); };
    return store.tiles(opts, stop);
  }

  Result<void> write(const std::string& path, std::string_view bytes) {
    const auto file = std::filesystem::path(directory_) / path;
    if (const auto parent = file.parent_path(); parent != last_parent_) {
      std::error_code failed;
      std::filesystem::create_directories(parent, failed);
      if (failed) {
        return fail(ErrorCode::io, "cannot make " + parent.native() + ": " + failed.message());
      }
      last_parent_ = parent;
    }
    // Whoever sees a checkpoint finds its tiles, after a loss of power too.
    if (path == checkpoint_name) {
      const FileDescriptor directory(
          ::open(directory_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
      if (directory.is_open()) (void)::syncfs(directory.get());
    }
    return write_file(file.native(), [bytes](Output& out) -> Result<void> {
      out.write(bytes);
      return {};
    });
  }

  void say(Context& context, const TileCounts& counts) const {
    const std::string tree = "the tree of " + count_text(counts.size, "event", "events");
    if (counts.tiles == 0) {
      context.talk.say(directory_ + " has " + tree + " already");
    } else {
      context.talk.say("wrote " + count_text(counts.tiles, "tile", "tiles") + " and " +
                       count_text(counts.bundles, "bundle", "bundles") + " of entries of " + tree +
                       " to " + directory_);
    }
    if (counts.bundles_missing > 0) {
      context.talk.say(count_text(counts.tiles_missing, "tile", "tiles") + " and " +
                       count_text(counts.bundles_missing, "bundle", "bundles") +
                       " are left out: events of them were pruned, or are too long for one");
    }
  }

  std::string directory_;
  std::filesystem::path last_parent_;
  StoreOption store_;
};

}  // namespace

const CommandEntry tiles_command = {
    .name = "tiles",
    .summary = "Write the ledger's tree as files for others to check",
    .text =
        "Fills DIR with the newest checkpoint, the tiles of its tree and the bundles of its "
        "entries, in the C2SP tlog-tiles layout, which software of others reads from a disk or a "
        "web server. Entries hold no summary and no detail, only what commits to them; but all "
        "other fields. Run again, it adds what is new. No prune reaches what is in DIR.",
    .examples =
        "agentaudit tiles /srv/www/agent-7\n"
        "agentaudit tiles tiles && rsync -a tiles/ mirror:agent-7/",
    .create = []() -> std::unique_ptr<Command> { return std::make_unique<TilesCommand>(); }};

}  // namespace agentaudit
