// A file that is whole or not there: written beside its name, then renamed.
#pragma once

#include <functional>
#include <string>

#include "agentaudit/core/result.h"
#include "cli/command.h"
#include "cli/command_line.h"
#include "cli/output.h"

namespace agentaudit {

// What writes the content. Where it fails, a file that was there before stays as it was.
using WriteContent = std::function<Result<void>(Output&)>;

// Takes the place of what has that name; but a device or a pipe is written to, never replaced.
// Only its owner may read it. Errors: those of `write`, and io.
[[nodiscard]] Result<void> write_file(const std::string& name, const WriteContent& write);

// `-o FILE`, of a command that prints what people keep.
class OutputOption {
 public:
  void declare(CommandLine& line);

  // Empty: it goes to standard output.
  [[nodiscard]] std::string file() const { return file_ == "-" ? std::string() : file_; }
  // Has `write` write there. Errors: as write_file.
  [[nodiscard]] Result<void> write(Context& context, const WriteContent& write) const;

 private:
  std::string file_;
};

}  // namespace agentaudit
