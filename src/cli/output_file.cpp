#include "cli/output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "core/file_descriptor.h"

namespace agentaudit {

Result<void> write_file(const std::string& name, const WriteContent& write) {
  std::error_code ignored;
  const auto target = std::filesystem::weakly_canonical(name, ignored);
  const bool in_place = std::filesystem::exists(target, ignored) &&
                        !std::filesystem::is_regular_file(target, ignored);
  const std::string part = in_place ? target.native() : target.native() + ".part";
  const auto failed = [&](const std::string& why) {
    return fail(ErrorCode::io, "cannot write " + name + ": " + why);
  };
  const FileDescriptor file(::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!file.is_open()) return failed(std::strerror(errno));
  Output out(file.get());
  auto written = write(out);
  out.flush();
  std::string why = out.failure();
  if (in_place) return written && !why.empty() ? failed(why) : written;
  if (written && out.is_open()) {
    if (::rename(part.c_str(), target.c_str()) == 0) return written;
    why = std::strerror(errno);
  }
  (void)::unlink(part.c_str());
  if (!written) return written;
  return failed(why);
}

void OutputOption::declare(CommandLine& line) {
  line.option({"-o", "--output"}, "FILE", file_,
              "Write to FILE, which appears when it is complete; - or none: standard output")
      .value = OptionSpec::Value::file;
}

Result<void> OutputOption::write(Context& context, const WriteContent& write) const {
  return file().empty() ? write(context.out) : write_file(file_, write);
}

}  // namespace agentaudit
