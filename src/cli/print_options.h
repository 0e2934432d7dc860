// The options of commands that read a trail and print what they find.
#pragma once

#include <memory>
#include <string>

#include "agentaudit/store/sqlite_store.h"
#include "cli/command.h"
#include "cli/command_line.h"
#include "cli/store_option.h"
#include "render/colour.h"

namespace agentaudit {

class PrintOptions {
 public:
  // `json_help` says what --json prints.
  void declare(CommandLine& line, std::string json_help);

  // Adds --timeout, for a command that asks one question, which may take long.
  void declare_timeout(CommandLine& line);

  [[nodiscard]] const StoreOption& store() const noexcept { return store_; }
  // Opens the trail; questions take at most --timeout. Errors: invalid_argument (the option),
  // and those of StoreOption::open_to_read.
  [[nodiscard]] Result<std::shared_ptr<Store>> open_to_read() const;
  [[nodiscard]] bool json() const noexcept { return json_; }
  [[nodiscard]] TerminalStyle style(const Context& context) const;

 private:
  [[nodiscard]] Result<std::chrono::milliseconds> query_timeout() const;

  StoreOption store_;
  std::string timeout_;
  bool json_ = false;
  std::string colour_ = "auto";
};

// Writes each event as JSON on a line of its own. `trails`: as of ListResult.
void write_json_lines(Output& out, const std::vector<Event>& events,
                      const std::vector<std::string>& trails = {});

}  // namespace agentaudit
