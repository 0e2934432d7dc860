#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "agentaudit/core/event_json.h"
#include "agentaudit/core/limits.h"
#include "agentaudit/store/sqlite_store.h"
#include "cli/command_table.h"
#include "cli/event_generator.h"
#include "cli/interrupt.h"
#include "cli/progress_bar.h"
#include "cli/trouble.h"

namespace agentaudit {
namespace {

class BenchCommand final : public Command {
 public:
  void declare(CommandLine& line) override {
    OptionSpec& what = line.argument("WHAT", what_, "generate");
    what.required = true;
    what.choices = {"generate"};
    line.option({"--events"}, "N", events_, "How many events").required = true;
    line.option({"--seed"}, "N", seed_, "The same seed gives the same events (default 1)");
    line.option({"--store"}, "PATH", store_,
                "Fill a new trail; without it, JSON Lines go to standard output")
        .value = OptionSpec::Value::file;
  }

  ExitStatus run(Context& context) override {
    if (events_ < 1) return report_wrong_use(context, "--events: 1 or more");
    if (seed_ < 0) return report_wrong_use(context, "--seed: 0 or more");
    Interrupt interrupt;
    EventGenerator generator(static_cast<std::uint64_t>(seed_));
    const Result<void> generated =
        store_.empty() ? print(context, generator, interrupt) : fill(context, generator, interrupt);
    return generated ? ExitStatus::ok : report(context, generated.error());
  }

 private:
  // Calls `take` with batch after batch of events.
  template <typename Take>
  Result<void> generate(EventGenerator& generator, std::size_t batch_max,
                        const Interrupt& interrupt, const Take& take) const {
    for (std::int64_t done = 0; done < events_;) {
      if (interrupt.requested()) return fail(ErrorCode::cancelled, "interrupted");
      const auto batch = generator.take(
          static_cast<std::size_t>(std::min(events_ - done, static_cast<std::int64_t>(batch_max))));
      done += static_cast<std::int64_t>(batch.size());
      if (auto taken = take(batch, done); !taken) return taken;
    }
    return {};
  }

  Result<void> print(Context& context, EventGenerator& generator,
                     const Interrupt& interrupt) const {
    constexpr std::size_t batch_max = 256;
    std::string lines;
    const auto take = [&](const std::vector<Event>& batch, std::int64_t) -> Result<void> {
      lines.clear();
      for (const Event& event : batch) {
        append_json(lines, event);
        lines += '\n';
      }
      context.out.write(lines);
      // Nobody reads on: main says so where that is a failure.
      if (!context.out.is_open()) return fail(ErrorCode::closed, "");
      return {};
    };
    auto printed = generate(generator, batch_max, interrupt, take);
    if (!printed && printed.error().code == ErrorCode::closed) return {};
    return printed;
  }

  Result<void> fill(Context& context, EventGenerator& generator, const Interrupt& interrupt) const {
    std::error_code ignored;
    if (std::filesystem::exists(store_, ignored)) {
      return fail(ErrorCode::invalid_argument,
                  store_ +
                      " is there already: name a new file, so that no trail is mixed up "
                      "with invented events");
    }
    auto store = SqliteStore::open(store_);
    if (!store) return fail(store.error());
    ProgressBar bar(context.talk, "Generating");
    const auto take = [&](const std::vector<Event>& batch, std::int64_t done) -> Result<void> {
      if (auto stored = (*store)->insert_batch(views_of(batch)); !stored) {
        return fail(stored.error());
      }
      bar.update(done, events_);
      return {};
    };
    if (auto filled = generate(generator, limits::batch_events_max, interrupt, take); !filled) {
      return filled;
    }
    return (*store)->close();
  }

  std::string what_;
  std::int64_t events_ = 0;
  std::int64_t seed_ = 1;
  std::string store_;
};

}  // namespace

const CommandEntry bench_command = {
    .name = "bench",
    .summary = "Generate events like a busy agent host's, to measure with",
    .text =
        "Invented events, the same for the same seed: skewed names, conversations that slide "
        "along the trail, one event in a hundred late by up to an hour. For trying out how "
        "fast this machine is at the size your trail will have.",
    .examples =
        "agentaudit bench generate --events 1000000 --store million.db\n"
        "agentaudit stats --store million.db\n"
        "# What recording them takes\n"
        "agentaudit bench generate --events 100000 | agentaudit record --store new.db",
    .create = []() -> std::unique_ptr<Command> { return std::make_unique<BenchCommand>(); }};

}  // namespace agentaudit
