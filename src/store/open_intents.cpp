#include "store/open_intents.h"

#include <algorithm>
#include <utility>

namespace agentaudit {

void OpenIntents::begin(std::string_view span, const Intent& intent) {
  seen_->set(bit_of(span));
  auto found = newest_.find(span);
  if (found == newest_.end()) found = newest_.emplace(span, none).first;
  std::size_t place = free_;
  if (place == none) {
    place = links_.size();
    links_.emplace_back();
  } else {
    free_ = links_[place].before;
  }
  links_[place] = {.intent = intent, .open = true, .before = found->second};
  found->second = place;
}

void OpenIntents::end(std::string_view span, std::string_view parent) {
  remove(span, [](const Intent& /*intent*/) { return true; });
  remove(parent, [](const Intent& intent) { return intent.approval; });
}

std::vector<Intent> OpenIntents::all() const {
  std::vector<Intent> all;
  for (const Link& link : links_) {
    if (link.open) all.push_back(link.intent);
  }
  return all;
}

template <typename Ended>
void OpenIntents::remove(std::string_view span, Ended ended) {
  if (span.empty() || !seen_->test(bit_of(span))) return;
  const auto found = newest_.find(span);
  if (found == newest_.end()) return;
  for (std::size_t* place = &found->second; *place != none;) {
    Link& link = links_[*place];
    if (!ended(link.intent)) {
      place = &link.before;
      continue;
    }
    const std::size_t freed = std::exchange(*place, link.before);
    link = {.before = std::exchange(free_, freed)};
  }
  if (found->second == none) newest_.erase(found);
}

void keep_oldest(std::vector<Intent>& intents, std::size_t limit) {
  const auto end = intents.begin() + static_cast<std::ptrdiff_t>(std::min(limit, intents.size()));
  std::partial_sort(intents.begin(), end, intents.end(), [](const Intent& a, const Intent& b) {
    return std::pair(a.timestamp_ns, a.id) < std::pair(b.timestamp_ns, b.id);
  });
  intents.erase(end, intents.end());
}

}  // namespace agentaudit
