// Bodies of OTLP requests to events, in one thread.
#include <string>

#include <protozero/pbf_reader.hpp>
#include <protozero/pbf_writer.hpp>

#include "agentaudit/ingest/otlp.h"
#include "groups.h"

namespace agentaudit::bench {
namespace {

using protozero::pbf_reader;
using protozero::pbf_wire_type;
using protozero::pbf_writer;

void add_attribute(pbf_writer& span, std::string_view key, std::string_view value) {
  pbf_writer pair(span, 9);
  pair.add_string(1, key.data(), key.size());
  pbf_writer(pair, 2).add_string(1, value.data(), value.size());
}

void add_attribute(pbf_writer& span, std::string_view key, std::int64_t value) {
  pbf_writer pair(span, 9);
  pair.add_string(1, key.data(), key.size());
  pbf_writer(pair, 2).add_int64(3, value);
}

// Messages as models are sent them: JSON text with escapes and some that is not ASCII.
std::string messages(std::size_t count) {
  std::string json = "[";
  for (std::size_t i = 0; i < count; ++i) {
    json += i == 0 ? "" : ",";
    json +=
        R"({"role":"user","parts":[{"type":"text","content":"Summarise \"report )" +
        std::to_string(i) +
        R"(\" in three sentences for the board.\nKeep figures exact; café prices stay in euros.)"
        R"( Where two sources differ, name both and say which one is newer."}]})";
  }
  return json + "]";
}

// One span of a batch as an agent's process sends it: half are model calls with their
// messages, a quarter tool calls, the rest what is around them.
void write_span(pbf_writer span, std::size_t number) {
  std::string id = std::to_string(10'000'000 + number);
  span.add_bytes(1, "trace-of-16-byte");
  span.add_bytes(2, id);
  span.add_bytes(4, number == 0 ? "" : "10000000");
  span.add_string(5, "span of an agent");
  span.add_enum(6, 1);
  span.add_fixed64(7, 1'764'000'000'000'000'000U + number * 1'000'000U);
  span.add_fixed64(8, 1'764'000'000'250'000'000U + number * 1'000'000U);
  add_attribute(span, "gen_ai.conversation.id", "6f1c2d52-41d3-4ea5-9e65-2a4a3f9d3b0e");
  add_attribute(span, "gen_ai.agent.name", "researcher");
  add_attribute(span, "user.id", "user-17");
  add_attribute(span, "deployment.ring", "canary");
  if (number % 4 < 2) {
    add_attribute(span, "gen_ai.operation.name", "chat");
    add_attribute(span, "gen_ai.provider.name", "acme");
    add_attribute(span, "gen_ai.request.model", "acme-large-2");
    add_attribute(span, "gen_ai.response.id", "resp_" + id);
    add_attribute(span, "gen_ai.usage.input_tokens", 1'843);
    add_attribute(span, "gen_ai.usage.output_tokens", 212);
    add_attribute(span, "gen_ai.input.messages", messages(16));
    add_attribute(span, "gen_ai.output.messages", messages(2));
  } else if (number % 4 == 2) {
    add_attribute(span, "gen_ai.operation.name", "execute_tool");
    add_attribute(span, "gen_ai.tool.name", "web_search");
    add_attribute(span, "gen_ai.tool.call.id", "call_" + id);
    add_attribute(span, "gen_ai.tool.call.arguments", R"({"query":"weather in Lisbon","limit":5})");
    add_attribute(span, "gen_ai.tool.call.result", std::string(1'500, 'r'));
  } else {
    add_attribute(span, "gen_ai.operation.name", "invoke_agent");
    add_attribute(span, "gen_ai.agent.description", std::string(200, 'd'));
  }
  pbf_writer(span, 15).add_int32(3, 1);
}

std::string request(std::size_t spans) {
  std::string body;
  {
    pbf_writer message(body);
    pbf_writer resource(message, 1);
    pbf_writer scope(resource, 2);
    for (std::size_t i = 0; i < spans; ++i) write_span(pbf_writer(scope, 2), i);
  }
  return body;
}

// Every field of every message, and one copy of all bytes that are no message: what
// cannot be spared where events are to own their text.
std::size_t copy_fields(pbf_reader message, int depth, std::string& out) {
  std::size_t fields = 0;
  while (message.next()) {
    ++fields;
    if (message.wire_type() != pbf_wire_type::length_delimited) {
      message.skip();
      continue;
    }
    const bool is_message = depth < 2 || (depth == 2 && message.tag() == 2) ||
                            (depth == 3 && message.tag() == 9) ||
                            (depth == 4 && message.tag() == 2);
    if (is_message) {
      fields += copy_fields(message.get_message(), depth + 1, out);
    } else {
      const auto view = message.get_view();
      out.append(view.data(), view.size());
    }
  }
  return fields;
}

}  // namespace

std::vector<Row> measure_ingest(const Settings& settings) {
  constexpr double goal_mb = 300;
  constexpr double bytes_per_mb = 1e6;
  const std::string body = request(512);
  const std::size_t rounds = settings.scaled(50);
  const double mb = static_cast<double>(body.size() * rounds) / bytes_per_mb;
  const auto decode = [&] {
    return mb / seconds_of([&] {
             for (std::size_t i = 0; i < rounds; ++i) {
               const auto batch = must(decode_otlp_traces(body, OtlpEncoding::protobuf));
               if (batch.events.size() != 512) give_up("a span is missing");
             }
           });
  };
  const auto floor = [&] {
    return mb / seconds_of([&] {
             for (std::size_t i = 0; i < rounds; ++i) {
               std::string out;
               if (copy_fields(pbf_reader(body.data(), body.size()), 0, out) == 0) give_up("empty");
             }
           });
  };
  return {compared("decode OTLP in protobuf to events (floor: copy its fields)", "MB/s",
                   settings.runs, decode, floor, value_at_least(goal_mb))};
}

}  // namespace agentaudit::bench
