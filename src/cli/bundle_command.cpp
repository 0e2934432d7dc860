#include <algorithm>
#include <string>
#include <vector>

#include "agentaudit/ledger/bundle.h"
#include "cli/command_table.h"
#include "cli/event_id.h"
#include "cli/filter_options.h"
#include "cli/interrupt.h"
#include "cli/key_option.h"
#include "cli/output_file.h"
#include "cli/store_option.h"
#include "cli/trouble.h"
#include "render/figures.h"
#include "render/filter_json.h"
#include "store/bundle_ids.h"

namespace agentaudit {
namespace {

// What prove and bundle have in common: they print events with their proofs.
class ProvingCommand : public Command {
 public:
  void declare(CommandLine& line) override {
    declare_events(line);
    line.option({"--hide"}, "FIELD", hidden_,
                "Leave out summary or detail, provably; may be repeated")
        .choices = {"summary", "detail"};
    output_.declare(line);
    store_.declare(line);
  }

  ExitStatus run(Context& context) override {
    Interrupt interrupt;
    auto store = open_to_seal(context, store_, no_time_limit);
    if (!store) return report(context, store.error());
    // With a key, the newest events are sealed too.
    const auto note = (*store)->checkpoint();
    if (!note && note.error().code != ErrorCode::not_found) return report(context, note.error());
    BundleOpts opts;
    opts.hide_summary = std::ranges::find(hidden_, "summary") != hidden_.end();
    opts.hide_detail = std::ranges::find(hidden_, "detail") != hidden_.end();
    if (auto found = find_events(**store, opts, interrupt.token()); !found) {
      return report(context, found.error());
    }
    if (opts.ids.empty()) {
      context.talk.complain("no events match");
      return ExitStatus::refused;
    }
    const auto json = (*store)->bundle(opts);
    if (!json) return report_or_refuse(context, json.error());
    const auto written = output_.write(context, [&](Output& out) -> Result<void> {
      out.write(*json);
      return {};
    });
    if (!written) return report(context, written.error());
    if (const std::string file = output_.file(); !file.empty()) {
      const auto events = static_cast<std::int64_t>(opts.ids.size());
      context.talk.say("wrote " + count_text(events, "event", "events") + " to " + file);
    }
    return ExitStatus::ok;
  }

 protected:
  virtual void declare_events(CommandLine& line) = 0;
  [[nodiscard]] virtual Result<void> find_events(Store& store, BundleOpts& opts,
                                                 const std::stop_token& stop) = 0;

 private:
  std::vector<std::string> hidden_;
  OutputOption output_;
  StoreOption store_;
};

class ProveCommand final : public ProvingCommand {
 private:
  void declare_events(CommandLine& line) override {
    line.argument("ID", ids_, "The events").required = true;
  }

  Result<void> find_events(Store& /*store*/, BundleOpts& opts,
                           const std::stop_token& /*stop*/) override {
    for (const std::string& text : ids_) {
      const auto id = parse_event_id(text);
      if (!id) return fail(id.error());
      opts.ids.push_back(*id);
    }
    return {};
  }

  std::vector<std::string> ids_;
};

class BundleCommand final : public ProvingCommand {
 private:
  void declare_events(CommandLine& line) override { filters_.declare_filters(line); }

  Result<void> find_events(Store& store, BundleOpts& opts, const std::stop_token& stop) override {
    const auto filters = filters_.to_list_opts(Timestamp::now());
    if (!filters) return fail(filters.error());
    opts.query = filter_json(*filters);
    auto ids = bundle_ids(store, *filters, stop);
    if (!ids) return fail(ids.error());
    opts.ids = std::move(*ids);
    return {};
  }

  FilterOptions filters_;
};

}  // namespace

const CommandEntry prove_command = {
    .name = "prove",
    .summary = "Print events with what proves that they are in the trail",
    .text =
        "One JSON document that `agentaudit verify FILE` checks, and that anybody can check with "
        "the RFC 6962 and C2SP tools of their own: the events, an inclusion proof for each, and "
        "the checkpoint. Texts that are redacted or left out stay hidden.",
    .examples =
        "agentaudit prove 4711 -o evidence.json\n"
        "agentaudit verify evidence.json --key build-7.pub",
    .create = []() -> std::unique_ptr<Command> { return std::make_unique<ProveCommand>(); }};

const CommandEntry bundle_command = {
    .name = "bundle",
    .summary = "Print all events that match, with what proves them",
    .text = "Like `agentaudit prove`, for the events of a query: 5,000 at most.",
    .examples =
        "agentaudit bundle --conversation c1 -o evidence.json\n"
        "# What was done, without what was said\n"
        "agentaudit bundle --agent ada --hide summary --hide detail -o evidence.json",
    .create = []() -> std::unique_ptr<Command> { return std::make_unique<BundleCommand>(); }};

}  // namespace agentaudit
