#include "cli/output.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "agentaudit/core/timestamp.h"
#include "core/write_file.h"
#include "render/json_writer.h"
#include "render/terminal_text.h"

namespace agentaudit {
namespace {

constexpr std::size_t buffer_bytes = 64U << 10U;

}  // namespace

void Output::write(std::string_view text) {
  if (!open_) return;
  buffer_ += text;
  if (buffer_.size() >= buffer_bytes) flush();
}

void Output::flush() {
  if (open_ && !buffer_.empty()) {
    const int error = write_all(descriptor_, buffer_);
    open_ = error == 0;
    if (error != 0 && error != EPIPE) failure_ = std::strerror(error);
  }
  buffer_.clear();
}

void Talk::complain(std::string_view text) {
  if (json_) {
    log("error", text, {});
  } else {
    show(terminal_text(std::string("agentaudit: ").append(text)) + '\n');
  }
}

void Talk::say(std::string_view text) { tell(text, {}); }

void Talk::tell(std::string_view text, std::string_view members) {
  if (json_) {
    log("info", text, members);
  } else {
    show(terminal_text(text) + '\n');
  }
}

void Talk::log(std::string_view level, std::string_view text, std::string_view members) {
  std::string line;
  JsonWriter json(line);
  json.open('{');
  json.member("time", Timestamp::now());
  json.member("level", level);
  json.member("message", text);
  if (!members.empty()) json.raw(members);
  json.close('}');
  line += '\n';
  show(line);
}

void Talk::show(std::string_view text) {
  // There is nowhere left to tell of a failure.
  (void)write_all(descriptor_, text);
}

}  // namespace agentaudit
