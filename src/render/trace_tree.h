// TraceTree: the events of one trace or conversation as a tree of what caused what.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "agentaudit/core/event.h"
#include "render/colour.h"

namespace agentaudit {

// One thing that was done. The events that share a span are one node: the intent (the
// first that is pending) and the effect (the last that is not). An event without a span
// is a node of its own.
struct TraceNode {
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  const Event* intent = nullptr;
  const Event* effect = nullptr;     // at least one of the two is set
  std::vector<const Event*> others;  // more events of the same span, in time order
  std::size_t parent = none;
  std::vector<std::size_t> children;  // in time order

  // The event that tells what was done: the effect, unless a verdict on the intent
  // (an approval) is all that ended it.
  [[nodiscard]] const Event& subject() const noexcept;
  [[nodiscard]] bool is_approval() const noexcept;
  [[nodiscard]] Timestamp start() const noexcept;
  // The time that it took: what the effect says, or the time since the intent.
  [[nodiscard]] std::optional<std::chrono::milliseconds> duration() const noexcept;
};

// Owns nothing: the events must outlive it. An approval hangs beneath the call that it
// was asked for, also where the call names it as its parent. Events whose parents are
// not among them, or make a circle, are roots; without any spans the tree is a list
// in time order.
class TraceTree {
 public:
  explicit TraceTree(std::span<const Event> events);

  [[nodiscard]] const std::vector<TraceNode>& nodes() const noexcept { return nodes_; }
  [[nodiscard]] const std::vector<std::size_t>& roots() const noexcept { return roots_; }

 private:
  void add_nodes(std::span<const Event> events);
  void link_parents();
  void hang_approvals_under_calls();
  void cut_circles();
  void sort_children();
  [[nodiscard]] std::size_t call_asked_for(std::size_t approval) const;

  std::vector<TraceNode> nodes_;
  std::vector<std::size_t> roots_;
};

// The tree as lines for people: offset from the start, duration, status, and the
// branches. Empty for a tree without nodes.
[[nodiscard]] std::string trace_view(const TraceTree& tree, TerminalStyle style);

}  // namespace agentaudit
