// OpenIntents: which intents are open, following the trail in commit order.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <memory_resource>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "agentaudit/core/event.h"

namespace agentaudit {

struct Intent {
  std::int64_t timestamp_ns = 0;
  EventId id = 0;
  std::int64_t agent = 0;  // its id in `names`, where the asker wants to know
  bool approval = false;
};

// Takes hundreds of thousands, where agents never say how a call ended. Not thread-safe.
class OpenIntents {
 public:
  // `span` is a key, the same for the same span id, and must not be empty.
  void begin(std::string_view span, const Intent& intent);

  // An effect ends the intents of its own span, and the approvals that it descends
  // from: what was asked for happened, or was refused. An empty one is no span.
  void end(std::string_view span, std::string_view parent);

  // In no order.
  [[nodiscard]] std::vector<Intent> all() const;

 private:
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  struct Link {
    Intent intent{};
    bool open = false;
    std::size_t before = none;  // the place of another intent of the span, or of a free link
  };
  struct Hash {
    using is_transparent = void;
    // Not noexcept: the map then keeps the hashes, and need not read the spans to grow.
    std::size_t operator()(std::string_view span) const {
      return std::hash<std::string_view>()(span);
    }
  };
  using Places = std::pmr::unordered_map<std::pmr::string, std::size_t, Hash, std::equal_to<>>;
  static constexpr std::size_t seen_bits = std::size_t{1} << 24U;
  using Seen = std::bitset<seen_bits>;

  static std::size_t bit_of(std::string_view span) { return Hash()(span) % seen_bits; }

  template <typename Ended>
  void remove(std::string_view span, Ended ended);

  std::pmr::unsynchronized_pool_resource memory_;
  // By the key of its span: the intent that began last. Never destroyed, which would take
  // long; its memory goes with the resource.
  Places& newest_ = *std::pmr::polymorphic_allocator<>(&memory_).new_object<Places>();
  std::vector<Link> links_;
  std::size_t free_ = none;
  // Most spans begin no intent: this tells without a look into the map, which fits no cache.
  std::unique_ptr<Seen> seen_ = std::make_unique<Seen>();
};

// The oldest, at most `limit` of them, in their order.
void keep_oldest(std::vector<Intent>& intents, std::size_t limit);

}  // namespace agentaudit
