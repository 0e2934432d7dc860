// IndependentVerifier: the program that shares no code with this library (verify.go).
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "store/scratch_directory.h"

namespace agentaudit {

using Json = nlohmann::json;

class IndependentVerifier : public testing::Test {
 protected:
  void SetUp() override {
    if (std::string_view(AGENTAUDIT_INDEPENDENT_VERIFIER).empty()) {
      GTEST_SKIP() << "go is not installed, so there is no independent verifier";
    }
  }

  // What it says against the document; empty: it accepts.
  std::string objection(const Json& proved) {
    const auto path = scratch_.path() / "document.json";
    std::ofstream(path) << proved.dump();
    const std::string command =
        "'" AGENTAUDIT_INDEPENDENT_VERIFIER "' <'" + path.string() + "' 2>&1";
    FILE* const verifier = ::popen(command.c_str(), "r");
    if (verifier == nullptr) return "the verifier does not start";
    std::string said;
    for (int c = std::fgetc(verifier); c != EOF; c = std::fgetc(verifier)) {
      said += static_cast<char>(c);
    }
    const int status = ::pclose(verifier);
    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), said.empty() ? 0 : 1) << said;
    return said;
  }

 private:
  ScratchDirectory scratch_;
};

}  // namespace agentaudit
