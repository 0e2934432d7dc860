// ClickhouseSlice: what a question that narrows by names and time is about in a fleet's cubes.
// Pure.
#pragma once

#include <memory>
#include <vector>

#include "store/clickhouse_cube.h"
#include "store/clickhouse_sums.h"

namespace agentaudit {

// Hours that the question takes whole come from the cubes; where it begins or ends within one, its
// events in that hour have to be read. Not thread-safe.
class ClickhouseSlice {
 public:
  using Window = ClickhouseCube::Window;

  ClickhouseSlice(ClickhouseCubes cubes, ClickhouseCube::Filter filter, const Window& whole);

  // Times, at most two, whose events that meet the filters belong into edge().
  [[nodiscard]] const std::vector<Window>& edges() const noexcept { return edges_; }
  [[nodiscard]] ClickhouseCube& edge() noexcept { return *edge_; }

  [[nodiscard]] ClickhouseSums sums() const;
  // Calls `work` with the status and each cell.
  template <typename Work>
  void for_each(const Work& work) const {
    for (const auto& cube : cubes_) cube->for_each(filter_, inner_, work);
    edge_->for_each(filter_, Window(), work);
  }

 private:
  [[nodiscard]] bool is_cut(std::int64_t time_ns) const;

  ClickhouseCubes cubes_;
  ClickhouseCube::Filter filter_;
  Window inner_;  // what comes from cubes_
  std::vector<Window> edges_;
  std::unique_ptr<ClickhouseCube> edge_ = std::make_unique<ClickhouseCube>();
};

}  // namespace agentaudit
