// Requests that agents really sent: each recording says itself what must come of it.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include "agentaudit/core/limits.h"
#include "core/gzip.h"
#include "ingest/hook_recording.h"
#include "ingest/otlp_bodies.h"

namespace agentaudit {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

struct Recording {
  std::string folder;
  OtlpSignal signal;
};

std::string_view name_of(OtlpSignal signal) {
  return signal == OtlpSignal::logs ? "logs" : "traces";
}

fs::path folder_of(const Recording& recording) {
  return fs::path(AGENTAUDIT_SOURCE_DIR) / "tests/golden/otlp" / recording.folder;
}

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

// In the order in which they came, unzipped.
std::vector<std::string> bodies_of(const Recording& recording) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(folder_of(recording))) {
    const std::string name = entry.path().filename();
    if (name.find("-" + std::string(name_of(recording.signal)) + ".") != std::string::npos) {
      paths.push_back(entry.path());
    }
  }
  std::sort(paths.begin(), paths.end());
  EXPECT_FALSE(paths.empty());
  std::vector<std::string> bodies;
  for (const fs::path& path : paths) {
    std::string body = read(path);
    bodies.push_back(is_gzip(body) ? gunzip(body, limits::body_bytes_max).value() : body);
  }
  return bodies;
}

Result<OtlpBatch> decode(const Recording& recording, std::string_view body) {
  const OtlpEncoding encoding = recognise_otlp(body).encoding;
  return recording.signal == OtlpSignal::logs ? decode_otlp_logs(body, encoding)
                                              : decode_otlp_traces(body, encoding);
}

std::vector<KeyedEvent> events_of_bodies(const Recording& recording,
                                         const std::vector<std::string>& bodies) {
  OtlpAssembler assembler;
  for (const std::string& body : bodies) {
    auto batch = decode(recording, body);
    EXPECT_TRUE(batch);
    if (!batch) continue;
    EXPECT_EQ(batch->rejected, 0);
    assembler.add(std::move(*batch), {});
  }
  return flushed(assembler);
}

class OtlpRecording : public testing::TestWithParam<Recording> {};

TEST_P(OtlpRecording, GivesTheEventsThatItSays) {
  const auto events = events_of_bodies(GetParam(), bodies_of(GetParam()));
  const json expected = json::parse(read(folder_of(GetParam()) / "expected.json"));
  const json& signal = expected["signals"][std::string(name_of(GetParam().signal))];
  for (const json& check : signal["checks"]) {
    const auto found = std::count_if(events.begin(), events.end(), [&](const KeyedEvent& keyed) {
      return matches(keyed.event, check["match"]);
    });
    const json& count = check["count"];
    const json range = count.is_object() ? count : json{{"min", count}, {"max", count}};
    EXPECT_GE(found, range.value("min", 0)) << check;
    EXPECT_LE(found, range.value("max", 1'000)) << check;
  }
  const auto most = signal.value("should_max_events", signal["max_events"].get<std::size_t>());
  EXPECT_LE(events.size(), most);
  EXPECT_GT(events.size(), 0U);
}

TEST_P(OtlpRecording, HasAKeyForEachEvent) {
  auto events = events_of_bodies(GetParam(), bodies_of(GetParam()));
  std::vector<std::string> keys;
  for (const KeyedEvent& keyed : events) keys.push_back(keyed.origin_key);
  std::sort(keys.begin(), keys.end());
  EXPECT_EQ(std::adjacent_find(keys.begin(), keys.end()), keys.end());
}

TEST_P(OtlpRecording, GivesTheSameEventsWhenItIsSentTwice) {
  std::vector<std::string> bodies = bodies_of(GetParam());
  const auto once = events_of_bodies(GetParam(), bodies);
  for (std::size_t i = bodies.size(); i > 0; --i) {
    const std::string again = bodies[i - 1];
    bodies.insert(bodies.begin() + static_cast<std::ptrdiff_t>(i), again);
  }
  EXPECT_EQ(events_of_bodies(GetParam(), bodies), once);
}

// Those that a test can take apart.
class OtlpRecordingInJson : public OtlpRecording {};

TEST_P(OtlpRecordingInJson, IsTheSameInProtobuf) {
  for (const std::string& body : bodies_of(GetParam())) (void)decode_both(json::parse(body));
}

TEST_P(OtlpRecordingInJson, GivesTheSameEventsHoweverItsRecordsAreSpreadOverRequests) {
  std::vector<std::string> parts;
  const auto bodies = bodies_of(GetParam());
  const bool logs = GetParam().signal == OtlpSignal::logs;
  const char* const resources = logs ? "resourceLogs" : "resourceSpans";
  const char* const scopes = logs ? "scopeLogs" : "scopeSpans";
  const char* const records = logs ? "logRecords" : "spans";
  for (const std::string& body : bodies) {
    const json request = json::parse(body);
    for (const json& resource : request[resources]) {
      for (const json& scope : resource[scopes]) {
        for (const json& record : scope[records]) {
          json part{{"resource", resource["resource"]}};
          json inner{{"scope", scope["scope"]}};
          inner[records] = json::array({record});
          part[scopes] = json::array({inner});
          parts.push_back(json{{resources, json::array({part})}}.dump());
        }
      }
    }
  }
  const auto expected = events_of_bodies(GetParam(), bodies);
  std::mt19937 random(7);
  for (int round = 0; round < 5; ++round) {
    EXPECT_EQ(events_of_bodies(GetParam(), parts), expected);
    std::shuffle(parts.begin(), parts.end(), random);
  }
}

TEST_P(OtlpRecording, ThatIsCutAnywhereDoesNoHarm) {
  for (const std::string& body : bodies_of(GetParam())) {
    const std::size_t step = std::max<std::size_t>(1, body.size() / 150);
    for (std::size_t size = 0; size < body.size(); size += step) {
      const std::string_view cut = std::string_view(body).substr(0, size);
      const auto batch = decode(GetParam(), cut);
      EXPECT_TRUE(!batch || batch->events.size() <= static_cast<std::size_t>(batch->records));
      (void)recognise_otlp(cut);
    }
  }
}

const Recording claude_code_traces{"claude-code", OtlpSignal::traces};
const Recording claude_code_logs{"claude-code", OtlpSignal::logs};
const Recording codex_logs{"codex", OtlpSignal::logs};
const Recording langchain_traces{"openinference-langchain", OtlpSignal::traces};
const Recording traceloop_traces{"traceloop", OtlpSignal::traces};
const Recording vercel_traces{"vercel-split-batches", OtlpSignal::traces};

std::string test_name(const testing::TestParamInfo<Recording>& instance) {
  std::string name = instance.param.folder + std::string(name_of(instance.param.signal));
  std::erase(name, '-');
  return name;
}

INSTANTIATE_TEST_SUITE_P(OfClients, OtlpRecording,
                         testing::Values(claude_code_traces, claude_code_logs, codex_logs,
                                         langchain_traces, traceloop_traces, vercel_traces),
                         test_name);
INSTANTIATE_TEST_SUITE_P(OfClients, OtlpRecordingInJson,
                         testing::Values(claude_code_traces, claude_code_logs, langchain_traces,
                                         vercel_traces),
                         test_name);

}  // namespace
}  // namespace agentaudit
