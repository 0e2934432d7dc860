#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

#include "cli/command_table.h"
#include "cli/file_watch.h"
#include "cli/interrupt.h"
#include "cli/ship_target.h"
#include "cli/shipping.h"
#include "cli/store_option.h"
#include "cli/trouble.h"
#include "core/sha256.h"
#include "render/figures.h"

namespace agentaudit {
namespace {

constexpr auto look_rest = std::chrono::milliseconds(500);
constexpr std::int64_t rate_max = 10'000'000;

class ShipCommand final : public Command {
 public:
  void declare(CommandLine& line) override {
    store_.declare(line);
    line.option({"--to"}, "TARGET", to_,
                "postgres://…, clickhouse://…, a daemon's URL, another trail's path, jsonl:FILE "
                "or ocsf:FILE")
        .required = true;
    access_.declare(line);
    line.flag({"-f", "--follow"}, follow_, "Go on with new events as they are committed");
    line.option({"--rate"}, "N", rate_, "Send at most N events a second");
    line.option({"--cursor"}, "FILE", cursor_file_,
                "Where to keep how far it got (default beside the trail)")
        .value = OptionSpec::Value::file;
    line.flag({"--json"}, json_, "Print what was shipped as a JSON object");
  }

  ExitStatus run(Context& context) override {
    if (rate_ < 0 || rate_ > rate_max) {
      return report_wrong_use(
          context, "--rate: " + std::to_string(rate_) + " is not 1 to " + std::to_string(rate_max));
    }
    auto store = store_.open_to_read(no_time_limit);
    if (!store) return report(context, store.error());
    const auto place = cursor_place();
    if (!place) return report(context, place.error());
    auto target = ShipTarget::open(to_, access_);
    if (!target) return report(context, target.error());
    Interrupt interrupt;
    Shipping shipping(context, **store, **target, *place, {.rate = rate_});
    auto shipped = shipping.begin();
    if (!shipped) return report(context, shipped.error());
    shipped = ship(shipping, interrupt);
    tell(context, shipping.counts());
    if (!shipped) return report(context, shipped.error());
    if (interrupt.requested()) return ExitStatus::interrupted;
    return shipping.counts().refused == 0 ? ExitStatus::ok : ExitStatus::refused;
  }

 private:
  Result<void> ship(Shipping& shipping, const Interrupt& interrupt) const {
    const auto file = store_.path();
    FileWatch watch(file.value_or(std::filesystem::path()));
    while (!interrupt.requested()) {
      auto caught_up = shipping.catch_up(interrupt);
      if (!caught_up || !follow_) return caught_up;
      (void)watch.wait(interrupt.descriptor(), look_rest);
    }
    return {};
  }

  void tell(Context& context, const ShippingCounts& counts) const {
    if (json_) {
      context.out.write("{\"shipped\":" + std::to_string(counts.shipped) +
                        ",\"last_id\":" + std::to_string(counts.last_id) +
                        ",\"behind\":" + std::to_string(counts.behind) +
                        ",\"refused\":" + std::to_string(counts.refused) + "}\n");
    } else {
      context.talk.say("shipped " + count_text(counts.shipped, "event", "events") + "; " +
                       std::to_string(counts.behind) + " behind");
    }
    if (counts.refused == 0) return;
    context.talk.complain(count_text(counts.refused, "event was", "events were") +
                          " refused, see " + counts.refused_path.native());
  }

  [[nodiscard]] Result<std::filesystem::path> cursor_place() const {
    constexpr std::size_t digits = 16;
    if (!cursor_file_.empty()) return cursor_file_;
    auto beside = store_.beside();
    if (!beside) return beside;
    return beside->native() + ".ship-" + sha256_hex(to_).substr(0, digits);
  }

  StoreOption store_;
  std::string to_;
  DaemonAccess access_;
  bool follow_ = false;
  std::int64_t rate_ = 0;
  std::string cursor_file_;
  bool json_ = false;
};

}  // namespace

const CommandEntry ship_command = {
    .name = "ship",
    .summary = "Copy a trail to a database, another trail or a file, and go on",
    .text =
        "Begins where it ended. Each event arrives once, by its trail and its id, however often "
        "it is sent; what the target refuses goes to the cursor's file with .refused behind it, "
        "and does not hold up the rest. Each event is compared with its leaf before it is sent, "
        "and a trail that is not the one that was shipped before is not sent at all. Standard "
        "output (jsonl:-) gets at least once what it gets.",
    .examples =
        "# A fleet's trail into ClickHouse, for as long as it runs\n"
        "agentaudit ship --to clickhouse://writer:secret@db/agentaudit --follow\n"
        "# Into a trail that several machines share\n"
        "agentaudit ship --to postgres://writer:secret@db/audit\n"
        "# Into a daemon's trail, which keeps what this machine cannot take away\n"
        "agentaudit ship --to https://audit.example --token-file ship.token --follow\n"
        "# For a SIEM that reads a file\n"
        "agentaudit ship --to ocsf:/var/log/agents.ocsf.jsonl --rate 500",
    .create = []() -> std::unique_ptr<Command> { return std::make_unique<ShipCommand>(); }};

}  // namespace agentaudit
