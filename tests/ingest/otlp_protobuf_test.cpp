// The encoding of OTLP in protobuf: fields that are unknown, and messages that are damaged.
#include <gtest/gtest.h>

#include <protozero/pbf_writer.hpp>
#include <string>
#include <utility>
#include <vector>

#include "agentaudit/core/event_json.h"
#include "ingest/otlp_bodies.h"

namespace agentaudit {
namespace {

using nlohmann::json;
using protozero::pbf_writer;

// Fields that this version does not know, of each wire type.
void add_unknown(pbf_writer& writer, bool wanted) {
  if (!wanted) return;
  writer.add_uint64(1'000, 7);
  writer.add_fixed64(1'001, 7);
  writer.add_string(1'002, "new");
  writer.add_fixed32(1'003, 7);
}

void add_attribute(pbf_writer& owner, int tag, const std::string& key, const std::string& text,
                   bool unknown) {
  pbf_writer pair(owner, static_cast<protozero::pbf_tag_type>(tag));
  add_unknown(pair, unknown);
  pair.add_string(1, key);
  pbf_writer value(pair, 2);
  value.add_string(1, text);
  add_unknown(value, unknown);
}

// A list and a map, which stay what they are whatever follows them.
void add_containers(pbf_writer& owner, int tag, bool unknown) {
  for (const int kind : {5, 6}) {
    pbf_writer pair(owner, static_cast<protozero::pbf_tag_type>(tag));
    pair.add_string(1, "container " + std::to_string(kind));
    pbf_writer value(pair, 2);
    {
      pbf_writer container(value, static_cast<protozero::pbf_tag_type>(kind));
      add_unknown(container, unknown);
      pbf_writer item(container, 1);
      item.add_string(1, "one");
    }
    add_unknown(value, unknown);
  }
}

std::string span(const std::string& id, bool unknown = false) {
  std::string bytes;
  pbf_writer writer(bytes);
  add_unknown(writer, unknown);
  writer.add_bytes(1, std::string(16, 'a'));
  writer.add_bytes(2, id);
  writer.add_string(5, "work");
  writer.add_fixed64(7, 1'000);
  add_attribute(writer, 9, "gen_ai.operation.name", "execute_tool", unknown);
  add_containers(writer, 9, unknown);
  {
    pbf_writer event(writer, 11);
    add_unknown(event, unknown);
    event.add_string(2, "exception");
    add_attribute(event, 3, "exception.message", "no card", unknown);
  }
  pbf_writer status(writer, 15);
  add_unknown(status, unknown);
  status.add_int32(3, 2);
  return bytes;
}

std::string log_record(bool unknown) {
  std::string bytes;
  pbf_writer writer(bytes);
  writer.add_fixed64(1, 1'000);
  add_unknown(writer, unknown);
  add_attribute(writer, 6, "event.name", "codex.user_prompt", unknown);
  return bytes;
}

std::string body_of(const std::vector<std::string>& records, bool unknown = false) {
  std::string body;
  pbf_writer request(body);
  add_unknown(request, unknown);
  pbf_writer part(request, 1);
  add_unknown(part, unknown);
  {
    pbf_writer resource(part, 1);
    add_unknown(resource, unknown);
    add_attribute(resource, 1, "service.name", "shop", unknown);
  }
  pbf_writer scope(part, 2);
  add_unknown(scope, unknown);
  for (const std::string& record : records) scope.add_message(2, record);
  return body;
}

std::string json_of(const Result<OtlpBatch>& batch) {
  EXPECT_TRUE(batch);
  if (!batch || batch->events.size() != 1) return {};
  EXPECT_EQ(batch->rejected, 0);
  return to_json(batch->events[0].keyed.event);
}

TEST(OtlpProtobuf, FieldsThatItDoesNotKnowAreLeftOut) {
  const std::string id(8, 'b');
  const std::string plain =
      json_of(decode_otlp_traces(body_of({span(id)}), OtlpEncoding::protobuf));
  EXPECT_NE(plain.find("work: no card"), std::string::npos) << plain;
  EXPECT_NE(plain.find(R"(\"container 5\":[\"one\"])"), std::string::npos) << plain;
  EXPECT_EQ(json_of(decode_otlp_traces(body_of({span(id, true)}, true), OtlpEncoding::protobuf)),
            plain);
  EXPECT_EQ(json_of(decode_otlp_logs(body_of({log_record(true)}, true), OtlpEncoding::protobuf)),
            json_of(decode_otlp_logs(body_of({log_record(false)}), OtlpEncoding::protobuf)));
}

struct Damage {
  std::string bytes;
  std::string words;
};
const std::vector<Damage>& damages() {
  static const std::vector<Damage> all = {
      {"\x0a\x7f", "a field that ends beyond the end"},
      {"\x0f", "a field of a wire type that protobuf does not have"},
      {std::string(11, '\xff'), "a number of more than ten bytes"},
      {std::string("\0\0", 2), "a field with a number that protobuf does not have"}};
  return all;
}

TEST(OtlpProtobuf, ADamagedMessageIsOneBadRecordAndSaysWhy) {
  for (const Damage& damage : damages()) {
    const std::string body =
        body_of({span("one     "), span("two     ") + damage.bytes, span("three   ")});
    const auto batch = decode_otlp_traces(body, OtlpEncoding::protobuf);
    ASSERT_TRUE(batch) << batch.error().message;
    EXPECT_EQ(batch->events.size(), 2U);
    EXPECT_EQ(batch->rejected, 1);
    EXPECT_EQ(batch->reasons,
              std::vector<std::string>{"a message that is damaged: " + damage.words});
  }
}

TEST(OtlpProtobuf, ADamagedBodySaysWhyAndWhere) {
  const std::string sound = body_of({span("one     ")});
  for (const Damage& damage : damages()) {
    const auto batch = decode_otlp_traces(sound + damage.bytes, OtlpEncoding::protobuf);
    ASSERT_FALSE(batch);
    EXPECT_EQ(batch.error().code, ErrorCode::parse);
    EXPECT_EQ(batch.error().message, "no OTLP in protobuf: " + damage.words + " after byte " +
                                         std::to_string(sound.size()));
  }
}

TEST(OtlpProtobuf, ASignalIsRecognisedByTheFirstRecordThatTells) {
  std::string unknown;
  {
    pbf_writer writer(unknown);
    add_unknown(writer, true);
  }
  const auto signal = [](const std::vector<std::string>& records) {
    return recognise_otlp(body_of(records)).signal;
  };
  EXPECT_EQ(signal({unknown}), std::nullopt);
  EXPECT_EQ(signal({unknown + log_record(false)}), OtlpSignal::logs);
  EXPECT_EQ(signal({unknown, span("one     ")}), OtlpSignal::traces);
}

}  // namespace
}  // namespace agentaudit
