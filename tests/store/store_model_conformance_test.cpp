// Conformance: under random data and random questions, a store answers as the model does.

#include <rapidcheck.h>

#include <random>

#include "store/model_questions.h"
#include "store/model_store.h"
#include "store/store_conformance.h"

namespace agentaudit {
namespace {

using model_questions::compare_all;
using model_questions::compare_conversations;
using model_questions::compare_groups;
using model_questions::compare_stats;
using model_questions::instant;
using model_questions::names;
using model_questions::random_event;
using model_questions::random_list;
using model_questions::some_of;
using model_questions::statuses;
using model_questions::texts;
using model_questions::traces;

void insert_both(Store& store, ModelStore& model) {
  std::vector<Event> events;
  const int count = *rc::gen::inRange(1, 25);
  for (int i = 0; i < count; ++i) events.push_back(random_event());
  const std::vector<EventView> views(events.begin(), events.end());
  const IdRange range = store.insert_batch(views).value();
  RC_ASSERT(range.first == model.last_id() + 1);
  for (Event& event : events) model.insert(std::move(event));
  RC_ASSERT(range.last == model.last_id());
}

void prune_both(Store& store, ModelStore& model) {
  PruneOpts opts;
  opts.cutoff = instant();
  opts.keep_pace = false;
  if (*rc::gen::arbitrary<bool>()) opts.categories = some_of(names);
  if (*rc::gen::arbitrary<bool>()) opts.exclude_categories = some_of(names);
  const std::int64_t deleted = model.prune(opts);
  RC_ASSERT(store.prune_before(opts, {}).value() == deleted);
  // The record is the store's own; the model takes it over.
  if (deleted > 0) model.insert(store.get(model.last_id() + 1).value());
}

TEST_P(StoreConformance, AnswersAsTheModelDoes) {
  // A store that keeps its events takes its time to be made; it gets fewer cases.
  const int cases = GetParam().reopen ? 20 : 100;
  int made = 0;
  EXPECT_TRUE(rc::check([&] {
    if (++made > cases) return;
    const ScratchDirectory scratch;
    const auto store = GetParam().make(scratch.path(), {}).value();
    ModelStore model;
    const int rounds = *rc::gen::inRange(1, 6);
    for (int round = 0; round < rounds; ++round) {
      insert_both(*store, model);
      if (*rc::gen::inRange(0, 3) == 0) prune_both(*store, model);
      compare_all(*store, model);
    }
  }));
}

// Many events, of the same few values, the later ones mostly later, a hundredth late; one
// name in a thousand of its own.
std::vector<Event> many_events(std::size_t count) {
  std::mt19937_64 random(7);
  const auto below = [&](std::uint64_t limit) { return random() % limit; };
  const auto any_of = [&](const std::vector<std::string>& values) {
    return values[below(values.size())];
  };
  std::vector<Event> events(count);
  for (std::size_t i = 0; i < count; ++i) {
    Event& event = events[i];
    const auto minute = static_cast<std::int64_t>(i * 220 / count) - 20;
    const std::int64_t late = below(100) == 0 ? static_cast<std::int64_t>(below(30)) : 0;
    event.timestamp = Timestamp::from_ns((minute - late) * 60'000'000'000 + 1);
    event.category = any_of(names);
    event.action = any_of(names);
    event.agent = below(1'000) == 0 ? "agent " + std::to_string(i) : any_of(names);
    event.summary = any_of(texts);
    event.detail = any_of(texts);
    event.status = any_of(statuses);
    event.source = any_of(names);
    event.conversation_id = any_of(names);
    event.target = any_of(texts);
    event.trace_id = any_of(traces);
  }
  return events;
}

void compare_page(Store& store, const ModelStore& model) {
  ListOpts opts = random_list();
  opts.offset = *rc::gen::element<std::int64_t>(0, 1, 500, 2'500, 20'000);
  opts.limit = 50;
  opts.total = TotalMode::exact;
  const ListResult expected = model.list(opts);
  const ListResult page = store.list(opts).value();
  RC_ASSERT(page.total == expected.total);
  RC_ASSERT(page.events == expected.events);
  if (page.next_cursor.empty()) return;
  opts.offset += opts.limit;
  const ListResult expected_next = model.list(opts);
  opts.offset = 0;
  opts.cursor = page.next_cursor;
  RC_ASSERT(store.list(opts)->events == expected_next.events);
}

void compare_many(Store& store, const ModelStore& model) {
  EXPECT_TRUE(rc::check([&] {
    compare_page(store, model);
    compare_groups(store, model);
    compare_stats(store, model);
    compare_conversations(store, model);
  }));
}

TEST_P(StoreConformance, AnswersAboutManyEventsAreTheModels) {
  const ScratchDirectory scratch;
  const auto store = GetParam().make(scratch.path(), {}).value();
  ModelStore model;
  const std::vector<Event> events = many_events(36'000);
  constexpr std::size_t batch_events = 4'000;
  for (std::size_t i = 0; i < events.size(); i += batch_events) {
    const auto begin = events.begin() + static_cast<std::ptrdiff_t>(i);
    const std::vector<EventView> views(begin, begin + batch_events);
    ASSERT_TRUE(store->insert_batch(views));
  }
  for (const Event& event : events) model.insert(event);
  compare_many(*store, model);
  // A third, with single late ones in what stays.
  const Timestamp cutoff = Timestamp::from_ns(50 * 60'000'000'000);
  const std::int64_t deleted = model.prune(cutoff);
  ASSERT_EQ(store->prune_before(cutoff), deleted);
  model.insert(store->get(model.last_id() + 1).value());
  compare_many(*store, model);
}

}  // namespace
}  // namespace agentaudit
