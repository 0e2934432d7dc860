#include "ingest/hook_summary.h"

#include <array>

#include "core/utf8.h"
#include "ingest/hook_fields.h"

namespace agentaudit {
namespace {

constexpr std::string_view ellipsis = "…";
// Of the input of a failed call, so that its error stays in sight.
constexpr std::size_t input_bytes_before_error_max = 80;

// What tells most about a tool's input, most telling first.
constexpr std::array<std::string_view, 16> telling_members = {
    "command", "file_path",   "filePath", "notebook_path", "path",  "url",    "query",   "pattern",
    "skill",   "description", "prompt",   "message",       "title", "script", "task_id", "name"};

std::string collapsed(std::string_view text, std::size_t bytes_max) {
  constexpr std::string_view white_space = " \t\r\n\v\f";
  std::string out;
  while (!text.empty()) {
    const std::size_t space = text.find_first_of(white_space);
    const std::string_view word = text.substr(0, space);
    if (!word.empty()) {
      if (!out.empty()) out += ' ';
      // Much more than fits need not be copied; the cut below makes it exact.
      out += word.substr(0, bytes_max + 1);
    }
    if (out.size() > bytes_max) break;
    text.remove_prefix(space == std::string_view::npos ? text.size() : space + 1);
  }
  if (out.size() <= bytes_max) return out;
  out.resize(utf8_prefix(out, bytes_max - ellipsis.size()).size());
  out += ellipsis;
  return out;
}

std::string told_object(const JsonValue& input) {
  for (const std::string_view name : telling_members) {
    const std::string_view text = input.string_at(name);
    if (!text.empty()) return std::string(text);
  }
  return input.members.empty() ? std::string() : std::string(input.raw);
}

// The telling part of a tool's input.
std::string told_input(const JsonValue& payload) {
  const JsonValue* const input = find_field(payload, HookField::input);
  if (input == nullptr || input->kind == JsonValue::Kind::array) return {};
  if (input->kind == JsonValue::Kind::object) return told_object(*input);
  if (input->kind != JsonValue::Kind::string) return std::string(input->raw);
  const auto nested = JsonDocument::parse(input->string);
  if (nested && nested->root().kind == JsonValue::Kind::object) return told_object(nested->root());
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
  if (!told.error.empty()) told.words = collapsed(told.words, input_bytes_before_error_max);
  return told;
}

}  // namespace

std::string one_line(std::string_view text) { return collapsed(text, hook_summary_bytes_max); }

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
