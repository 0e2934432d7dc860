// What to paste so that an agent of some kind is recorded, or can ask.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace agentaudit {

struct ConnectValues {
  std::string url;           // of the daemon, without a slash at its end
  std::string token;         // empty: none is needed
  std::string program;       // absolute path of agentaudit
  std::string trail;         // absolute path
  bool names_trail = false;  // a command has to name it; otherwise it finds it itself
};

struct ConnectKind {
  std::string_view name;
  std::string_view summary;  // one line
  std::string_view file;     // where it goes: a file's name, or `shell`
  bool uses_daemon = false;  // otherwise it needs none
  std::string_view note;     // what its user is to know; may be empty
  // Ends with a line end.
  std::string (*text)(const ConnectValues& values);
};

[[nodiscard]] std::span<const ConnectKind> connect_kinds() noexcept;

}  // namespace agentaudit
