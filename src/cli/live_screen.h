// LiveScreen: a terminal's alternate screen, drawn again and again.
#pragma once

#include <termios.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <optional>
#include <string_view>

#include "cli/file_descriptor.h"
#include "cli/output.h"

namespace agentaudit {

// While one lives, the terminal shows its screen and keys come one by one; afterwards the
// terminal is as it was. Make it before an Interrupt and any other thread: threads inherit
// the blocked SIGWINCH. Not thread-safe.
class LiveScreen {
 public:
  enum class Wake : std::uint8_t { timeout, interrupt, quit, resize };

  // `out` must be a terminal and outlive it. Keys are read from `input` if that is one.
  LiveScreen(Output& out, int input);
  ~LiveScreen();
  LiveScreen(const LiveScreen&) = delete;
  LiveScreen& operator=(const LiveScreen&) = delete;

  // Shows the text, as far as its lines fit.
  void draw(std::string_view text);

  // Waits for the key `q`, another size, or `interrupt` (a descriptor, or -1).
  [[nodiscard]] Wake wait(int interrupt, std::chrono::milliseconds timeout);

 private:
  [[nodiscard]] std::optional<Wake> take_input();

  Output& out_;
  int input_;  // -1: no keys
  termios old_input_{};
  sigset_t old_mask_{};
  FileDescriptor resizes_;  // signalfd
};

}  // namespace agentaudit
