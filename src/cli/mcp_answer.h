// What a tool of the MCP server answers: text for a model and the same as JSON, both short,
// and both marked as data that nobody vouches for.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "agentaudit/core/event.h"
#include "agentaudit/core/result.h"

namespace agentaudit {

// Together less than 256 KiB as JSON, with what the protocol adds.
struct McpAnswer {
  static constexpr std::size_t text_bytes_max = 60U << 10U;  // twice that as JSON
  static constexpr std::size_t structured_bytes_max = 120U << 10U;
  // Of an event: beyond, a text is cut.
  static constexpr std::size_t detail_bytes_max = 4U << 10U;
  static constexpr std::size_t string_bytes_max = 1U << 10U;

  std::string text;
  std::string structured;  // a JSON object
};

// `data`, lines that are safe for a terminal, between two lines with a random text that whoever
// wrote the data could not know; `words` of our own follow. Lines beyond text_bytes_max are left
// out, with a word. Errors: io (no random bytes).
[[nodiscard]] Result<std::string> frame_untrusted(std::string_view data, std::string_view words);

// The event with each string cut; what was, is in `cut` with its length.
[[nodiscard]] Event shortened(const Event& event);
// The shortened event as JSON, with `"cut":{"detail":BYTES}` where something was cut. Bytes
// that are not UTF-8 are U+FFFD: many parsers refuse what stands for them elsewhere.
[[nodiscard]] std::string short_json(const Event& event);

// A text cut at a character, and with U+FFFD for what is not UTF-8.
[[nodiscard]] std::string short_text(std::string_view text, std::size_t bytes_max);

}  // namespace agentaudit
