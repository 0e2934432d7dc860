// FaultTrail: what a recorder was told about a trail, and whether the trail keeps its word.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "agentaudit/store/sqlite_store.h"

namespace agentaudit {

class FaultTrail {
 public:
  explicit FaultTrail(std::filesystem::path path) : path_(std::move(path)) {}

  // Opens the trail, inserts batches, erases a text, signs, prunes, asks and closes, and goes
  // on after errors as an agent does: a batch that failed is offered once more.
  void record();

  // What is wrong with the trail, opened anew on a sound disk; empty: nothing. `synced`: what
  // was acknowledged must be there; else the disk forgot what it said was synced.
  [[nodiscard]] std::string complaint();

  // Of all that failed, one line each.
  [[nodiscard]] const std::vector<std::string>& errors() const noexcept { return errors_; }
  [[nodiscard]] std::size_t acknowledged() const noexcept { return acknowledged_.size(); }

 private:
  void insert(SqliteStore& store, int batch);
  template <typename T>
  bool noted(const Result<T>& result, const char* what);
  [[nodiscard]] std::string complaint_about(SqliteStore& store);
  [[nodiscard]] std::string complaint_about_events(const std::vector<Event>& events) const;
  [[nodiscard]] std::string complaint_about_ledger(SqliteStore& store);

  std::filesystem::path path_;
  std::map<EventId, std::string> acknowledged_;  // summaries
  std::vector<std::string> checkpoints_;
  bool pruned_ = false;   // a prune was asked for
  EventId redacted_ = 0;  // a redaction of it was asked for
  std::vector<std::string> errors_;
};

}  // namespace agentaudit
