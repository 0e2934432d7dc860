#include <string>

#include "cli/command_table.h"
#include "cli/filter_options.h"
#include "cli/interrupt.h"
#include "cli/output_file.h"
#include "cli/progress_bar.h"
#include "cli/store_option.h"
#include "cli/trouble.h"
#include "core/event_pages.h"
#include "core/file_descriptor.h"
#include "core/trail_of.h"
#include "render/event_format.h"
#include "render/figures.h"

namespace agentaudit {
namespace {

class ExportCommand final : public Command {
 public:
  void declare(CommandLine& line) override {
    store_.declare(line);
    line.option({"--format"}, "FORMAT", format_, "jsonl, csv or ocsf (default jsonl)").choices = {
        "jsonl", "csv", "ocsf"};
    output_.declare(line);
    filters_.declare_filters(line);
  }

  ExitStatus run(Context& context) override {
    const auto opts = filters_.to_list_opts(Timestamp::now());
    if (!opts) return report(context, opts.error());
    auto store = store_.open_to_read(no_time_limit);
    if (!store) return report(context, store.error());
    Interrupt interrupt;
    std::int64_t exported = 0;
    const auto written = output_.write(context, [&](Output& out) -> Result<void> {
      auto events = write_events(context, out, **store, *opts, interrupt.token());
      if (!events) return fail(std::move(events.error()));
      exported = *events;
      return {};
    });
    if (!written) return report(context, written.error());
    if (const std::string file = output_.file(); !file.empty()) {
      context.talk.say("wrote " + count_text(exported, "event", "events") + " to " + file);
    }
    return ExitStatus::ok;
  }

 private:
  // Returns how many events it wrote.
  Result<std::int64_t> write_events(Context& context, Output& out, Store& store,
                                    const ListOpts& opts, const std::stop_token& stop) const {
    ProgressBar bar(context.talk, "Exporting");
    std::int64_t total = 0;
    if (bar.is_shown()) {
      ListOpts question = opts;
      question.limit = 1;
      if (const auto page = store.list(question, stop); page) total = page->total;
    }
    // It is one of the choices.
    const EventFormat format = event_format_of(format_).value_or(EventFormat::json_lines);
    std::string text;
    append_head(text, format);
    out.write(text);
    EventPages pages(store, opts);
    std::int64_t written = 0;
    while (out.is_open()) {
      const auto events = pages.next(stop);
      if (!events) return fail(events.error());
      if (events->empty()) break;
      for (std::size_t i = 0; i < events->size(); ++i) {
        text.clear();
        append_event(text, format, (*events)[i], trail_of(pages.trails(), i));
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
  OutputOption output_;
};

}  // namespace

const CommandEntry export_command = {
    .name = "export",
    .summary = "Write events as JSON Lines, CSV or OCSF, by their ids",
    .text =
        "In CSV a text that a spreadsheet would run as a formula has an apostrophe before it; "
        "agentaudit import takes it off again. OCSF is what a SIEM takes: API Activity, a record "
        "on each line.",
    .examples =
        "agentaudit export -o events.jsonl\n"
        "# For a spreadsheet\n"
        "agentaudit export --format csv --since 30d -o events.csv\n"
        "# For a SIEM\n"
        "agentaudit export --format ocsf --status denied,error\n"
        "# Into another tool\n"
        "agentaudit export --category llm | jq .target",
    .create = []() -> std::unique_ptr<Command> { return std::make_unique<ExportCommand>(); }};

}  // namespace agentaudit
