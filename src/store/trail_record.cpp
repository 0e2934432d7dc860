#include "store/trail_record.h"

#include <algorithm>

#include "agentaudit/core/event_json.h"
#include "agentaudit/core/names.h"
#include "core/json_value.h"

namespace agentaudit {
namespace {

// One record names so many bytes of ids; an event holds at most limits::event_bytes_max.
constexpr std::size_t id_bytes_max = 900'000;
// `1234567890-1234567890,`
constexpr std::size_t range_bytes_max = 22;

constexpr std::int64_t clock_step_ns = 1'000'000'000;

void append_names(std::string& json, std::string_view member,
                  const std::vector<std::string>& names) {
  if (names.empty()) return;
  json.append(",\"").append(member).append("\":");
  char before = '[';
  for (const std::string& name : names) {
    json += before;
    append_json_string(json, name);
    before = ',';
  }
  json += ']';
}

Event pruned_record(const PruneOpts& opts, const IdRanges& ids, std::string_view trail_id) {
  const std::string count = std::to_string(count_ids(ids));
  Event record = trail_record(action::pruned, opts.principal);
  record.summary = "pruned " + count + " events from before " + opts.cutoff.to_string();
  record.detail = R"({"cutoff":")" + opts.cutoff.to_string() + R"(","events":)" + count +
                  R"(,"ids":")" + to_text(ids) + R"(","trail":")" + std::string(trail_id) + '"';
  append_names(record.detail, "categories", opts.categories);
  append_names(record.detail, "exclude_categories", opts.exclude_categories);
  append_member(record.detail, "reason", opts.reason);
  record.detail += '}';
  return record;
}

}  // namespace

Event trail_record(std::string_view action, std::string_view principal) {
  Event record;
  record.timestamp = Timestamp::now();
  record.category = category::audit;
  record.action = action;
  record.agent = "agentaudit";
  record.source = "store";
  record.principal = principal;
  record.status = status::ok;
  return record;
}

IdRanges pruned_ids(const EventView& record, std::string_view trail_id) {
  const auto detail = JsonDocument::parse(record.detail);
  if (!detail || detail->root().string_at("trail") != trail_id) return {};
  auto ids = parse_id_ranges(detail->root().string_at("ids"));
  if (!ids || ids->empty() || ids->back().last >= record.id) return {};
  return std::move(*ids);
}

std::optional<ErasedTexts> redacted_texts(const EventView& record, std::string_view trail_id) {
  const auto detail = JsonDocument::parse(record.detail);
  if (!detail || detail->root().string_at("trail") != trail_id) return std::nullopt;
  const JsonValue* const id = detail->root().find("event");
  const JsonValue* const fields = detail->root().find("fields");
  if (id == nullptr || fields == nullptr) return std::nullopt;
  ErasedTexts erased{.id = id->to_int64().value_or(0)};
  for (const JsonValue& field : fields->items) {
    erased.summary = erased.summary || field.string == "summary";
    erased.detail = erased.detail || field.string == "detail";
  }
  if (erased.id >= record.id) return std::nullopt;
  return erased;
}

void append_member(std::string& json, std::string_view name, std::string_view text) {
  if (text.empty()) return;
  json += ',';
  append_json_string(json, name);
  json += ':';
  append_json_string(json, text);
}

bool is_set_back(Timestamp last, Timestamp now) noexcept {
  return last.ns() - now.ns() > clock_step_ns;
}

Event clock_record(Timestamp last, Timestamp now) {
  Event event = trail_record(action::clock);
  event.timestamp = now;
  event.status = status::error;
  event.summary = "the clock is at " + now.to_string() + ", and the last event was recorded at " +
                  last.to_string();
  event.detail = R"({"last":")" + last.to_string() + R"(","now":")" + now.to_string() + R"("})";
  return event;
}

std::vector<Event> pruned_records(const PruneOpts& opts, const IdRanges& ids,
                                  std::string_view trail_id) {
  constexpr std::size_t ranges_max = id_bytes_max / range_bytes_max;
  std::vector<Event> records;
  for (std::size_t first = 0; first < ids.size(); first += ranges_max) {
    const auto from = ids.begin() + static_cast<std::ptrdiff_t>(first);
    const auto some = static_cast<std::ptrdiff_t>(std::min(ranges_max, ids.size() - first));
    records.push_back(pruned_record(opts, IdRanges(from, from + some), trail_id));
  }
  return records;
}

}  // namespace agentaudit
