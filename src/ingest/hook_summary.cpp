#include "ingest/hook_summary.h"

#include "ingest/hook_fields.h"
#include "ingest/one_line.h"

namespace agentaudit {
namespace {

// Of the input of a failed call, so that its error stays in sight.
constexpr std::size_t input_bytes_before_error_max = 80;

// The telling part of a tool's input.
std::string told_input(const JsonValue& payload) {
  const JsonValue* const input = find_field(payload, HookField::input);
  if (input == nullptr || input->kind == JsonValue::Kind::array) return {};
  if (input->kind == JsonValue::Kind::object) return telling_part(*input);
  if (input->kind != JsonValue::Kind::string) return std::string(input->raw);
  const auto nested = JsonDocument::parse(input->string);
  if (nested && nested->root().kind == JsonValue::Kind::object) return telling_part(nested->root());
  return input->string;
}

// What a call was asked to do, and what went wrong: of each at most one.
struct Told {
  std::string words;
  std::string_view error;
};

Told tell(const JsonValue& payload, const HookSummaryOptions& options) {
  Told told;
  if (options.failed) told.error = find_text(payload, HookField::error_text);
  if (options.is_call) told.words = told_input(payload);
  // An error speaks for itself where there is no input to go with it.
  if (told.words.empty() && told.error.empty()) {
    told.words = find_text(payload, HookField::words);
  }
  if (!told.error.empty()) told.words = one_line(told.words, input_bytes_before_error_max);
  return told;
}

}  // namespace

std::string hook_summary(const JsonValue& payload, const HookSummaryOptions& options) {
  std::string summary(options.target.empty() ? options.event_name : options.target);
  const auto add = [&](std::string_view text) {
    if (text.empty()) return;
    if (!summary.empty()) summary += ": ";
    summary += text;
  };
  // A target that is no tool says who or what; the hook's name says what happened.
  if (!options.is_call && !options.target.empty()) add(options.event_name);

  const Told told = tell(payload, options);
  add(told.words);
  add(told.error);
  return one_line(summary);
}

}  // namespace agentaudit
