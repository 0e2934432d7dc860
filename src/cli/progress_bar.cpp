#include "cli/progress_bar.h"

#include <algorithm>
#include <utility>

#include "cli/terminal.h"
#include "render/figures.h"

namespace agentaudit {
namespace {

constexpr std::int64_t bar_columns = 30;
constexpr std::string_view clear_line = "\r\x1b[K";

}  // namespace

ProgressBar::ProgressBar(Talk& talk, std::string label)
    : talk_(talk), label_(std::move(label)), shown_(is_terminal(talk.descriptor())) {}

ProgressBar::~ProgressBar() {
  if (drawn_) talk_.show(clear_line);
}

void ProgressBar::update(std::int64_t done, std::int64_t total) {
  const auto now = std::chrono::steady_clock::now();
  if (!shown_ || now < next_draw_) return;
  next_draw_ = now + std::chrono::milliseconds(100);
  drawn_ = true;
  std::string line(clear_line);
  line += label_ + "  ";
  if (total > 0) {
    const std::int64_t filled = std::clamp<std::int64_t>(
        static_cast<std::int64_t>(static_cast<double>(done) / static_cast<double>(total) *
                                  static_cast<double>(bar_columns)),
        0, bar_columns);
    for (std::int64_t i = 0; i < bar_columns; ++i) line += i < filled ? "█" : "░";
    line += "  " + count_text(done) + " of " + count_text(total);
  } else {
    line += count_text(done);
  }
  talk_.show(line);
}

}  // namespace agentaudit
