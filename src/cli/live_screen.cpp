#include "cli/live_screen.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>

namespace agentaudit {
namespace {

// Of xterm and all that follow it: the alternate screen, the cursor.
constexpr std::string_view enter_screen = "\x1b[?1049h\x1b[?25l";
constexpr std::string_view leave_screen = "\x1b[?25h\x1b[?1049l";
constexpr std::string_view top_left = "\x1b[H";
constexpr std::string_view clear_line = "\x1b[K";
constexpr std::string_view clear_below = "\x1b[J";
constexpr std::size_t rows_default = 24;

std::size_t rows_of(int descriptor) noexcept {
  winsize size{};
  if (::ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_row == 0) return rows_default;
  return size.ws_row;
}

}  // namespace

LiveScreen::LiveScreen(Output& out, int input) : out_(out), input_(input) {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGWINCH, SIGTSTP, SIGCONT}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, &old_mask_);
  signals_ = FileDescriptor(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
  if (::tcgetattr(input_, &old_input_) != 0) input_ = -1;
  enter();
}

LiveScreen::~LiveScreen() {
  leave();
  pthread_sigmask(SIG_SETMASK, &old_mask_, nullptr);
}

void LiveScreen::take_keys() {
  if (input_ < 0) return;
  termios keys = old_input_;
  // Signals still come from the keyboard: Ctrl-C is the interrupt that it always is.
  keys.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
  keys.c_cc[VMIN] = 1;
  keys.c_cc[VTIME] = 0;
  ::tcsetattr(input_, TCSANOW, &keys);
}

void LiveScreen::enter() {
  // In the background this stops the process, before the terminal is touched.
  take_keys();
  out_.write(enter_screen);
  out_.flush();
}

void LiveScreen::leave() {
  out_.write(leave_screen);
  out_.flush();
  if (input_ >= 0) ::tcsetattr(input_, TCSADRAIN, &old_input_);
}

void LiveScreen::suspend() {
  leave();
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTSTP);
  // Stops here, as if the signal had never been blocked, until SIGCONT comes. Without a
  // shell to continue it the kernel lets it run on.
  (void)::raise(SIGTSTP);
  pthread_sigmask(SIG_UNBLOCK, &stop, nullptr);
  pthread_sigmask(SIG_BLOCK, &stop, nullptr);
  enter();
}

void LiveScreen::draw(std::string_view text) {
  std::string frame(top_left);
  std::size_t rows = rows_of(out_.descriptor());
  while (!text.empty() && rows > 0) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    frame.append(text.substr(0, end)).append(clear_line);
    text.remove_prefix(std::min(end + 1, text.size()));
    // A line end in the last row would scroll.
    if (--rows > 0) frame += '\n';
  }
  if (rows > 0) frame += clear_below;
  out_.write(frame);
  out_.flush();
}

std::optional<LiveScreen::Wake> LiveScreen::take_input() {
  std::array<char, 64> keys{};
  const ssize_t bytes = ::read(input_, keys.data(), keys.size());
  if (bytes < 0 && errno == EINTR) return std::nullopt;
  // The terminal has gone.
  if (bytes <= 0) return Wake::quit;
  const auto end = keys.begin() + bytes;
  if (std::find_if(keys.begin(), end, [](char key) { return key == 'q' || key == 'Q'; }) != end) {
    return Wake::quit;
  }
  return std::nullopt;
}

std::optional<LiveScreen::Wake> LiveScreen::take_signal() {
  signalfd_siginfo signal{};
  if (::read(signals_.get(), &signal, sizeof signal) <= 0) return std::nullopt;
  if (signal.ssi_signo == SIGTSTP) suspend();
  // After a stop that could not be seen coming (SIGSTOP) the shell has set its own keys.
  if (signal.ssi_signo == SIGCONT) take_keys();
  return Wake::redraw;
}

LiveScreen::Wake LiveScreen::wait(int interrupt, std::chrono::milliseconds timeout) {
  using std::chrono::steady_clock;
  const auto deadline = steady_clock::now() + timeout;
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - steady_clock::now());
    if (left.count() <= 0) return Wake::timeout;
    std::array<pollfd, 3> waiting = {{{.fd = interrupt, .events = POLLIN, .revents = 0},
                                      {.fd = signals_.get(), .events = POLLIN, .revents = 0},
                                      {.fd = input_, .events = POLLIN, .revents = 0}}};
    if (::poll(waiting.data(), waiting.size(), static_cast<int>(left.count())) <= 0) continue;
    if (waiting[0].revents != 0) return Wake::interrupt;
    if (waiting[1].revents != 0) {
      if (const auto wake = take_signal()) return *wake;
    }
    if (waiting[2].revents != 0) {
      if (const auto wake = take_input()) return *wake;
    }
  }
}

}  // namespace agentaudit
