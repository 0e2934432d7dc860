// What agentaudit doctor finds.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace agentaudit {

struct Finding {
  std::string name;
  std::string value;
  bool is_wrong = false;
  std::string advice;  // what to do, or worth knowing; may be empty
};

// Not thread-safe.
class Findings {
 public:
  void found(std::string name, std::string value, std::string advice = {});
  void wrong(std::string name, std::string value, std::string advice);

  // What waits beside a trail to be stored, in files whose names begin with that path.
  void look_at_what_waits(const std::filesystem::path& trail);

  [[nodiscard]] std::vector<Finding> take() { return std::move(findings_); }

 private:
  void look_at_spool(const std::filesystem::path& trail);
  void look_at_forwarded(const std::filesystem::path& trail);
  void look_at_journal(const std::filesystem::path& trail);

  std::vector<Finding> findings_;
};

}  // namespace agentaudit
