// Secrets out of events: what is found, and what it costs.
#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agentaudit/core/event_json.h"
#include "agentaudit/redact/redactor.h"
#include "agentaudit/store/sqlite_store.h"
#include "cli/event_generator.h"
#include "groups.h"
#include "redact/flat_text.h"
#include "redact/redaction_mark.h"
#include "secret_corpus.h"

namespace agentaudit::bench {
namespace {

constexpr double bytes_per_mb = 1e6;

std::shared_ptr<const Redactor> redactor() {
  return must(Redactor::create({.key = [] { return RedactionKey{}; }}));
}

struct Found {
  std::int64_t planted = 0;
  std::int64_t found = 0;
  std::int64_t marks = 0;

  [[nodiscard]] double recall() const {
    return static_cast<double>(found) / static_cast<double>(planted);
  }
  // Of what was removed, how much was planted.
  [[nodiscard]] double precision() const {
    return static_cast<double>(found) / static_cast<double>(std::max(marks, found));
  }
};

// Texts with secrets and twice as many without.
Found search_corpus(std::size_t texts) {
  const auto by = redactor();
  SecretCorpus corpus(1);
  Found result;
  for (std::size_t i = 0; i < texts; ++i) {
    PlantedDetail planted = corpus.planted();
    Event event;
    event.detail = std::move(planted.detail);
    (void)by->redact(event);
    const FlatText left(event.detail);
    for (const PlantedSecret& secret : planted.secrets) {
      ++result.planted;
      if (left.text().find(secret.secret) == std::string_view::npos) ++result.found;
    }
    result.marks += static_cast<std::int64_t>(find_marks(event.detail).size());
    for (int k = 0; k < 2; ++k) {
      event.detail = corpus.clean();
      (void)by->redact(event);
      result.marks += static_cast<std::int64_t>(find_marks(event.detail).size());
    }
  }
  return result;
}

double mb_of(const std::vector<Event>& events) {
  std::size_t bytes = 0;
  for (const Event& event : events) bytes += size_bytes(event);
  return static_cast<double>(bytes) / bytes_per_mb;
}

// MB/s of `work` over copies of the events; the copying is not counted.
template <typename Work>
double mb_per_s(const std::vector<Event>& events, std::size_t rounds, const Work& work) {
  double seconds = 0;
  for (std::size_t i = 0; i < rounds; ++i) {
    std::vector<Event> copies = events;
    seconds += seconds_of([&] {
      for (Event& event : copies) work(event);
    });
  }
  return mb_of(events) * static_cast<double>(rounds) / seconds;
}

// The least that can be done with a text that is searched: each byte is looked at once.
void look_for_one_byte(const Event& event) {
  if (event.detail.find('\x01') != std::string::npos) give_up("a \\x01");
}

Row speed(const Settings& settings, std::string name, const std::vector<Event>& events,
          std::optional<Goal> goal) {
  const auto by = redactor();
  const std::size_t rounds = settings.scaled(20);
  return compared(
      std::move(name), "MB/s", settings.runs,
      [&] { return mb_per_s(events, rounds, [&](Event& event) { (void)by->redact(event); }); },
      [&] { return mb_per_s(events, rounds, look_for_one_byte); }, goal);
}

std::vector<Event> details_of(std::size_t count, bool with_secrets) {
  SecretCorpus corpus(2);
  std::vector<Event> events(count);
  for (Event& event : events) {
    event.detail = with_secrets ? corpus.planted().detail : corpus.clean();
  }
  return events;
}

// Events a second from JSON to durable rows with their leaves, as `record` has it.
double ingested_per_s(const std::filesystem::path& path, const std::vector<std::string>& lines,
                      const Redactor* by) {
  constexpr std::size_t batch_events = 4'096;
  std::filesystem::remove(path);
  const auto store = must(SqliteStore::open(path));
  const double seconds = seconds_of([&] {
    std::vector<Event> batch;
    const auto flush = [&] {
      const std::vector<EventView> views = views_of(batch);
      must(store->insert_batch(views));
      batch.clear();
    };
    for (const std::string& line : lines) {
      batch.push_back(must(event_from_json(line)));
      if (by != nullptr) (void)by->redact(batch.back());
      if (batch.size() == batch_events) flush();
    }
    if (!batch.empty()) flush();
  });
  must(store->close());
  return static_cast<double>(lines.size()) / seconds;
}

Row ingest_redacted(const Settings& settings, std::optional<Goal> goal) {
  std::vector<std::string> lines;
  for (const Event& event : EventGenerator(7).take(settings.scaled(100'000))) {
    lines.push_back(to_json(event));
  }
  const auto by = redactor();
  int number = 0;
  const auto path = [&] {
    return settings.directory / ("redact-" + std::to_string(++number) + ".db");
  };
  return compared(
      "JSON to the store with redaction (floor: without)", "events/s", settings.runs,
      [&] { return ingested_per_s(path(), lines, by.get()); },
      [&] { return ingested_per_s(path(), lines, nullptr); }, goal);
}

}  // namespace

std::vector<Row> measure_redact(const Settings& settings) {
  constexpr double share_goal = 0.98;
  constexpr double ingest_goal = 0.9;
  constexpr std::size_t texts = 10'000;
  const Found found = search_corpus(settings.scaled(texts));
  std::vector<Row> rows;
  rows.push_back({.name = "recall: planted secrets that are removed",
                  .value = found.recall(),
                  .unit = "of 1",
                  .goal = value_at_least(share_goal)});
  rows.push_back({.name = "precision: of what is removed, what was planted",
                  .value = found.precision(),
                  .unit = "of 1",
                  .goal = value_at_least(share_goal)});

  EventGenerator generator(7);
  rows.push_back(speed(settings, "redact ordinary events (floor: look for one byte)",
                       generator.take(2'000), std::nullopt));
  std::vector<Event> prose(1);
  while (prose[0].detail.size() < (1U << 20U) - 200) {
    prose[0].detail += "The agent wrote a report on the weather; then it ran all its tests again. ";
  }
  constexpr double clean_goal_mb = 300;
  rows.push_back(speed(settings, "redact a megabyte of prose (floor: look for one byte)", prose,
                       value_at_least(clean_goal_mb)));
  rows.push_back(speed(settings, "redact look-alikes, no secret (floor: look for one byte)",
                       details_of(500, false), std::nullopt));
  rows.push_back(speed(settings, "redact two secrets a kilobyte (floor: look for one byte)",
                       details_of(500, true), std::nullopt));
  rows.push_back(ingest_redacted(settings, ratio_at_least(ingest_goal)));
  return rows;
}

}  // namespace agentaudit::bench
