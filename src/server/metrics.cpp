#include "server/metrics.h"

#include <cstdio>

namespace agentaudit {
namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(Door::count)> door_names = {"http",
                                                                                            "otlp"};

void append_header(std::string& out, std::string_view name, std::string_view type,
                   std::string_view help) {
  out.append("# HELP ").append(name).append(" ").append(help).append("\n# TYPE ");
  out.append(name).append(" ").append(type).append("\n");
}

void append_gauge(std::string& out, std::string_view name, std::string_view help,
                  std::int64_t value) {
  append_header(out, name, "gauge", help);
  out.append(name).append(" ").append(std::to_string(value)).append("\n");
}

std::string text_of(double value) {
  std::array<char, 32> text{};
  const int bytes = std::snprintf(text.data(), text.size(), "%g", value);
  return {text.data(), static_cast<std::size_t>(bytes)};
}

}  // namespace

void Metrics::count_request(std::string_view route, int status) {
  const std::lock_guard guard(mutex_);
  ++requests_[{std::string(route), status}];
}

void Metrics::count_commit(std::chrono::nanoseconds latency) {
  const double seconds = std::chrono::duration<double>(latency).count();
  std::size_t bucket = 0;
  while (bucket < commit_bounds_s.size() && seconds > commit_bounds_s[bucket]) ++bucket;
  ++commits_[bucket];
  commit_ns_ += latency.count();
}

void Metrics::count_redacted(const RedactionReport& report) {
  if (report.is_clean()) return;
  const std::lock_guard guard(mutex_);
  redacted_.add(report);
}

std::string Metrics::text(const Gauges& gauges) const {
  std::string out;
  struct Counter {
    std::string_view name;
    std::string_view help;
    std::atomic<std::int64_t> DoorCounters::* value;
  };
  for (const Counter& counter :
       {Counter{"agentaudit_events_offered_total", "Events that came in.", &DoorCounters::offered},
        Counter{"agentaudit_events_durable_total", "Events that are committed and synced.",
                &DoorCounters::durable},
        Counter{"agentaudit_events_refused_total", "Events that are none.", &DoorCounters::refused},
        Counter{"agentaudit_events_repeated_total", "Events that had come before.",
                &DoorCounters::repeated},
        Counter{"agentaudit_events_dropped_total",
                "Events that the trail could not take; the client was told.",
                &DoorCounters::dropped}}) {
    append_header(out, counter.name, "counter", counter.help);
    for (std::size_t i = 0; i < doors_.size(); ++i) {
      out.append(counter.name).append("{door=\"").append(door_names[i]).append("\"} ");
      out.append(std::to_string((doors_[i].*counter.value).load())).append("\n");
    }
  }
  append_header(out, "agentaudit_commit_duration_seconds", "histogram",
                "How long it took to make a body's events durable.");
  std::int64_t commits = 0;
  for (std::size_t i = 0; i <= commit_bounds_s.size(); ++i) {
    commits += commits_[i].load();
    out += "agentaudit_commit_duration_seconds_bucket{le=\"";
    out += i < commit_bounds_s.size() ? text_of(commit_bounds_s[i]) : "+Inf";
    out += "\"} " + std::to_string(commits) + "\n";
  }
  out += "agentaudit_commit_duration_seconds_sum " +
         text_of(static_cast<double>(commit_ns_.load()) / 1e9) + "\n";
  out += "agentaudit_commit_duration_seconds_count " + std::to_string(commits) + "\n";
  append_header(out, "agentaudit_http_requests_total", "counter", "Requests that were answered.");
  {
    const std::lock_guard guard(mutex_);
    for (const auto& [of, count] : requests_) {
      out += "agentaudit_http_requests_total{route=\"" + of.first + "\",code=\"" +
             std::to_string(of.second) + "\"} " + std::to_string(count) + "\n";
    }
  }
  {
    const std::lock_guard guard(mutex_);
    append_header(out, "agentaudit_redacted_total", "counter",
                  "Secrets that were taken out of events.");
    for (const RedactionReport::Count& count : redacted_.found) {
      out.append("agentaudit_redacted_total{kind=\"").append(count.kind).append("\"} ");
      out.append(std::to_string(count.secrets)).append("\n");
    }
    append_header(out, "agentaudit_redaction_dropped_total", "counter",
                  "Texts that were dropped, too long to be searched for secrets.");
    out += "agentaudit_redaction_dropped_total " + std::to_string(redacted_.texts_dropped) + "\n";
  }
  append_gauge(out, "agentaudit_store_bytes", "Bytes of the trail's files.", gauges.store_bytes);
  append_gauge(out, "agentaudit_last_event_id", "The newest event's id.", gauges.last_id);
  append_gauge(out, "agentaudit_stream_clients", "Clients that follow the live stream.",
               static_cast<std::int64_t>(gauges.followers));
  append_gauge(out, "agentaudit_commit_queue_depth",
               "Requests whose events wait to be committed, or are being.",
               static_cast<std::int64_t>(gauges.commit_queue));
  append_gauge(out, "agentaudit_otlp_held_events",
               "OTLP events in memory, which wait for what completes them.",
               static_cast<std::int64_t>(gauges.otlp_held));
  return out;
}

}  // namespace agentaudit
