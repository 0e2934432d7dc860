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

  [[nodiscard]] const StoreOption& store() const noexcept { return store_; }
  [[nodiscard]] bool json() const noexcept { return json_; }
  [[nodiscard]] TerminalStyle style(const Context& context) const;

 private:
  StoreOption store_;
  bool json_ = false;
  std::string colour_ = "auto";
};

// Writes each event as JSON on a line of its own.
void write_json_lines(Output& out, const std::vector<Event>& events);

}  // namespace agentaudit
