// LiveScreen: a terminal's alternate screen, drawn again and again.
#pragma once

#include <termios.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <optional>
#include <string_view>

#include "cli/output.h"
#include "core/file_descriptor.h"

namespace agentaudit {

// While one lives, the terminal shows its screen and keys come one by one; afterwards the
// terminal is as it was, and so it is while SIGTSTP (Ctrl-Z) has stopped the process. Make
// it before an Interrupt and any other thread: threads inherit the blocked signals. Not
// thread-safe.
class LiveScreen {
 public:
  // redraw: the terminal has another size, or the process goes on after a stop.
  enum class Wake : std::uint8_t { timeout, interrupt, quit, redraw };

  // `out` must be a terminal and outlive it. Keys are read from `input` if that is one.
  LiveScreen(Output& out, int input);
  ~LiveScreen();
  LiveScreen(const LiveScreen&) = delete;
  LiveScreen& operator=(const LiveScreen&) = delete;

  // Shows the text, as far as its lines fit.
  void draw(std::string_view text);

  // Waits for the key `q`, another size, or `interrupt` (a descriptor, or -1). Where a stop
  // is asked for, the process stops in it.
  [[nodiscard]] Wake wait(int interrupt, std::chrono::milliseconds timeout);

 private:
  [[nodiscard]] std::optional<Wake> take_input();
  [[nodiscard]] std::optional<Wake> take_signal();
  void take_keys();
  void enter();
  void leave();
  void suspend();

  Output& out_;
  int input_;  // -1: no keys
  termios old_input_{};
  sigset_t old_mask_{};
  FileDescriptor signals_;  // signalfd
};

}  // namespace agentaudit
