// import of OpenTelemetry requests.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/agentaudit_process.h"
#include "store/is_installed.h"

namespace agentaudit {
namespace {

namespace fs = std::filesystem;

const fs::path golden = fs::path(AGENTAUDIT_SOURCE_DIR) / "tests/golden/otlp";
// Beside this repository, where there is more of them.
const fs::path samples = fs::path(AGENTAUDIT_SOURCE_DIR) / "../shared/samples";

std::vector<std::string> files_in(const fs::path& folder, std::string_view name_part) {
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().filename().native().find(name_part) != std::string::npos) {
      files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

Finished import(const TrailDirectory& directory, const std::string& format,
                const std::vector<std::string>& files) {
  std::vector<std::string> arguments = {"import", "--format", format};
  arguments.insert(arguments.end(), files.begin(), files.end());
  return directory.run(arguments);
}

std::int64_t count_of(const TrailDirectory& directory, const std::string& category) {
  const auto stats = nlohmann::json::parse(directory.run({"stats", "--json"}).out);
  return stats["by_category"].value(category, std::int64_t{0});
}

TEST(OtlpImport, TakesProtobufJsonAndGzip) {
  const TrailDirectory directory;
  const Finished protobuf =
      import(directory, "otlp-traces", files_in(golden / "traceloop", "-traces"));
  EXPECT_EQ(protobuf.status, 0) << protobuf.err;
  EXPECT_NE(protobuf.err.find("imported 24 events"), std::string::npos) << protobuf.err;
  EXPECT_EQ(count_of(directory, "tool_call"), 3);
  const Finished gzip =
      import(directory, "otlp-traces", files_in(golden / "openinference-langchain", "-traces"));
  EXPECT_EQ(gzip.status, 0) << gzip.err;
  EXPECT_EQ(count_of(directory, "tool_call"), 3 + 12);
  const Finished logs = import(directory, "otlp-logs", files_in(golden / "codex", "-logs"));
  EXPECT_EQ(logs.status, 0) << logs.err;
  EXPECT_EQ(count_of(directory, "tool_call"), 3 + 12 + 3);
}

TEST(OtlpImport, JoinsTheFilesOfOneTraceAndTakesARepeatedOneOnce) {
  const TrailDirectory directory;
  auto files = files_in(golden / "vercel-split-batches", "-traces");
  const auto again = files;
  files.insert(files.end(), again.begin(), again.end());
  const Finished imported = import(directory, "otlp-traces", files);
  EXPECT_EQ(imported.status, 0) << imported.err;
  EXPECT_NE(imported.err.find("imported 27 events, passed over 27 repetitions"), std::string::npos)
      << imported.err;
  EXPECT_EQ(count_of(directory, "tool_call"), 7);
}

TEST(OtlpImport, PassesOverOtherSignalsWithAWord) {
  const TrailDirectory directory;
  const Finished imported =
      import(directory, "otlp-traces", files_in(golden / "claude-code", "000"));
  EXPECT_EQ(imported.status, 0) << imported.err;
  EXPECT_NE(imported.err.find("0002-metrics.json: passed over: it holds OTLP metrics"),
            std::string::npos)
      << imported.err;
  EXPECT_NE(imported.err.find("--format otlp-logs takes them"), std::string::npos);
  EXPECT_GT(count_of(directory, "tool_call"), 0);
}

TEST(OtlpImport, ReadsStandardInput) {
  const TrailDirectory directory;
  const std::string body =
      R"({"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"0000000000000000000000000000000a",)"
      R"("spanId":"000000000000000b","attributes":[{"key":"gen_ai.operation.name",)"
      R"("value":{"stringValue":"chat"}}]},{"traceId":"1"}]}]}]})";
  const Finished imported = directory.run({"import", "--format", "otlp-traces", "-"}, body);
  EXPECT_EQ(imported.status, 1);
  EXPECT_NE(imported.err.find("imported 1 event, refused 1 record"), std::string::npos)
      << imported.err;
  EXPECT_NE(imported.err.find("a span without a trace id"), std::string::npos) << imported.err;
}

TEST(OtlpImport, RefusesAFileThatIsNoneAndGoesOn) {
  const TrailDirectory directory;
  const auto bad = directory.file("bad.pb", "nonsense");
  const auto bomb = directory.file("bad.gz", "\x1f\x8b and no more");
  auto files = files_in(golden / "traceloop", "-traces");
  files.insert(files.begin(), {bad.native(), bomb.native()});
  const Finished imported = import(directory, "otlp-traces", files);
  EXPECT_EQ(imported.status, 1);
  EXPECT_NE(imported.err.find("bad.pb: no OTLP in protobuf"), std::string::npos) << imported.err;
  EXPECT_NE(imported.err.find("bad.gz: gzip that is"), std::string::npos) << imported.err;
  EXPECT_NE(imported.err.find("imported 24 events, refused 2 files"), std::string::npos);
}

TEST(OtlpImport, RefusesABodyThatIsLongerThanAnyAndGoesOn) {
  const TrailDirectory directory;
  const auto huge = directory.file("huge.json", "{");
  fs::resize_file(huge, (16U << 20U) + 1);
  auto files = files_in(golden / "traceloop", "-traces");
  files.insert(files.begin(), huge.native());
  const Finished imported = import(directory, "otlp-traces", files);
  EXPECT_EQ(imported.status, 1);
  EXPECT_NE(
      imported.err.find("huge.json: more than 16777216 bytes, which no body of OTLP may have"),
      std::string::npos)
      << imported.err;
  EXPECT_NE(imported.err.find("imported 24 events, refused 1 file"), std::string::npos);
}

// What the recordings' own checker says of the exported trail.
TEST(OtlpImport, OfEveryRecordingPassesItsStrictChecks) {
  if (!fs::exists(samples)) GTEST_SKIP() << "the samples are not beside this repository";
  if (!is_installed("node")) GTEST_SKIP() << "node is not installed";
  int checked = 0;
  for (const auto& recording : fs::directory_iterator(samples / "otlp")) {
    for (const std::string signal : {"traces", "logs"}) {
      const auto files = files_in(recording.path(), "-" + signal + ".");
      if (files.empty()) continue;
      const TrailDirectory directory;
      ASSERT_EQ(import(directory, "otlp-" + signal, files).status, 0);
      const auto events = directory.file("events.jsonl", directory.run({"export"}).out);
      const std::string command = "node " + (samples / "run/check.mjs").native() + " --expected " +
                                  (recording.path() / "expected.json").native() + " --signal " +
                                  signal + " --events " + events.native() + " --strict";
      EXPECT_EQ(std::system(command.c_str()), 0) << command;
      ++checked;
    }
  }
  EXPECT_GE(checked, 8);
}

}  // namespace
}  // namespace agentaudit
