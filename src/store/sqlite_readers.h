// SqliteReaders: the reading connections of a store on a file, made as they are needed and
// kept from one question to the next.
#pragma once

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <vector>

#include "agentaudit/store/sqlite_store.h"
#include "store/sqlite_team.h"

namespace agentaudit {

// What ends a question early.
struct QuestionLimits {
  std::stop_token stop;
  std::optional<std::chrono::steady_clock::time_point> deadline;
};

// Safe from any thread.
class SqliteReaders {
 public:
  SqliteReaders(std::filesystem::path path, SqliteStoreOptions options);

  // Opens the first one, so that what is wrong with the file is said at once.
  [[nodiscard]] Result<void> open_first();
  // A connection for one question, waiting for its turn. Errors: cancelled (none came within
  // the limits, or all are closed), and those of opening one.
  [[nodiscard]] Result<std::unique_ptr<ReadingConnection>> take(const QuestionLimits& limits);
  // nullptr: the connection is not fit for another question.
  void give_back(std::unique_ptr<ReadingConnection> reading);
  // Waits for all to come back and closes them. No more are given out.
  void close();

 private:
  [[nodiscard]] Result<std::unique_ptr<ReadingConnection>> open() const;

  const std::filesystem::path path_;
  const SqliteStoreOptions options_;
  std::mutex mutex_;
  std::condition_variable_any returned_;
  std::vector<std::unique_ptr<ReadingConnection>> idle_;
  std::size_t out_ = 0;
  bool closed_ = false;
};

}  // namespace agentaudit
