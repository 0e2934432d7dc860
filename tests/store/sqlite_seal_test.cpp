// Sealing: who does it and when, and that columns and rows say the same.

#include <map>

#include "core/ascii.h"
#include "store/contains.h"
#include "store/sqlite_columns.h"
#include "store/sqlite_scan.h"
#include "store/sqlite_seal_trail.h"

namespace agentaudit {
namespace {

using sqlite_schema::chunk_events;

struct RowOfTrail {
  std::int64_t timestamp_ns;
  std::int64_t duration_ms;
  std::array<std::uint32_t, coded_columns.size()> coded;
};

class SqliteSealTest : public SqliteSealTrail {
 protected:
  inline static const SqliteStoreOptions one_shot = {.checkpoint_on_close = false};

  // The rows of a chunk as SQLite alone sees them, and that its grams hold their texts.
  static std::map<std::size_t, RowOfTrail> rows_of(SqliteConnection& connection, const Chunk& chunk,
                                                   const GramBitmap& grams) {
    auto statement =
        connection
            .prepare(
                "SELECT id, timestamp, duration_ms, category, action, agent, status,"
                " source, target, principal, conversation, trace_id,"
                " summary, detail, coalesce((SELECT name FROM names WHERE id = target),"
                " '') FROM events WHERE id BETWEEN ?1 AND ?2")
            .value();
    statement.bind(1, chunk.first_id);
    statement.bind(2, chunk.last_id);
    std::map<std::size_t, RowOfTrail> rows;
    EXPECT_TRUE(for_each_row(statement, [&](const SqliteStatement& row) -> Result<void> {
      RowOfTrail read{.timestamp_ns = row.integer(1), .duration_ms = row.integer(2), .coded = {}};
      for (int i = 0; i < 8; ++i) {
        read.coded[static_cast<std::size_t>(i)] = static_cast<std::uint32_t>(row.integer(3 + i));
      }
      const std::string_view trace = row.bytes(11);
      read.coded[8] = row.is_blob(11) ? trace_value_of_bytes(trace) : trace_value_of_text(trace);
      rows.emplace(static_cast<std::size_t>(row.integer(0) - chunk.first_id), read);
      for (int column = 12; column < 15; ++column) {
        std::string text(row.bytes(column));
        text = to_lower_ascii(text);
        EXPECT_TRUE(grams.may_hold(text)) << text;
      }
      return {};
    }));
    return rows;
  }

  static void expect_numbers(SealedColumns& columns, Column column,
                             const std::map<std::size_t, RowOfTrail>& rows,
                             std::int64_t RowOfTrail::* value) {
    SCOPED_TRACE(static_cast<int>(column));
    const auto numbers = columns.numbers(column).value();
    ColumnBounds expected{.min = rows.begin()->second.*value, .max = rows.begin()->second.*value};
    for (const auto& [position, row] : rows) {
      ASSERT_EQ(numbers[position], row.*value) << position;
      expected.min = std::min(expected.min, row.*value);
      expected.max = std::max(expected.max, row.*value);
    }
    EXPECT_EQ(columns.bounds()[index_of(column)], expected);
  }

  static void expect_codes(SealedColumns& columns, Column column,
                           const std::map<std::size_t, RowOfTrail>& rows) {
    SCOPED_TRACE(static_cast<int>(column));
    const auto dictionary = columns.dictionary(column).value();
    const auto codes = columns.codes(column).value();
    std::map<std::uint32_t, std::uint16_t> counts;
    ColumnBounds expected;
    for (const auto& [position, row] : rows) {
      const std::uint32_t value = row.coded[coded_index_of(column)];
      ASSERT_EQ(dictionary[codes[position]].value, value) << position;
      ++counts[value];
      expected.mask |= std::uint64_t{1} << value % 64;
    }
    std::vector<DictionaryEntry> entries;
    for (const auto& [value, count] : counts) entries.push_back({.value = value, .count = count});
    EXPECT_TRUE(std::equal(dictionary.begin(), dictionary.end(), entries.begin(), entries.end()));
    expected.min = entries.front().value;
    expected.max = entries.back().value;
    EXPECT_EQ(columns.bounds()[index_of(column)], expected);
  }

  // That every sealed chunk says what its rows say. Returns how many there are. None may
  // have lost rows since it was sealed.
  int expect_columns_agree_with_rows() {
    SqliteConnection connection = raw();
    EXPECT_TRUE(connection.exec("BEGIN"));
    const ChunkMap map = read_chunk_map(connection).value();
    const auto columns = SealedColumns::make(connection).value();
    int sealed = 0;
    for (const Chunk& chunk : map.chunks) {
      if (!chunk.bounds) continue;
      SCOPED_TRACE(chunk.first_id);
      ++sealed;
      EXPECT_TRUE(columns->move_to(chunk));
      auto grams = connection.prepare("SELECT three FROM grams WHERE chunk = ?1").value();
      grams.bind(1, sqlite_schema::chunk_of(chunk.first_id));
      EXPECT_TRUE(grams.step().value());
      const auto rows = rows_of(connection, chunk, GramBitmap::decode(grams.bytes(0)).value());
      EXPECT_EQ(chunk.events, static_cast<std::int64_t>(rows.size()));
      EXPECT_EQ(columns->deleted() != nullptr, rows.size() < chunk_positions);
      for (std::size_t p = 0; p < chunk_positions && columns->deleted() != nullptr; ++p) {
        EXPECT_EQ((*columns->deleted())[p], !rows.contains(p)) << p;
      }
      expect_numbers(*columns, Column::timestamp, rows, &RowOfTrail::timestamp_ns);
      expect_numbers(*columns, Column::duration_ms, rows, &RowOfTrail::duration_ms);
      for (const Column column : coded_columns) expect_codes(*columns, column, rows);
    }
    return sealed;
  }
};

TEST_F(SqliteSealTest, AWriterSealsTheChunkThatItCompletes) {
  const auto store = open();
  fill(*store, chunk_events - 1);
  EXPECT_EQ(raw().integer("SELECT count(*) FROM columns"), 0);
  fill(*store, 1, chunk_events - 1);
  EXPECT_EQ(chunks(), "0 sealed");
  fill(*store, chunk_events + 10, chunk_events, 10'000);
  EXPECT_EQ(chunks(), "0 sealed, 1 sealed");
  EXPECT_EQ(expect_columns_agree_with_rows(), 2);
  EXPECT_TRUE(store->check({}));
}

TEST_F(SqliteSealTest, AWriterThatBeginsInTheMiddleOfAChunkSealsAllOfIt) {
  fill(*open(), 7'000);
  const auto store = open();
  fill(*store, chunk_events, 7'000);
  EXPECT_EQ(chunks(), "0 sealed");
  EXPECT_EQ(expect_columns_agree_with_rows(), 1);
}

TEST_F(SqliteSealTest, WritersInTurnSealWhatBothWrote) {
  const auto first = open();
  const auto second = open();
  for (std::int64_t i = 0; i < 7; ++i) fill(i % 2 == 0 ? *first : *second, 5'000, i * 5'000);
  EXPECT_EQ(chunks(), "0 sealed, 1 sealed");
  EXPECT_EQ(expect_columns_agree_with_rows(), 2);
  EXPECT_TRUE(first->check({}));
}

TEST_F(SqliteSealTest, AColumnWithOneValueHasNoData) {
  append(*open(), chunk_events);
  EXPECT_EQ(chunks(), "0 sealed");
  SqliteConnection connection = raw();
  EXPECT_EQ(connection.integer("SELECT count(*) FROM columns WHERE key >> 40 < 32"), 1)
      << "the timestamps";
  EXPECT_EQ(connection.integer("SELECT count(*) FROM columns WHERE key >> 40 > 32"), 9);
  EXPECT_EQ(expect_columns_agree_with_rows(), 1);
}

TEST_F(SqliteSealTest, AWriterThatEndsAtOnceLeavesAChunkUntilTwoWait) {
  const auto complete = [&](std::int64_t chunk) {
    fill(*open(one_shot), chunk_events, chunk * chunk_events);
  };
  complete(0);
  EXPECT_EQ(chunks(), "0 open");
  EXPECT_EQ(raw().integer("SELECT (SELECT count(*) FROM columns) + (SELECT count(*) FROM grams)"),
            0);
  complete(1);
  EXPECT_EQ(chunks(), "0 sealed, 1 open");
  complete(2);
  EXPECT_EQ(chunks(), "0 sealed, 1 sealed, 2 open");
  EXPECT_EQ(expect_columns_agree_with_rows(), 2);
  EXPECT_TRUE(open({.read_only = true})->check({}));
}

TEST_F(SqliteSealTest, AWriterThatEndsAtOnceBesideOneThatLivesLeavesItsPartToIt) {
  const auto store = open();
  fill(*store, 5'000);
  fill(*open(one_shot), 5'000, 5'000);
  fill(*store, chunk_events - 10'000, 10'000);
  EXPECT_EQ(chunks(), "0 sealed");
  EXPECT_EQ(expect_columns_agree_with_rows(), 1);
}

// The name of a target that was rolled back is another's afterwards.
TEST_F(SqliteSealTest, ABatchThatFailsLeavesNothingOfTheChunkThatItCompleted) {
  const auto refusing = [&] {
    ASSERT_TRUE(open()->close());
    ASSERT_TRUE(raw(SqliteConnection::Mode::read_write)
                    .exec("CREATE TRIGGER refuse BEFORE INSERT ON events"
                          " WHEN NEW.summary = 'refused'"
                          " BEGIN SELECT raise(ABORT, 'refused'); END"));
  };
  refusing();
  const auto store = open();
  fill(*store, chunk_events - 2);
  std::vector<Event> events(3, various(1));
  events[0].target = "gone with the batch";
  events[2].summary = "refused";
  EXPECT_FALSE(store->insert_batch(std::vector<EventView>(events.begin(), events.end())));
  EXPECT_EQ(chunks(), "");
  EXPECT_EQ(raw().integer("SELECT (SELECT count(*) FROM columns) + (SELECT count(*) FROM grams)"),
            0);

  events[0].target = "here to stay";
  events[2].summary = "accepted";
  ASSERT_TRUE(store->insert_batch(std::vector<EventView>(events.begin(), events.end())));
  EXPECT_EQ(chunks(), "0 sealed");
  EXPECT_EQ(expect_columns_agree_with_rows(), 1);
  EXPECT_EQ(store->list({.search = "Here to stay", .total = TotalMode::exact})->total, 1);
  EXPECT_EQ(store->list({.search = "gone with", .total = TotalMode::exact})->total, 0);
}

TEST_F(SqliteSealTest, WhatWasPrunedInTheOpenChunkIsDeletedInTheSealedOne) {
  for (const bool by_another : {false, true}) {
    SCOPED_TRACE(by_another);
    path_ = scratch_ / (by_another ? "another.db" : "itself.db");
    const auto writer = open();
    fill(*writer, 10'000);
    const auto other = open();
    const std::int64_t pruned = (by_another ? other : writer)->prune_before(at(3'000)).value();
    EXPECT_GT(pruned, 2'900);
    EXPECT_EQ(chunks(), "");
    fill(*writer, chunk_events, 10'000);
    EXPECT_EQ(chunks(), "0 sealed with deletions");
    EXPECT_EQ(expect_columns_agree_with_rows(), 1);
    EXPECT_EQ(writer->list({})->total, 10'000 + chunk_events + 1 - pruned);
    EXPECT_TRUE(writer->check({}));
  }
}

// What the writer kept of its own events would not be what stands there.
TEST_F(SqliteSealTest, WhatAnotherProgramChangedInTheOpenChunkIsSealedAsItStands) {
  const auto store = open();
  fill(*store, 10'000);
  ASSERT_TRUE(raw(SqliteConnection::Mode::read_write)
                  .exec("UPDATE events SET duration_ms = -77, summary = 'CHANGED' WHERE id = 5;"
                        "DELETE FROM events WHERE id = 7"));
  fill(*store, chunk_events, 10'000);
  EXPECT_EQ(chunks(), "0 sealed with deletions");
  EXPECT_EQ(expect_columns_agree_with_rows(), 1);
}

TEST_F(SqliteSealTest, APruneMarksDeletionsAndLeavesTheColumnsAsTheyWere) {
  const auto store = open();
  fill(*store, chunk_events * 2);
  const auto columns = [&] {
    return raw().integer("SELECT count(*) || sum(length(data)) FROM columns").value();
  };
  const std::int64_t before = columns();
  ASSERT_TRUE(store->prune_before(at(12'000)));
  EXPECT_EQ(chunks(), "0 sealed with deletions, 1 sealed with deletions");
  EXPECT_EQ(columns(), before);
  SqliteConnection connection = raw();
  const ChunkMap map = read_chunk_map(connection).value();
  const auto sealed = SealedColumns::make(connection).value();
  auto exists = connection.prepare("SELECT count(*) FROM events WHERE id = ?1").value();
  for (const Chunk& chunk : map.chunks) {
    ASSERT_TRUE(sealed->move_to(chunk));
    for (std::size_t p = 0; p < chunk_positions; ++p) {
      exists.bind(1, chunk.first_id + static_cast<EventId>(p));
      ASSERT_TRUE(exists.step().value());
      ASSERT_EQ((*sealed->deleted())[p], exists.integer(0) == 0)
          << chunk.first_id + static_cast<EventId>(p);
      exists.reset();
    }
  }
  EXPECT_TRUE(store->check({}));
}

TEST_F(SqliteSealTest, AChunkThatIsPrunedWholeLeavesNoColumns) {
  const auto store = open();
  append(*store, chunk_events * 2);
  EXPECT_EQ(store->prune_before(at(chunk_events + 1)).value(), chunk_events);
  EXPECT_EQ(chunks(), "1 sealed");
  SqliteConnection connection = raw();
  EXPECT_EQ(connection.integer("SELECT count(*) FROM columns WHERE key & 0xFFFFFFFFFF = 0"), 0);
  EXPECT_EQ(connection.integer("SELECT count(*) FROM columns WHERE key & 0xFFFFFFFFFF = 1"), 10);
  EXPECT_EQ(connection.integer("SELECT group_concat(chunk) FROM grams"), 1);
  EXPECT_EQ(expect_columns_agree_with_rows(), 1);
}

TEST_F(SqliteSealTest, AChunkWithABoundThatNoRowMeetsLeavesNoColumnsWithItsLastEvent) {
  const auto store = open();
  append(*store, chunk_events);
  ASSERT_TRUE(raw(SqliteConnection::Mode::read_write)
                  .exec("UPDATE chunks SET max_timestamp = max_timestamp + 1000000000000"));
  EXPECT_EQ(store->prune_before(at(chunk_events + 1)).value(), chunk_events);
  EXPECT_EQ(chunks(), "");
  EXPECT_EQ(raw().integer("SELECT (SELECT count(*) FROM columns) + (SELECT count(*) FROM grams)"),
            0);
}

TEST_F(SqliteSealTest, DamagedColumnsAreCorruptAndNameTheRepair) {
  const auto store = open();
  fill(*store, chunk_events);
  const ListOpts by_agent{.agents = {"agent-3"}, .conversation_id = "c7"};
  const ListOpts by_text{.search = "needle", .total = TotalMode::exact};
  const ListOpts by_time{.since = at(100), .until = at(200)};
  const std::pair<std::string, ListOpts> damages[] = {
      {"UPDATE columns SET data = zeroblob(length(data)) WHERE key >> 40 = 37", by_agent},
      {"UPDATE columns SET data = substr(data, 2) WHERE key >> 40 = 5", by_agent},
      {"DELETE FROM columns WHERE key >> 40 = 10", by_agent},
      {"DELETE FROM columns WHERE key >> 40 = 42", by_agent},
      {"DELETE FROM columns WHERE key >> 40 = 1", by_time},
      {"UPDATE grams SET three = x'00'", by_text},
      {"DELETE FROM grams", by_text},
  };
  for (const auto& [sql, question] : damages) {
    SCOPED_TRACE(sql);
    ASSERT_TRUE(store->list(question));
    SqliteConnection connection = raw(SqliteConnection::Mode::read_write);
    ASSERT_TRUE(
        connection.exec("CREATE TABLE c AS SELECT * FROM columns;"
                        "CREATE TABLE g AS SELECT * FROM grams"));
    ASSERT_TRUE(connection.exec(sql));
    const auto answer = store->list(question);
    ASSERT_EQ(error_code(answer), ErrorCode::corrupt);
    EXPECT_NE(answer.error().message.find("agentaudit repair"), std::string::npos);
    ASSERT_TRUE(
        connection.exec("DELETE FROM columns; INSERT INTO columns SELECT * FROM c;"
                        "DELETE FROM grams; INSERT INTO grams SELECT * FROM g;"
                        "DROP TABLE c; DROP TABLE g"));
  }
}

}  // namespace
}  // namespace agentaudit
