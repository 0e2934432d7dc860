#include <algorithm>
#include <ranges>
#include <string_view>

#include "agentaudit/core/names.h"
#include "render/figures.h"
#include "render/terminal_text.h"
#include "render/trace_tree.h"

namespace agentaudit {
namespace {

// Deeper levels are not indented further: a hostile trace could nest ten thousand.
constexpr std::size_t indented_levels_max = 24;
constexpr std::size_t offset_columns = 9;
constexpr std::size_t duration_columns = 11;
constexpr std::size_t status_columns = 7;
constexpr std::size_t category_columns = 9;
constexpr std::string_view gap = "  ";
constexpr std::string_view never_ended = "never ended";

// One line of the view.
struct Line {
  const TraceNode* node = nullptr;
  const Event* other = nullptr;  // set: one more event of the node's span
  std::string branches;
};

// The nodes depth first, without recursion, whose depth the events would choose.
std::vector<Line> lines_of(const TraceTree& tree) {
  struct Pending {
    std::size_t node;
    std::size_t level;
    std::string indent;  // of the node's children
    std::string branches;
  };
  std::vector<Line> lines;
  std::vector<Pending> stack;
  for (const std::size_t root : std::views::reverse(tree.roots())) {
    stack.push_back({.node = root, .level = 0, .indent = "", .branches = ""});
  }
  while (!stack.empty()) {
    const Pending at = std::move(stack.back());
    stack.pop_back();
    const TraceNode& node = tree.nodes()[at.node];
    lines.push_back({.node = &node, .other = nullptr, .branches = at.branches});
    for (const Event* const other : node.others) {
      const bool last = other == node.others.back() && node.children.empty();
      lines.push_back({&node, other, at.indent + (last ? "└─ " : "├─ ")});
    }
    for (auto child = node.children.rbegin(); child != node.children.rend(); ++child) {
      const bool last = child == node.children.rbegin();
      const bool deeper = at.level < indented_levels_max;
      stack.push_back({.node = *child,
                       .level = at.level + 1,
                       .indent = deeper ? at.indent + (last ? "   " : "│  ") : at.indent,
                       .branches = at.indent + (last ? "└─ " : "├─ ")});
    }
  }
  return lines;
}

std::string right_aligned(std::string_view text, std::size_t columns) {
  const std::size_t width = terminal_columns(text);
  std::string out(columns > width ? columns - width : 0, ' ');
  return out += text;
}

bool call_ran(const TraceNode& call) {
  return call.effect != nullptr && call.effect->category != category::approval &&
         call.effect->status != status::denied;
}

// What became of a request for approval. Where nobody recorded the answer, the fate of
// the call tells it.
std::string_view verdict(const TraceNode& approval, const TraceTree& tree) {
  if (approval.effect != nullptr) {
    const std::string_view answer = approval.effect->status;
    if (answer == status::ok) return "approved";
    return answer == status::denied ? "denied" : "failed";
  }
  if (approval.parent == TraceNode::none) return "never answered";
  const TraceNode& call = tree.nodes()[approval.parent];
  if (call_ran(call)) return "approved: the call ran";
  return call.effect != nullptr && call.effect->status == status::denied ? "denied"
                                                                         : "never answered";
}

struct Labels {
  std::string duration;
  Colour duration_colour = Colour::dim;
  std::string status;
  std::string text;
};

Labels labels_of(const Line& line, const TraceTree& tree) {
  const Event& event = line.other != nullptr ? *line.other : line.node->subject();
  Labels labels;
  labels.text = event.category;
  if (labels.text.size() < category_columns) labels.text.resize(category_columns, ' ');
  labels.text += gap;
  if (line.other != nullptr) {
    labels.status = event.status;
    if (event.duration.count() != 0) labels.duration = duration_text(event.duration);
  } else {
    const TraceNode& node = *line.node;
    labels.status = node.effect != nullptr ? node.effect->status : std::string(status::pending);
    const auto duration = node.duration();
    if (node.is_approval()) {
      labels.text += verdict(node, tree);
      labels.text += " · ";
    } else if (node.effect == nullptr) {
      labels.duration = never_ended;
      labels.duration_colour = Colour::red;
    }
    if (duration) labels.duration = duration_text(*duration);
  }
  labels.text += event.summary.empty() ? event.action : event.summary;
  return labels;
}

}  // namespace

std::string trace_view(const TraceTree& tree, TerminalStyle style) {
  std::string out;
  if (tree.roots().empty()) return out;
  const Timestamp start = tree.nodes()[tree.roots().front()].start();
  constexpr std::size_t left_columns =
      offset_columns + 2 + duration_columns + 2 + status_columns + 2;
  for (const Line& line : lines_of(tree)) {
    const Labels labels = labels_of(line, tree);
    const Timestamp at = line.other != nullptr ? line.other->timestamp : line.node->start();
    out += right_aligned("+" + duration_text(elapsed(start, at)), offset_columns);
    out += gap;
    append_coloured(out, right_aligned(labels.duration, duration_columns), labels.duration_colour,
                    style);
    out += gap;
    std::string status = cut_terminal_text(labels.status, status_columns);
    const std::size_t padding = status_columns - terminal_columns(status);
    append_coloured(out, status, status_colour(labels.status), style);
    out.append(padding + gap.size(), ' ');
    append_coloured(out, line.branches, Colour::dim, style);
    const std::size_t taken = left_columns + terminal_columns(line.branches);
    if (style.columns == 0) {
      append_terminal_text(out, labels.text);
    } else {
      out += cut_terminal_text(labels.text, style.columns > taken + 8 ? style.columns - taken : 8);
    }
    out += '\n';
  }
  return out;
}

}  // namespace agentaudit
