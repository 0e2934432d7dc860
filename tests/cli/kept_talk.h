// KeptTalk: the Context of a part of a command; what it prints and says is kept.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <string>

#include "cli/command.h"
#include "core/file_descriptor.h"
#include "store/scratch_directory.h"

namespace agentaudit {

class KeptTalk {
 public:
  [[nodiscard]] Context& context() { return context_; }
  // Standard output and standard error together.
  [[nodiscard]] std::string said() const {
    std::array<char, 4'096> buffer;
    const ssize_t bytes = ::pread(file_.get(), buffer.data(), buffer.size(), 0);
    return {buffer.data(), bytes < 0 ? 0 : static_cast<std::size_t>(bytes)};
  }

 private:
  ScratchDirectory directory_;
  FileDescriptor file_{::open((directory_ / "talk").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
  Output out_{file_.get()};
  Talk talk_{file_.get()};
  Context context_{.out = out_, .talk = talk_};
};

}  // namespace agentaudit
