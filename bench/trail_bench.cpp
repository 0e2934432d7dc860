#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agentaudit/core/limits.h"
#include "agentaudit/store/sqlite_store.h"
#include "cli/event_generator.h"
#include "groups.h"
#include "plain_question.h"
#include "process.h"
#include "progress.h"
#include "trail_question.h"

namespace agentaudit::bench {
namespace {

constexpr std::uint64_t seed = 8;
constexpr std::size_t chunk_events = 16'128;  // see docs/sqlite_schema.md
// Nothing that the generator says.
constexpr std::string_view planted_word = "quixotic";
constexpr std::string_view absent_word = "zeppelin";
// Each of its words is in most events, the phrase in none.
constexpr std::string_view absent_phrase =
    "answer search customer weather server commit failed order build token";

const SqliteStoreOptions patient{.read_only = true, .query_timeout = std::chrono::minutes(10)};

// A trail, open in both ways.
struct Trail {
  std::filesystem::path path;
  std::int64_t events = 0;
  std::shared_ptr<SqliteStore> store;
  Connection plain;
};

// Whether the file is the trail that fill would make, as far as its size and its first
// thousand events tell.
bool is_filled(const std::filesystem::path& path, std::size_t events) {
  const auto store = SqliteStore::open(path, patient);
  if (!store) return false;
  const auto info = (*store)->info();
  const auto page = (*store)->list(
      {.limit = limits::page_events_max, .order = Order::commit, .total = TotalMode::none});
  if (!info || !page) return false;
  const std::vector<Event> expected = EventGenerator(seed).take(page->events.size());
  return info->events == static_cast<std::int64_t>(events) &&
         info->schema_version == must(must(SqliteStore::in_memory())->info()).schema_version &&
         std::equal(expected.begin(), expected.end(), page->events.begin(),
                    [](const Event& a, const Event& b) {
                      return a.timestamp == b.timestamp && a.detail == b.detail &&
                             a.conversation_id == b.conversation_id;
                    });
}

// Stores the generator's next `events` events, in large batches.
void store_generated(Store& store, EventGenerator& generator, std::size_t events,
                     Progress& progress) {
  while (events > 0) {
    const auto batch = generator.take(std::min(limits::batch_events_max, events));
    must(store.insert_batch(views_of(batch)));
    progress.add(batch.size());
    events -= batch.size();
  }
}

// The event in the middle has a word that no other has.
void fill(const std::filesystem::path& path, std::size_t events) {
  for (const char* const suffix : {"", "-wal", "-shm", ".lock"}) {
    std::filesystem::remove(path.native() + suffix);
  }
  const auto store = must(SqliteStore::open(path));
  EventGenerator generator(seed);
  Progress progress("fill", events);
  const std::size_t before = events / 2 - 1;
  store_generated(*store, generator, before, progress);
  Event planted = generator.next();
  planted.summary += ' ';
  planted.summary += planted_word;
  must(store->insert(planted));
  store_generated(*store, generator, events - before - 1, progress);
  must(store->close());
}

Trail trail_of(const Settings& settings) {
  const std::filesystem::path path =
      settings.kept / ("trail-" + std::to_string(settings.trail_events) + ".db");
  if (!is_filled(path, settings.trail_events)) fill(path, settings.trail_events);
  Trail trail{.path = path,
              .events = static_cast<std::int64_t>(settings.trail_events),
              .store = must(SqliteStore::open(path, patient)),
              .plain = open_plain_to_read(path)};
  execute(trail.plain.get(), "PRAGMA temp_store=MEMORY");
  return trail;
}

std::vector<std::int64_t> ids_of(const std::vector<Event>& events) {
  std::vector<std::int64_t> ids;
  for (const Event& event : events) ids.push_back(event.id);
  return ids;
}

// The median of a few calls; the first of them may read what is not in memory yet.
double few_ms(const std::function<void()>& ask) {
  constexpr int few = 3;
  std::vector<double> times;
  for (int i = 0; i < few; ++i) times.push_back(seconds_of(ask) * 1e3);
  return median(std::move(times));
}

double median_ms(const Settings& settings, const std::function<void()>& ask) {
  std::vector<double> times;
  for (int run = 0; run < settings.runs; ++run) times.push_back(few_ms(ask));
  return median(std::move(times));
}

// A row with what SQL took once, if both gave the same answer.
Row beside_plain(std::string name, double milliseconds, const PlainAnswer& plain,
                 const std::vector<std::int64_t>& answer, std::optional<Goal> goal) {
  if (plain.numbers != answer) give_up("SQL has another answer: " + name);
  return {.name = std::move(name),
          .value = milliseconds,
          .unit = "ms",
          .floor = plain.milliseconds,
          .ratio = milliseconds / plain.milliseconds,
          .goal = goal};
}

// The question that takes longest. A first look at all of them finds the few that are
// then measured as long as any other figure.
std::pair<TrailQuestion, double> slowest(const Settings& settings, SqliteStore& store,
                                         std::vector<TrailQuestion> questions) {
  constexpr std::ptrdiff_t looked_at_again = 3;
  const auto asking = [&](const TrailQuestion& question) {
    return [&] { must(store.list(question.opts)); };
  };
  std::vector<std::pair<double, std::size_t>> times;
  for (std::size_t i = 0; i < questions.size(); ++i) {
    times.emplace_back(few_ms(asking(questions[i])), i);
  }
  std::partial_sort(times.begin(), times.begin() + looked_at_again, times.end(), std::greater());
  times.resize(looked_at_again);
  for (auto& [milliseconds, i] : times) milliseconds = median_ms(settings, asking(questions[i]));
  const auto [milliseconds, i] = *std::max_element(times.begin(), times.end());
  return {std::move(questions[i]), milliseconds};
}

Row measure_pages(const Settings& settings, const Trail& trail,
                  std::vector<TrailQuestion> questions, const std::string& filters, Goal goal) {
  for (TrailQuestion& question : questions) question.opts.total = TotalMode::none;
  const auto [worst, milliseconds] = slowest(settings, *trail.store, std::move(questions));
  return beside_plain("newest page, " + filters + ": " + worst.name + " (floor: SQL)", milliseconds,
                      plain_page(trail.plain.get(), worst.opts),
                      ids_of(must(trail.store->list(worst.opts)).events), goal);
}

Row measure_counts(const Settings& settings, const Trail& trail,
                   std::vector<TrailQuestion> questions, const std::string& filters) {
  for (TrailQuestion& question : questions) {
    question.opts.limit = 1;
    question.opts.total = TotalMode::exact;
  }
  const auto [worst, milliseconds] = slowest(settings, *trail.store, std::move(questions));
  return beside_plain("exact count, " + filters + ": " + worst.name + " (floor: SQL)", milliseconds,
                      plain_count(trail.plain.get(), worst.opts),
                      {must(trail.store->list(worst.opts)).total}, value_at_most(20));
}

Row measure_stats(const Settings& settings, const Trail& trail, const std::string& name,
                  const StatsOpts& opts) {
  const double milliseconds = median_ms(settings, [&] { must(trail.store->stats(opts)); });
  const Stats stats = must(trail.store->stats(opts));
  std::vector<std::int64_t> answer = {stats.total};
  for (const auto* counts : {&stats.by_category, &stats.by_status, &stats.by_agent,
                             &stats.by_source, &stats.by_target}) {
    for (const NameCount& count : *counts) answer.push_back(count.count);
  }
  PlainAnswer plain = plain_stats(trail.plain.get(), opts);
  // Where a step of the histogram ends is each one's own affair.
  plain.numbers.resize(std::min(plain.numbers.size(), answer.size()));
  return beside_plain(name + " (floor: SQL)", milliseconds, plain, answer, value_at_most(25));
}

std::vector<Row> measure_deep_pages(const Settings& settings, const Trail& trail,
                                    const Event& middle) {
  ListOpts by_cursor{.until = middle.timestamp, .total = TotalMode::none};
  const ListOpts by_offset{.offset = trail.events / 2, .total = TotalMode::none};
  ListOpts plain = by_cursor;
  plain.limit = must(validated(plain)).limit;
  plain.offset = plain.limit;
  by_cursor.cursor = must(trail.store->list(by_cursor)).next_cursor;

  const auto row = [&](const std::string& name, const ListOpts& opts, const ListOpts& plain_opts,
                       std::optional<Goal> goal) {
    const double milliseconds = median_ms(settings, [&] { must(trail.store->list(opts)); });
    return beside_plain(name + " (floor: SQL)", milliseconds,
                        plain_page(trail.plain.get(), plain_opts),
                        ids_of(must(trail.store->list(opts)).events), goal);
  };
  return {row("page by cursor, from the middle", by_cursor, plain, value_at_most(1)),
          row("page by offset " + std::to_string(by_offset.offset), by_offset, by_offset, {})};
}

// How long the tail is does not depend on how long the trail is, and a round number of
// events may happen to leave none. So this is about a trail with half a chunk of it.
// The reader keeps what it read of it, so each page is asked for after one more event.
Row measure_tail(const Settings& settings) {
  const std::filesystem::path path = settings.directory / "tail.db";
  constexpr std::size_t events = 2 * chunk_events + chunk_events / 2;
  const auto writer = must(SqliteStore::open(path));
  EventGenerator generator(seed + 1);
  Progress progress("fill", events);
  store_generated(*writer, generator, events, progress);
  const auto reader = must(SqliteStore::open(path, patient));
  const auto page = [&] { must(reader->list({.total = TotalMode::none})); };
  page();
  std::vector<double> times;
  for (int run = 0; run < settings.runs * 3; ++run) {
    must(writer->insert(generator.next()));
    times.push_back(seconds_of(page) * 1e3);
  }
  return {.name = "newest page beside a writer, half a chunk in the tail",
          .value = median(std::move(times)),
          .unit = "ms"};
}

std::vector<Row> measure_searches(const Settings& settings, const Trail& trail) {
  const auto search = [](std::string_view text, TotalMode total) {
    return ListOpts{.search = std::string(text), .total = total};
  };
  const auto row = [&](const std::string& name, std::string_view text) {
    const ListOpts opts = search(text, TotalMode::exact);
    const double milliseconds = median_ms(settings, [&] { must(trail.store->list(opts)); });
    return beside_plain(name + " (floor: LIKE)", milliseconds, plain_page(trail.plain.get(), opts),
                        ids_of(must(trail.store->list(opts)).events), value_at_most(50));
  };
  const auto figure = [&](std::string name, double milliseconds) {
    return Row{.name = std::move(name), .value = milliseconds, .unit = "ms"};
  };
  const ListOpts common = search("weather", TotalMode::automatic);
  const ListOpts phrase = search(absent_phrase, TotalMode::exact);
  return {row("search, word of no event, exact total", absent_word),
          row("search, word of one event, exact total", planted_word),
          figure("search, word of most events, page and automatic total",
                 median_ms(settings, [&] { must(trail.store->list(common)); })),
          // Once, because it may take long.
          figure("search, absent phrase of common words, exact total",
                 seconds_of([&] { must(trail.store->list(phrase)); }) * 1e3)};
}

// A fresh process each time; what it reads is in the system's cache.
std::vector<Row> measure_command(const Settings& settings, const Trail& trail,
                                 const std::string& name) {
  const std::vector<std::string> command = {settings.agentaudit.native(), name, "--store",
                                            trail.path.native()};
  double mebibytes = 0;
  double bare_mebibytes = 0;
  std::vector<Row> rows = {compared(
      name + ", a fresh process (floor: bare process)", "ms", settings.runs,
      [&] {
        const Exit exit = run_process(command);
        mebibytes = std::max(mebibytes, exit.mebibytes);
        return exit.milliseconds;
      },
      [&] {
        const Exit exit = run_process({"/bin/true"});
        bare_mebibytes = std::max(bare_mebibytes, exit.mebibytes);
        return exit.milliseconds;
      },
      value_at_most(120))};
  rows.push_back({.name = name + ", peak memory (floor: bare process)",
                  .value = mebibytes,
                  .unit = "MiB",
                  .floor = bare_mebibytes,
                  .ratio = mebibytes / bare_mebibytes,
                  .goal = value_at_most(32)});
  return rows;
}

}  // namespace

std::vector<Row> measure_trail(const Settings& settings) {
  const Trail trail = trail_of(settings);
  const Event middle = must(trail.store->get(trail.events / 2));
  std::vector<Row> rows;
  const auto add = [&rows](std::vector<Row> more) {
    for (Row& row : more) rows.push_back(std::move(row));
  };
  // First, before the questions below fill this process' memory.
  add(measure_command(settings, trail, "list"));
  add(measure_command(settings, trail, "stats"));

  const auto one = questions_of_one_filter(middle);
  const auto three = questions_of_three_filters(middle);
  rows.push_back(measure_pages(settings, trail, one, "slowest filter", value_at_most(1)));
  rows.push_back(measure_pages(settings, trail, three, "slowest three filters", value_at_most(5)));
  rows.push_back(measure_counts(settings, trail, one, "slowest filter"));
  rows.push_back(measure_counts(settings, trail, three, "slowest three filters"));
  rows.push_back(
      measure_stats(settings, trail, "stats without a source", {.exclude_sources = {"hook"}}));
  rows.push_back(
      measure_stats(settings, trail, "stats, histogram of 60 steps", {.histogram_buckets = 60}));
  add(measure_deep_pages(settings, trail, middle));
  rows.push_back(measure_tail(settings));
  add(measure_searches(settings, trail));
  rows.push_back({.name = "proof of an event from the middle, as a bundle",
                  .value = median_ms(
                      settings, [&] { must(trail.store->bundle({.ids = {trail.events / 2}})); }),
                  .unit = "ms",
                  .goal = value_at_most(5)});
  // The goal of 450 is about the rows, their columns and filters; the ledger has its own 64.
  rows.push_back({.name = "bytes of the file an event, ledger included",
                  .value = static_cast<double>(std::filesystem::file_size(trail.path)) /
                           static_cast<double>(trail.events),
                  .unit = "bytes",
                  .goal = value_at_most(450 + 64)});
  return rows;
}

}  // namespace agentaudit::bench
