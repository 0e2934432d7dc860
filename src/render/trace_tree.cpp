#include "render/trace_tree.h"

#include <algorithm>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "agentaudit/core/names.h"
#include "render/figures.h"

namespace agentaudit {
namespace {

std::string_view parent_span_of(const TraceNode& node) {
  for (const Event* const event : {node.intent, node.effect}) {
    if (event != nullptr && !event->parent_span_id.empty()) return event->parent_span_id;
  }
  return {};
}

std::string_view span_of(const TraceNode& node) { return node.subject().span_id; }

bool is_earlier(const Event* a, const Event* b) {
  return std::tie(a->timestamp, a->id) < std::tie(b->timestamp, b->id);
}

// Adds an event to its node. Events come in time order.
void join_node(TraceNode& node, const Event& event) {
  const bool is_intent = event.status == status::pending;
  if (is_intent && node.intent == nullptr && node.effect == nullptr) {
    node.intent = &event;
    return;
  }
  if (!is_intent) {
    if (node.effect != nullptr) node.others.push_back(node.effect);
    node.effect = &event;
    return;
  }
  node.others.push_back(&event);
}

}  // namespace

const Event& TraceNode::subject() const noexcept {
  if (effect == nullptr) return *intent;
  const bool only_a_verdict = intent != nullptr && effect->category == category::approval &&
                              intent->category != category::approval;
  return only_a_verdict ? *intent : *effect;
}

bool TraceNode::is_approval() const noexcept { return subject().category == category::approval; }

Timestamp TraceNode::start() const noexcept {
  return intent != nullptr ? intent->timestamp : effect->timestamp;
}

std::optional<std::chrono::milliseconds> TraceNode::duration() const noexcept {
  if (effect == nullptr) return std::nullopt;
  if (effect->duration.count() != 0) return effect->duration;
  if (intent == nullptr) return std::nullopt;
  return elapsed(intent->timestamp, effect->timestamp);
}

TraceTree::TraceTree(std::span<const Event> events) {
  add_nodes(events);
  link_parents();
  hang_approvals_under_calls();
  cut_circles();
  sort_children();
}

void TraceTree::add_nodes(std::span<const Event> events) {
  std::vector<const Event*> in_order;
  in_order.reserve(events.size());
  for (const Event& event : events) in_order.push_back(&event);
  std::sort(in_order.begin(), in_order.end(), is_earlier);
  std::unordered_map<std::string_view, std::size_t> node_of_span;
  for (const Event* const event : in_order) {
    std::size_t index = nodes_.size();
    if (!event->span_id.empty()) index = node_of_span.emplace(event->span_id, index).first->second;
    if (index == nodes_.size()) nodes_.emplace_back();
    join_node(nodes_[index], *event);
  }
  for (TraceNode& node : nodes_) std::sort(node.others.begin(), node.others.end(), is_earlier);
}

void TraceTree::link_parents() {
  std::unordered_map<std::string_view, std::size_t> node_of_span;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (!span_of(nodes_[i]).empty()) node_of_span.emplace(span_of(nodes_[i]), i);
  }
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    const auto parent = node_of_span.find(parent_span_of(nodes_[i]));
    if (parent == node_of_span.end() || parent->second == i) continue;
    nodes_[i].parent = parent->second;
    nodes_[parent->second].children.push_back(i);
  }
}

// Several calls may name one approval (the same call made twice): the latest that began
// before it was asked, or else the first.
std::size_t TraceTree::call_asked_for(std::size_t approval) const {
  std::size_t found = TraceNode::none;
  for (const std::size_t child : nodes_[approval].children) {
    if (nodes_[child].is_approval()) continue;
    const bool before = nodes_[child].start() <= nodes_[approval].start();
    if (found == TraceNode::none || before) found = child;
  }
  return found;
}

void TraceTree::hang_approvals_under_calls() {
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (!nodes_[i].is_approval()) continue;
    const std::size_t call = call_asked_for(i);
    if (call == TraceNode::none) continue;
    for (const std::size_t child : nodes_[i].children) nodes_[child].parent = nodes_[i].parent;
    nodes_[i].parent = call;
    // Rebuilt from the parents in sort_children.
    nodes_[i].children.clear();
  }
}

void TraceTree::cut_circles() {
  enum class Mark : std::uint8_t { unseen, on_path, done };
  std::vector<Mark> marks(nodes_.size(), Mark::unseen);
  std::vector<std::size_t> path;
  for (std::size_t start = 0; start < nodes_.size(); ++start) {
    std::size_t at = start;
    while (at != TraceNode::none && marks[at] == Mark::unseen) {
      marks[at] = Mark::on_path;
      path.push_back(at);
      at = nodes_[at].parent;
    }
    if (at != TraceNode::none && marks[at] == Mark::on_path) nodes_[at].parent = TraceNode::none;
    for (const std::size_t node : path) marks[node] = Mark::done;
    path.clear();
  }
}

void TraceTree::sort_children() {
  for (TraceNode& node : nodes_) node.children.clear();
  std::vector<std::size_t> in_order(nodes_.size());
  for (std::size_t i = 0; i < in_order.size(); ++i) in_order[i] = i;
  std::sort(in_order.begin(), in_order.end(), [this](std::size_t a, std::size_t b) {
    return std::pair(nodes_[a].start(), a) < std::pair(nodes_[b].start(), b);
  });
  for (const std::size_t i : in_order) {
    const std::size_t parent = nodes_[i].parent;
    (parent == TraceNode::none ? roots_ : nodes_[parent].children).push_back(i);
  }
}

}  // namespace agentaudit
