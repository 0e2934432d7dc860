// ClickhousePartReader: asks a server which parts a fleet's events are in, before and after a
// question.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

#include "agentaudit/core/result.h"
#include "store/clickhouse_client.h"
#include "store/clickhouse_cube.h"
#include "store/clickhouse_parts.h"
#include "store/clickhouse_sums.h"

namespace agentaudit {

// One for a store, whose questions share what it knows. Safe from any thread. The client must
// outlive it.
class ClickhousePartReader {
 public:
  // Beyond these there is no telling.
  struct Limits {
    std::size_t parts = 10'000;
    std::size_t ranges = 200'000;   // trails in parts, of which it keeps the least and greatest id
    std::size_t names = 500'000;    // in parts, of which it keeps the counts
    std::size_t cells = 2'500'000;  // of cubes, 80 MB
    std::int64_t cube_rows = 60'000'000;  // that it reads for them, some 4 million a second
    // Questions that are answered without cubes at first: that is faster where no more come.
    int questions_before_cubes = 1;
  };
  // What several readers keep together, which `names` and `cells` bound. Thread-safe.
  struct Shared {
    std::atomic<std::size_t> names = 0;
    std::atomic<std::size_t> cells = 0;
  };
  explicit ClickhousePartReader(const ClickhouseClient& client)
      : ClickhousePartReader(client, Limits()) {}
  ClickhousePartReader(const ClickhouseClient& client, const Limits& limits,
                       std::shared_ptr<Shared> shared = std::make_shared<Shared>())
      : client_(client), limits_(limits), shared_(std::move(shared)) {}
  ClickhousePartReader(const ClickhouseClient& client, std::shared_ptr<Shared> shared)
      : ClickhousePartReader(client, Limits(), std::move(shared)) {}

  [[nodiscard]] std::shared_ptr<Shared> shared() const { return shared_; }

  // The parts, where no row of the client's trails can be in two of them; none: it may, or
  // there is no telling, as of a table that is distributed or replicated, whose parts are of
  // many servers. Errors: those of ClickhouseClient::query, of which those that stay (no
  // permission, another server's columns) are none here: there is no telling then.
  [[nodiscard]] Result<std::optional<ClickhousePartList>> distinct(const std::stop_token& stop);
  // Whether what was asked since `before`, an answer of distinct, saw each row once as well.
  [[nodiscard]] Result<bool> is_still_distinct(const ClickhousePartList& before,
                                               const std::stop_token& stop);
  using Of = ClickhouseSums::Of;
  // What the rows of the client's trails in these parts, an answer of distinct, add up to. Parts
  // that it does not know are read. None: one of them is gone, or there are too many names.
  // Errors: those of distinct.
  [[nodiscard]] Result<std::optional<ClickhouseSums>> sums(const ClickhousePartList& parts, Of of,
                                                           const std::stop_token& stop);
  // The cubes of these parts likewise; together they have every row once. None besides: another
  // question reads them now, or they could not be read. Errors: cancelled.
  [[nodiscard]] Result<std::optional<ClickhouseCubes>> cubes(const ClickhousePartList& parts,
                                                             const std::stop_token& stop);

 private:
  // What is kept of parts, all but the flag guarded by mutex_.
  template <typename Value>
  struct Kept {
    Kept(ClickhousePartMap<Value> map, std::atomic<std::size_t>& of_all)
        : parts(std::move(map)), all(of_all) {}
    Kept(const Kept&) = delete;
    Kept& operator=(const Kept&) = delete;
    ~Kept() { all -= size; }
    void measure();

    ClickhousePartMap<Value> parts;
    std::atomic<std::size_t>& all;  // of its size, in all readers
    std::size_t size = 0;
    std::atomic<bool> is_too_much = false;  // for good
  };
  [[nodiscard]] Result<ClickhousePartList> list(const std::stop_token& stop);
  [[nodiscard]] Result<void> learn(const ClickhousePartList& unknown, const std::stop_token& stop);
  // Calls `use` with what is known of each part, for which `read` asks where it is not yet; false:
  // a part is gone, or what is kept would be larger than `size_max`.
  template <typename Value, typename Read, typename Use>
  [[nodiscard]] Result<bool> each(Kept<Value>& kept, const ClickhousePartList& parts,
                                  std::size_t size_max, const Read& read, const Use& use,
                                  const std::stop_token& stop);
  template <typename Value>
  using ByPart = std::map<std::string, Value, std::less<>>;
  [[nodiscard]] Result<void> read_sums(const ClickhousePartList& parts, Of of,
                                       ByPart<ClickhouseSums>& sums,
                                       const std::stop_token& stop) const;
  class CubeTurn;
  using Cube = std::shared_ptr<const ClickhouseCube>;
  [[nodiscard]] Result<void> read_cubes(const ClickhousePartList& parts, ByPart<Cube>& cubes,
                                        const std::stop_token& stop) const;
  [[nodiscard]] std::string where_in(const ClickhousePartList& parts) const;

  const ClickhouseClient& client_;
  const Limits limits_;
  const std::shared_ptr<Shared> shared_;
  std::atomic<bool> is_blind_ = false;  // for good
  std::atomic<int> questions_of_cubes_ = 0;
  std::mutex mutex_;
  // Guarded by mutex_:
  ClickhouseParts parts_;
  bool is_reading_cubes_ = false;
  std::condition_variable has_read_cubes_;
  Kept<ClickhouseSums> sums_{make_clickhouse_part_sums(), shared_->names};
  Kept<ClickhouseSums> extents_{make_clickhouse_part_sums(), shared_->names};  // without names
  Kept<Cube> cubes_{make_clickhouse_part_cubes(), shared_->cells};
};

}  // namespace agentaudit
