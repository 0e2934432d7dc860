// Power loss: whatever of the log was on the disk, the trail is as it was after some commit,
// its columns and its rows alike.

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>

#include <unistd.h>

#include "store/forked_child.h"
#include "store/sqlite_schema.h"
#include "store/sqlite_seal_trail.h"
#include "store/trail_answers.h"

namespace agentaudit {
namespace {

using sqlite_schema::chunk_events;

// https://www.sqlite.org/fileformat2.html#the_write_ahead_log
constexpr std::size_t log_header_bytes = 32;
constexpr std::size_t frame_header_bytes = 24;
constexpr std::size_t frame_bytes = frame_header_bytes + 16'384;

// Where the commits of a log end.
std::vector<std::size_t> commits_of(const std::string& log) {
  std::vector<std::size_t> ends;
  for (std::size_t at = log_header_bytes; at + frame_bytes <= log.size(); at += frame_bytes) {
    // The last frame of a commit has the size of the database.
    if (log.compare(at + 4, 4, std::string(4, '\0')) != 0) ends.push_back(at + frame_bytes);
  }
  return ends;
}

// Where to cut it: around the end of each commit and here and there within.
std::vector<std::size_t> cuts_of(const std::string& log) {
  constexpr std::size_t cuts_per_commit = 2;
  std::vector<std::size_t> cuts = {0, log_header_bytes - 1, log_header_bytes};
  std::size_t begin = log_header_bytes;
  for (const std::size_t end : commits_of(log)) {
    const std::size_t frames = (end - begin) / frame_bytes;
    for (std::size_t i = 1; i <= cuts_per_commit; ++i) {
      // Within a frame; further in each time.
      cuts.push_back(begin + frames * (i - 1) / cuts_per_commit * frame_bytes + i * i * 900);
    }
    cuts.insert(cuts.end(), {end - 1, end});
    begin = end;
  }
  return cuts;
}

// What a disk may hold where the log was written as far as `cut` for certain.
enum class Beyond { nothing, zeros, later_frames };

std::string cut_log(const std::string& log, std::size_t cut, Beyond beyond) {
  std::string left = log.substr(0, cut);
  if (beyond == Beyond::zeros) left.resize(log.size());
  if (beyond == Beyond::later_frames) {
    left.resize(std::min(log.size(), cut + frame_bytes));
    left += log.substr(left.size());
  }
  return left;
}

class SqlitePowerLossTest : public SqliteSealTrail {
 protected:
  // No commit moves the log to the file.
  inline static const SqliteStoreOptions log_grows = {.wal_pages = 1'000'000};

  // The trail once its log has so many bytes.
  struct State {
    std::size_t log_bytes = 0;
    std::string chunks;
    EventId last_id = 0;
    std::int64_t events = 0;
    TrailAnswers answers;
  };

  void SetUp() override { std::filesystem::create_directory(scratch_ / "left"); }

  [[nodiscard]] std::size_t log_bytes() const {
    std::error_code missing;
    const auto bytes = std::filesystem::file_size(beside("-wal"), missing);
    return missing ? 0 : bytes;
  }

  [[nodiscard]] std::string read_log() const {
    std::ifstream file(beside("-wal"), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }

  void insert_into_model(std::int64_t count) {
    for (const EventId end = model_.last_id() + count; model_.last_id() < end;) {
      model_.insert(various(model_.last_id()));
    }
  }

  void fill_both(Store& store, std::int64_t count) {
    fill(store, count, model_.last_id());
    insert_into_model(count);
  }

  // That the model's events are there once the log has so many bytes.
  void add_state(std::size_t log_bytes, const std::string& chunks) {
    states_.push_back({.log_bytes = log_bytes,
                       .chunks = chunks,
                       .last_id = model_.last_id(),
                       .events = model_.events(),
                       .answers = answers_of(model_, questions_)});
  }

  // Puts the file to a place of its own, without a log.
  void leave_file() {
    for (const char* suffix : {"", "-wal", "-shm", ".lock"}) {
      std::filesystem::remove(left_.native() + suffix);
    }
    std::filesystem::copy_file(path_, left_);
  }

  // Puts a log beside it.
  void leave_log(const std::string& log) {
    std::filesystem::remove(left_.native() + "-shm");
    std::ofstream(left_.native() + "-wal", std::ios::binary) << log;
  }

  // Cuts the log of the open trail, and expects each time the last state that was whole.
  void expect_a_state_after_every_cut() {
    const std::string log = read_log();
    ASSERT_EQ(commits_of(log).back(), log.size());
    constexpr std::array all_beyond = {Beyond::nothing, Beyond::zeros, Beyond::later_frames};
    leave_file();
    std::size_t checked = 0;  // states
    std::size_t turn = 0;
    for (const std::size_t cut : cuts_of(log)) {
      const Beyond beyond = all_beyond[turn++ % all_beyond.size()];
      SCOPED_TRACE("cut at " + std::to_string(cut) + " of " + std::to_string(log.size()) +
                   ", beyond " + std::to_string(static_cast<int>(beyond)));
      const std::string left = cut_log(log, cut, beyond);
      // Pages may end in zeros, so that zeros beyond a cut can be what was to be there.
      const auto intact = static_cast<std::size_t>(
          std::mismatch(log.begin(), log.end(), left.begin(), left.end()).first - log.begin());
      std::size_t whole = states_.size() - 1;
      while (states_[whole].log_bytes > intact) --whole;
      leave_log(left);
      expect_state(states_[whole]);
      if (HasFailure()) return;
      if (checked > whole) continue;
      checked = whole + 1;
      expect_that_writing_goes_on(states_[whole]);
      leave_file();
    }
    EXPECT_EQ(checked, states_.size());
  }

  std::filesystem::path left_ = scratch_ / "left" / "audit.db";
  TrailQuestions questions_ = few_questions_about_various();
  std::vector<State> states_;
  ModelStore model_;

 private:
  void expect_state(const State& state) {
    const auto store = SqliteStore::open(left_, {.read_only = true});
    ASSERT_TRUE(store) << store.error().message;
    const SqliteStoreInfo info = (*store)->info().value();
    EXPECT_EQ(info.last_id, state.last_id);
    EXPECT_EQ(info.events, state.events);
    expect_same(answers_of(**store, questions_), state.answers);
  }

  void expect_that_writing_goes_on(const State& state) {
    const auto store = SqliteStore::open(left_).value();
    const auto raw_left = [&] {
      return std::move(
          SqliteConnection::open(left_, SqliteConnection::Mode::read_only, std::chrono::seconds(5))
              .value());
    };
    EXPECT_EQ(chunks_of(raw_left()), state.chunks);
    EXPECT_EQ(orphans_of(raw_left()), 0);
    const auto checked = store->check({});
    EXPECT_TRUE(checked) << checked.error().message;
    fill(*store, 300, state.last_id);
    EXPECT_EQ(store->list({})->total, state.events + 300);
  }
};

TEST_F(SqlitePowerLossTest, InTheCommitThatSealsAChunkLeavesBothOrNeither) {
  constexpr std::int64_t batch_events = 150;
  constexpr std::int64_t first_events = chunk_events - batch_events * 3 / 2;
  fill_both(*open(), first_events);
  add_state(0, "");
  const auto store = open(log_grows);
  for (const char* after : {"", "0 sealed", "0 sealed", "0 sealed"}) {
    fill_both(*store, batch_events);
    add_state(log_bytes(), after);
  }
  EXPECT_EQ(chunks(), "0 sealed");
  expect_a_state_after_every_cut();
}

TEST_F(SqlitePowerLossTest, WhileAChunkThatWaitedIsSealedLeavesItSealedOrWaiting) {
  fill_both(*open({.checkpoint_on_close = false}), chunk_events + 100);
  ASSERT_TRUE(open()->close());
  add_state(0, "0 open");
  const auto store = open(log_grows);
  EXPECT_EQ(store->seal({}, {}).value(), 1);
  add_state(log_bytes(), "0 sealed");
  expect_a_state_after_every_cut();
}

TEST_F(SqlitePowerLossTest, InAPruneLeavesWholeSteps) {
  constexpr std::int64_t events = chunk_events * 2 + 100;
  fill_both(*open(), events);
  add_state(0, "0 sealed, 1 sealed");
  const auto store = open(log_grows);
  // Or the prune would end the log.
  SqliteConnection reader = raw();
  ASSERT_TRUE(reader.exec("BEGIN"));
  ASSERT_EQ(reader.integer("SELECT count(*) FROM events"), events);

  PruneOpts opts{.cutoff = at(chunk_events + 1), .keep_pace = false};
  bool recorded = false;
  opts.progress = [&](const PruneProgress& progress) {
    if (!recorded) {
      model_.insert(store->get(events + 1).value());
      add_state(commits_of(read_log()).front(), "0 sealed, 1 sealed");
      recorded = true;
    }
    model_.prune(opts.cutoff, progress.scanned);
    add_state(log_bytes(), chunks());
  };
  EXPECT_GT(store->prune_before(opts, {}).value(), chunk_events);
  EXPECT_EQ(chunks(), "1 sealed with deletions");
  EXPECT_GT(log_bytes(), states_.back().log_bytes) << "the space is given back after the steps";
  expect_a_state_after_every_cut();
}

// Its acknowledgements are the last ids of batches.
int write_chunks(const std::filesystem::path& path, int acknowledge) {
  constexpr std::int64_t batch_events = 504;
  const auto store = SqliteStore::open(path, {.wal_pages = 50});
  if (!store) return 1;
  for (std::int64_t first = 0; first < chunk_events * 2 + 5 * batch_events; first += batch_events) {
    std::vector<Event> events;
    for (std::int64_t i = 0; i < batch_events; ++i) events.push_back(various(first + i));
    const auto range = (*store)->insert_batch(std::vector<EventView>(events.begin(), events.end()));
    if (!range) return 2;
    if (write(acknowledge, &range->last, sizeof range->last) != sizeof range->last) return 3;
  }
  return 0;
}

// With checkpoints: what was moved to the file is as whole as what was not.
TEST_F(SqlitePowerLossTest, AtAnyMomentLeavesWhatWasAcknowledged) {
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);
  ForkedChild writer([&] { return write_chunks(path_, ends[1]); });
  close(ends[1]);
  EventId acknowledged = 0;
  std::int64_t copies = 0;
  while (read(ends[0], &acknowledged, sizeof acknowledged) == sizeof acknowledged) {
    // Before and after each chunk's end, and here and there.
    const std::int64_t in_chunk = acknowledged % chunk_events;
    if (in_chunk > 504 && in_chunk < chunk_events - 504 && in_chunk % 4'032 != 0) continue;
    // Into the next batch, further each time.
    usleep(static_cast<useconds_t>(copies++ * 400));
    writer.stop();
    leave_file();
    leave_log(read_log());
    writer.kill(SIGCONT);

    const auto store = SqliteStore::open(left_);
    ASSERT_TRUE(store) << store.error().message;
    const SqliteStoreInfo info = (*store)->info().value();
    EXPECT_GE(info.last_id, acknowledged);
    EXPECT_EQ(info.events, info.last_id);
    insert_into_model(info.last_id - model_.last_id());
    const auto checked = (*store)->check({});
    EXPECT_TRUE(checked) << checked.error().message;
    expect_same(answers_of(**store, questions_), answers_of(model_, questions_));
  }
  close(ends[0]);
  EXPECT_EQ(writer.wait(), 0);
  EXPECT_GE(copies, 8);
  EXPECT_EQ(chunks(), "0 sealed, 1 sealed");
}

}  // namespace
}  // namespace agentaudit
