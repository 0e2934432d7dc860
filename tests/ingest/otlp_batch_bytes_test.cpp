#include "ingest/otlp_batch_bytes.h"

#include <gtest/gtest.h>

#include "ingest/otlp_bodies.h"

namespace agentaudit {
namespace {

using nlohmann::json;

// With something in every field that a batch can have.
OtlpBatch full_batch() {
  return decode_both(traces_request(
      {{.id = "2",
        .parent = "1",
        .name = "claude_code.tool",
        .attributes = {{"gen_ai.operation.name", "execute_tool"}, {"gen_ai.tool.name", "bash"}}},
       {.id = "1",
        .attributes = {{"gen_ai.operation.name", "invoke_agent"},
                       {"gen_ai.agent.name", "inner"},
                       {"gen_ai.conversation.id", "c"}}},
       {.id = "3",
        .parent = "2",
        .name = "claude_code.tool.execution",
        .status = 2,
        .message = "no such file"}}));
}

std::string bytes_of(const OtlpBatch& batch) {
  std::string bytes;
  append_otlp_batch(bytes, batch);
  return bytes;
}

std::vector<KeyedEvent> assembled(OtlpBatch batch) {
  OtlpAssembler assembler;
  assembler.add(std::move(batch), {});
  return assembler.flush();
}

TEST(OtlpBatchBytes, GiveTheSameEventsAsTheBatchItself) {
  const OtlpBatch batch = full_batch();
  ASSERT_FALSE(batch.events.empty());
  ASSERT_FALSE(batch.contexts.empty());
  auto read = read_otlp_batch(bytes_of(batch));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(bytes_of(*read), bytes_of(batch));
  EXPECT_EQ(assembled(std::move(*read)), assembled(full_batch()));
}

TEST(OtlpBatchBytes, AreRefusedWhereverTheyAreCut) {
  const std::string bytes = bytes_of(full_batch());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto read = read_otlp_batch(std::string_view(bytes).substr(0, size));
    ASSERT_FALSE(read) << size;
    EXPECT_EQ(read.error().code, ErrorCode::corrupt);
  }
  EXPECT_FALSE(read_otlp_batch(bytes + '\0'));
}

TEST(OtlpBatchBytes, OfAnotherFormAreRefused) {
  std::string bytes = bytes_of(full_batch());
  bytes[0] = 2;
  EXPECT_FALSE(read_otlp_batch(bytes));
}

TEST(OtlpBatchBytes, DoNotTakeMemoryForWhatTheyOnlyClaim) {
  std::string bytes(1, '\1');
  bytes += std::string(7, '\xff') + '\x7f';
  EXPECT_FALSE(read_otlp_batch(bytes));
}

}  // namespace
}  // namespace agentaudit
