// A trail with any bytes changed is opened and asked without a crash, and is never intact where
// it answers otherwise than before. The input is edits of the golden trail's file, four bytes
// each: where (24 bits, big-endian), and what is added to the byte there.
#include <algorithm>
#include <fstream>
#include <optional>
#include <vector>

#include "fuzz_check.h"
#include "golden_trail.h"

namespace agentaudit {
namespace {

constexpr std::size_t edit_bytes = 4;
constexpr std::size_t edits_max = 64;

struct Answers {
  std::vector<Event> events{};
  std::vector<Event> found{};
  std::optional<Stats> stats{};

  friend bool operator==(const Answers&, const Answers&) = default;
};

// Nothing where a question could not be answered.
std::optional<Answers> answers_of(SqliteStore& store) {
  const auto events = store.list({.limit = 100, .order = Order::commit});
  const auto found = store.list({.agents = {"researcher"}, .search = "lisbon", .limit = 100});
  const auto stats = store.stats({.now = Timestamp::from_ns(0)});
  if (!events || !found || !stats) return std::nullopt;
  return Answers{.events = events->events, .found = found->events, .stats = *stats};
}

std::optional<Verdict> verdict_of(SqliteStore& store) {
  VerifyOpts opts;
  opts.keys = {GoldenTrail::public_key};
  opts.expect_signed = true;
  opts.pending_max = std::chrono::hours(24 * 365 * 200);
  const auto result = store.verify(opts, {});
  if (!result) return std::nullopt;
  return result->verdict;
}

class DamagedTrail {
 public:
  DamagedTrail() {
    const auto store = trail_.open().value();
    check(verdict_of(*store) == Verdict::intact, "the golden trail is intact");
    truth_ = answers_of(*store);
    check(truth_ && truth_->events.size() == 8 && truth_->found.size() == 3,
          "the golden trail has its events");
  }

  void run(std::string_view edits) const {
    std::string bytes = bytes_;
    for (std::size_t i = 0; i + edit_bytes <= std::min(edits.size(), edit_bytes * edits_max);
         i += edit_bytes) {
      const auto number = [&](std::size_t at) {
        return static_cast<std::size_t>(static_cast<unsigned char>(edits[i + at]));
      };
      char& byte = bytes[(number(0) << 16U | number(1) << 8U | number(2)) % bytes.size()];
      byte = static_cast<char>(byte + edits[i + 3]);
    }
    for (const char* const log : {"-wal", "-shm"}) {
      std::error_code ignored;
      std::filesystem::remove(trail_.path().native() + log, ignored);
    }
    std::ofstream(trail_.path(), std::ios::binary) << bytes;
    const auto opened = trail_.open();
    if (!opened) return;
    SqliteStore& store = **opened;
    const auto answers = answers_of(store);
    (void)store.info();
    (void)store.check({});
    (void)store.bundle({.ids = {1, 4}});
    (void)store.holds();
    (void)store.open_intents({}, {});
    if (verdict_of(store) == Verdict::intact && answers) {
      check(answers == truth_, "an intact trail answers as before");
    }
  }

 private:
  GoldenTrail trail_;
  std::string bytes_ = trail_.bytes();
  std::optional<Answers> truth_;
};

}  // namespace
}  // namespace agentaudit

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace agentaudit;
  static const DamagedTrail trail;
  trail.run(text_of(data, size));
  return 0;
}
