// Any bytes as the file of settings: it is taken, or an error names the file and what is wrong.
#include "cli/config_file.h"

#include "cli/redaction_config.h"
#include "fuzz_file.h"

namespace agentaudit {
namespace {

void check_file(const ScratchDirectory& directory, std::string_view bytes) {
  const auto path = put(directory, "config.toml", bytes);
  const auto config = ConfigFile::read(path);
  if (!config) {
    check(config.error().code == ErrorCode::parse, "documented errors");
    check(config.error().message.starts_with(path.native()), "an error names the file");
    return;
  }
  RedactorOptions options;
  if (const auto read = read_redaction_file(path, options); !read) {
    check(read.error().code == ErrorCode::parse, "documented errors");
    check(read.error().message.starts_with(path.native()), "an error names the file");
  }
  if (const auto checked = config->check(); !checked) {
    check(checked.error().code == ErrorCode::invalid_argument, "documented errors");
    check(checked.error().message.starts_with(path.native()), "an error names the file");
  }
  check(config->defaults_of("serve").size() >= config->of_command("serve").size(),
        "what stands before all tables only adds");
}

}  // namespace
}  // namespace agentaudit

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const agentaudit::ScratchDirectory directory;
  agentaudit::check_file(directory, agentaudit::text_of(data, size));
  return 0;
}
