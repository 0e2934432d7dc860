#include "agentaudit/render/answer_json.h"

#include <utility>

#include "core/trail_of.h"
#include "render/json_writer.h"

namespace agentaudit {
namespace {

void write_events(std::string& out, JsonWriter& json, const std::vector<Event>& events,
                  const std::vector<std::string>& trails = {}) {
  json.name("events");
  json.open('[');
  for (std::size_t i = 0; i < events.size(); ++i) {
    json.separate();
    append_json(out, events[i], trail_of(trails, i));
  }
  json.close(']');
}

void write_counts(JsonWriter& json, std::string_view name, const std::vector<NameCount>& counts) {
  json.name(name);
  json.open('{');
  for (const NameCount& count : counts) json.member(std::string_view(count.name), count.count);
  json.close('}');
}

void write_instant(JsonWriter& json, std::string_view name,
                   const std::optional<Timestamp>& instant) {
  json.name(name);
  if (instant) {
    json.value(*instant);
  } else {
    json.null();
  }
}

void write_conversation(JsonWriter& json, const Conversation& conversation) {
  json.open('{');
  json.member("conversation_id", std::string_view(conversation.conversation_id));
  json.member("events", conversation.events);
  json.member("errors", conversation.errors);
  json.member("denied", conversation.denied);
  json.member("pending", conversation.pending);
  json.member("first", conversation.first);
  json.member("last", conversation.last);
  json.name("agents");
  json.open('[');
  for (const std::string& agent : conversation.agents) json.value(std::string_view(agent));
  json.close(']');
  json.close('}');
}

void write_milliseconds(JsonWriter& json, std::string_view name,
                        const std::optional<DurationQuantiles>& duration,
                        std::chrono::milliseconds DurationQuantiles::* quantile) {
  json.name(name);
  if (duration) {
    json.value(static_cast<std::int64_t>(((*duration).*quantile).count()));
  } else {
    json.null();
  }
}

void write_group(JsonWriter& json, const Group& group) {
  json.open('{');
  json.member("name", std::string_view(group.name));
  json.member("events", group.events);
  json.member("errors", group.errors);
  json.member("denied", group.denied);
  json.member("pending", group.pending);
  json.member("first", group.first);
  json.member("last", group.last);
  write_milliseconds(json, "p50_ms", group.duration, &DurationQuantiles::p50);
  write_milliseconds(json, "p95_ms", group.duration, &DurationQuantiles::p95);
  write_milliseconds(json, "max_ms", group.duration, &DurationQuantiles::max);
  json.close('}');
}

}  // namespace

void append_json(std::string& out, const Event& event, std::string_view trail) {
  append_json(out, event);
  if (trail.empty()) return;
  out.back() = ',';
  out += R"("trail":)";
  append_json_string(out, trail);
  out += '}';
}

void append_json(std::string& out, const ListResult& result) {
  JsonWriter json(out);
  json.open('{');
  write_events(out, json, result.events, result.trails);
  json.member("total", result.total);
  json.member("total_exact", result.total_exact);
  json.member("limit", result.limit);
  json.member("offset", result.offset);
  json.member("next_cursor", std::string_view(result.next_cursor));
  json.close('}');
}

void append_json(std::string& out, const Stats& stats) {
  JsonWriter json(out);
  json.open('{');
  json.member("total", stats.total);
  json.member("events_last_hour", stats.events_last_hour);
  write_instant(json, "first", stats.first);
  write_instant(json, "last", stats.last);
  write_counts(json, "by_category", stats.by_category);
  write_counts(json, "by_status", stats.by_status);
  write_counts(json, "by_agent", stats.by_agent);
  write_counts(json, "by_source", stats.by_source);
  write_counts(json, "by_target", stats.by_target);
  json.name("histogram");
  json.separate();
  append_json(out, stats.histogram);
  json.close('}');
}

void append_json(std::string& out, const std::vector<HistogramBucket>& histogram) {
  JsonWriter json(out);
  json.open('[');
  for (const HistogramBucket& bucket : histogram) {
    json.open('{');
    json.member("start", bucket.start);
    json.member("total", bucket.total);
    json.member("errors", bucket.errors);
    json.member("denied", bucket.denied);
    json.member("pending", bucket.pending);
    json.close('}');
  }
  json.close(']');
}

void append_json(std::string& out, const GroupsResult& result) {
  JsonWriter json(out);
  json.open('{');
  json.name("groups");
  json.open('[');
  for (const Group& group : result.groups) write_group(json, group);
  json.close(']');
  json.member("total", result.total);
  json.member("events", result.events);
  json.member("limit", result.limit);
  json.close('}');
}

void append_json(std::string& out, const ConversationsResult& result) {
  JsonWriter json(out);
  json.open('{');
  json.name("conversations");
  json.open('[');
  for (const Conversation& conversation : result.conversations) {
    write_conversation(json, conversation);
  }
  json.close(']');
  json.member("total", result.total);
  json.member("limit", result.limit);
  json.member("offset", result.offset);
  json.close('}');
}

void append_json(std::string& out, const OpenIntentsResult& result) {
  JsonWriter json(out);
  json.open('{');
  write_events(out, json, result.events, result.trails);
  json.member("total", result.total);
  write_counts(json, "by_agent", result.by_agent);
  json.close('}');
}

void append_json(std::string& out, const Verification& result) {
  JsonWriter json(out);
  json.open('{');
  json.member("verdict", to_string(result.verdict));
  json.member("level", to_string(result.level));
  json.member("trail_id", std::string_view(result.trail_id));
  json.member("events", result.events);
  json.member("pruned", result.pruned);
  json.member("redacted", result.redacted);
  json.member("absent", result.absent);
  json.member("waiting", result.waiting);
  json.member("leaves", result.leaves);
  json.member("root", std::string_view(result.root));
  json.member("sealed", result.sealed);
  for (const auto& [name, findings] : {std::pair("integrity", &result.integrity),
                                       std::pair("completeness", &result.completeness)}) {
    json.name(name);
    json.open('{');
    json.member("total", findings->total);
    json.name("findings");
    json.open('[');
    for (const VerifyFinding& finding : findings->first) {
      json.open('{');
      if (finding.id != 0) json.member("id", std::int64_t{finding.id});
      json.member("what", std::string_view(finding.what));
      json.close('}');
    }
    json.close(']');
    json.close('}');
  }
  json.close('}');
}

void append_json(std::string& out, const FleetTrail& trail) {
  JsonWriter json(out);
  json.open('{');
  json.member("trail", std::string_view(trail.trail_id));
  json.member("state", state_of(trail));
  json.member("events", trail.events);
  json.member("missing", trail.missing);
  json.member("last_id", std::int64_t{trail.last_id});
  json.member("first", std::string_view(trail.first.to_string()));
  json.member("last", std::string_view(trail.last.to_string()));
  json.member("last_recorded", std::string_view(trail.last_recorded.to_string()));
  json.member("checkpoint_size", trail.checkpoint_size);
  json.member("forked", trail.forked);
  json.member("silent", trail.silent);
  json.close('}');
}

}  // namespace agentaudit
