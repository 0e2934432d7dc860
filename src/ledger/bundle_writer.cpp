#include "ledger/bundle_writer.h"

#include <string_view>

#include "agentaudit/core/event_json.h"
#include "core/bytes.h"
#include "core/hex.h"
#include "ledger/base64.h"

namespace agentaudit {
namespace {

void append_member(std::string& out, std::string_view name, std::string_view text) {
  append_json_string(out, name);
  out += ':';
  append_json_string(out, text);
}

void append_text(std::string& out, std::string_view name, const BundledText& text) {
  append_json_string(out, name);
  out += ":{";
  if (text.salt) {
    append_member(out, "salt", to_hex(view_of(*text.salt)));
  } else {
    append_member(out, "hidden", text.redacted ? "redacted" : "undisclosed");
    out += ',';
    append_member(out, "commitment", to_hex(view_of(text.commitment)));
  }
  out += '}';
}

void append_event(std::string& out, const BundledEvent& event) {
  out += R"({"event":)";
  append_json(out, event.event);
  out += ',';
  append_member(out, "recorded_at", event.recorded_at.to_string());
  out += ',';
  append_text(out, "summary", event.summary);
  out += ',';
  append_text(out, "detail", event.detail);
  out += ',';
  append_member(out, "entry", to_base64(entry_of(event)));
  out += R"(,"proof":[)";
  for (std::size_t i = 0; i < event.proof.size(); ++i) {
    if (i > 0) out += ',';
    append_json_string(out, to_base64(event.proof[i]));
  }
  out += "]}";
}

}  // namespace

std::string entry_of(const BundledEvent& event) {
  const auto commitment_to = [](const BundledText& text, std::string_view bytes) {
    return text.salt ? commitment(*text.salt, bytes) : text.commitment;
  };
  std::string entry;
  append_entry(entry, event.event, event.recorded_at,
               {.summary = commitment_to(event.summary, event.event.summary),
                .detail = commitment_to(event.detail, event.event.detail)});
  return entry;
}

std::string index_line(const Event& event) {
  std::string line = std::to_string(event.id) + "  " + event.timestamp.to_string();
  for (const std::string& field : {event.category, event.status, event.agent, event.summary}) {
    line += "  " + field;
  }
  return line;
}

std::string_view bundle_about() noexcept {
  return "Evidence of an agentaudit trail: events, and what proves that they are in it. Check "
         "it with `agentaudit verify FILE --key KEY`, or by hand: each `entry` (base64) is "
         "what docs/ledger.md of agentaudit says, its RFC 6962 leaf hash leads by `proof` to "
         "the root in `checkpoint`, a C2SP signed note. `query` and `created` are not proved.";
}

std::string to_json(const Bundle& bundle) {
  std::string out = "{";
  append_member(out, "format", bundle_format);
  out += ",\n";
  append_member(out, "about", bundle_about());
  out += ",\n\"index\":[";
  for (std::size_t i = 0; i < bundle.events.size(); ++i) {
    out += i > 0 ? ",\n" : "\n";
    append_json_string(out, index_line(bundle.events[i].event));
  }
  out += "],\n";
  append_member(out, "created", bundle.created.to_string());
  out += ",\n\"query\":" + (bundle.query.empty() ? "null" : bundle.query);
  out += ",\n\"tree\":{";
  append_member(out, "trail_id", bundle.trail_id);
  out += ",\"size\":" + std::to_string(bundle.size) + ',';
  append_member(out, "root", to_base64(bundle.root));
  out += "},\n\"checkpoint\":";
  if (bundle.checkpoint.empty()) {
    out += "null";
  } else {
    append_json_string(out, bundle.checkpoint);
  }
  out += ",\n\"events\":[";
  for (std::size_t i = 0; i < bundle.events.size(); ++i) {
    out += i > 0 ? ",\n" : "\n";
    append_event(out, bundle.events[i]);
  }
  out += "]}\n";
  return out;
}

}  // namespace agentaudit
