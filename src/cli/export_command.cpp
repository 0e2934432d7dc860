#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <string>
#include <system_error>

#include "agentaudit/core/event_json.h"
#include "agentaudit/render/csv.h"
#include "cli/command_table.h"
#include "cli/filter_options.h"
#include "cli/interrupt.h"
#include "cli/progress_bar.h"
#include "cli/store_option.h"
#include "cli/trouble.h"
#include "core/event_pages.h"
#include "core/file_descriptor.h"
#include "render/figures.h"

namespace agentaudit {
namespace {

class ExportCommand final : public Command {
 public:
  void declare(CommandLine& line) override {
    store_.declare(line);
    line.option({"--format"}, "FORMAT", format_, "jsonl or csv (default jsonl)").choices = {"jsonl",
                                                                                            "csv"};
    line.option({"-o", "--output"}, "FILE", output_,
                "Write to FILE, which appears when it is complete; - or none: standard output")
        .value = OptionSpec::Value::file;
    filters_.declare_filters(line);
  }

  ExitStatus run(Context& context) override {
    const auto opts = filters_.to_list_opts(Timestamp::now());
    if (!opts) return report(context, opts.error());
    auto store = store_.open_to_read(no_time_limit);
    if (!store) return report(context, store.error());
    Interrupt interrupt;
    const bool to_file = !output_.empty() && output_ != "-";
    const auto exported =
        to_file ? export_to_file(context, **store, *opts, interrupt.token())
                : write_events(context, context.out, **store, *opts, interrupt.token());
    if (!exported) return report(context, exported.error());
    if (to_file) {
      context.talk.say("wrote " + count_text(*exported, "event", "events") + " to " + output_);
    }
    return ExitStatus::ok;
  }

 private:
  Result<std::int64_t> export_to_file(Context& context, SqliteStore& store, const ListOpts& opts,
                                      const std::stop_token& stop) const {
    std::error_code ignored;
    const auto target = std::filesystem::weakly_canonical(output_, ignored);
    // Half an export must not look like a whole one. But a device or a pipe is written
    // to, never replaced.
    const bool in_place = std::filesystem::exists(target, ignored) &&
                          !std::filesystem::is_regular_file(target, ignored);
    const std::string part = in_place ? target.native() : target.native() + ".part";
    const auto failed = [&](const std::string& why) {
      return fail(ErrorCode::io, "cannot write " + output_ + ": " + why);
    };
    const FileDescriptor file(::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!file.is_open()) return failed(std::strerror(errno));
    Output out(file.get());
    auto written = write_events(context, out, store, opts, stop);
    out.flush();
    std::string why = out.failure();
    if (in_place) return written && !why.empty() ? failed(why) : written;
    if (written && out.is_open()) {
      if (::rename(part.c_str(), target.c_str()) == 0) return written;
      why = std::strerror(errno);
    }
    (void)::unlink(part.c_str());
    if (!written) return written;
    return failed(why);
  }

  // Returns how many events it wrote.
  Result<std::int64_t> write_events(Context& context, Output& out, SqliteStore& store,
                                    const ListOpts& opts, const std::stop_token& stop) const {
    ProgressBar bar(context.talk, "Exporting");
    std::int64_t total = 0;
    if (bar.is_shown()) {
      ListOpts question = opts;
      question.limit = 1;
      if (const auto page = store.list(question, stop); page) total = page->total;
    }
    const bool csv = format_ == "csv";
    std::string text;
    if (csv) append_csv_header(text);
    out.write(text);
    EventPages pages(store, opts);
    std::int64_t written = 0;
    while (out.is_open()) {
      const auto events = pages.next(stop);
      if (!events) return fail(events.error());
      if (events->empty()) break;
      for (const Event& event : *events) {
        text.clear();
        if (csv) {
          append_csv(text, event);
        } else {
          append_json(text, event);
          text += '\n';
        }
        out.write(text);
      }
      written += static_cast<std::int64_t>(events->size());
      bar.update(written, total);
    }
    return written;
  }

  StoreOption store_;
  FilterOptions filters_;
  std::string format_ = "jsonl";
  std::string output_;
};

}  // namespace

const CommandEntry export_command = {
    .name = "export",
    .summary = "Write events as JSON Lines or CSV, in the order of their ids",
    .text =
        "In CSV a text that a spreadsheet would run as a formula has an apostrophe before it; "
        "agentaudit import takes it off again.",
    .examples =
        "agentaudit export -o events.jsonl\n"
        "# For a spreadsheet\n"
        "agentaudit export --format csv --since 30d -o events.csv\n"
        "# Into another tool\n"
        "agentaudit export --category llm | jq .target",
    .create = []() -> std::unique_ptr<Command> { return std::make_unique<ExportCommand>(); }};

}  // namespace agentaudit
