#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <vector>

#include "agentaudit/core/limits.h"
#include "agentaudit/ingest/hook.h"
#include "cli/command_table.h"
#include "cli/forward_option.h"
#include "cli/hook_setup.h"
#include "cli/redaction_option.h"
#include "cli/spool.h"
#include "cli/store_option.h"
#include "cli/terminal.h"

namespace agentaudit {
namespace {

// An agent that leaves its end of the pipe open must not wait for us, nor we for it.
constexpr std::chrono::milliseconds input_silence_max{2'000};
constexpr std::chrono::milliseconds store_busy_max{2'000};
// After a long outage the agent must not wait for all that is sent.
constexpr std::chrono::milliseconds catch_up_max{500};
// Moves the log to the file after about a megabyte: no hook pays for many others.
constexpr int wal_pages = 64;

// Standard input to its end, or until it has been silent for too long. More than a
// payload's limit is read, so that the agent's write succeeds, but not kept.
std::string read_payload() {
  std::string payload;
  if (is_terminal(STDIN_FILENO)) return payload;
  std::array<char, 64U << 10U> buffer;
  while (true) {
    pollfd waiting{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
    if (::poll(&waiting, 1, static_cast<int>(input_silence_max.count())) <= 0) return payload;
    const ssize_t bytes = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    if (bytes <= 0) return payload;
    const std::size_t room = limits::line_bytes_max - payload.size();
    payload.append(buffer.data(), std::min(static_cast<std::size_t>(bytes), room));
  }
}

class HookCommand final : public Command {
 public:
  void declare(CommandLine& line) override {
    store_.declare(line);
    forward_.declare(line);
    line.argument("PAYLOAD", words_,
                  "The payload, none: standard input; or install or uninstall, and the agent")
        .repeatable = true;
    line.option({"--event"}, "NAME", event_name_, "The hook's name, where the payload lacks it");
    line.option({"--agent"}, "NAME", agent_, "The agent's name, where the payload lacks it");
    redaction_.declare(line);
    line.flag({"--verbose"}, verbose_, "Say trouble on standard error");
    setup_.declare(line);
  }

  ExitStatus run(Context& context) override {
    if (is_setup()) return setup_.run(context, words_, store_);
    const std::string payload = words_.empty() ? read_payload() : words_.back();
    if (payload.empty()) {
      complain(context, "there is no payload, neither on standard input nor as an argument");
      return ExitStatus::ok;
    }
    auto event =
        decode_hook(payload, {.event_name = event_name_, .agent = agent_, .now = Timestamp::now()});
    if (!event) {
      complain(context, event.error().message);
      return ExitStatus::ok;
    }
    redact(context, *event);
    (void)cut_to_limit(*event);
    if (forward_.is_set()) {
      if (const auto sent = forward(context, *event); !sent) {
        complain(context, "the event is lost: " + sent.error().message);
      }
      return ExitStatus::ok;
    }
    if (const auto stored = store(*event); !stored) set_aside(context, *event, stored.error());
    return ExitStatus::ok;
  }

 private:
  [[nodiscard]] bool is_setup() const {
    return std::any_of(words_.begin(), words_.end(), [](const std::string& word) {
      const char* const argument = word.c_str();
      return HookSetup::is_meant({&argument, 1});
    });
  }

  void redact(Context& context, Event& event) const {
    const auto redactor =
        redaction_.open_anyhow([&](const std::string& trouble) { complain(context, trouble); });
    if (redactor != nullptr) (void)redactor->redact(event);
  }

  [[nodiscard]] Result<void> store(const Event& event) const {
    auto store = store_.open_to_write(
        {.busy_timeout = store_busy_max, .wal_pages = wal_pages, .checkpoint_on_close = false});
    if (!store) return fail(store.error());
    // One batch only: after a long outage the agent must not wait for all of it.
    // Should it fail, it fails for what makes the insert fail too.
    if (const auto path = store_.beside()) (void)Spool(*path).import_into(**store, 1);
    const auto stored = (*store)->insert(event);
    if (!stored) return fail(stored.error());
    return {};
  }

  [[nodiscard]] Result<void> forward(Context& context, const Event& event) const {
    auto forwarder =
        forward_.open(store_, store_busy_max, catch_up_max,
                      [this, &context](const std::string& text) { complain(context, text); });
    if (!forwarder) return fail(forwarder.error());
    const EventView view = event;
    return (*forwarder)->deliver({&view, 1}).map([](const auto&) {});
  }

  // What cannot be stored now is kept beside the trail for the next process.
  void set_aside(Context& context, const Event& event, const Error& why) const {
    complain(context, why.message);
    const auto path = store_.beside();
    const Result<void> spooled = path ? Spool(*path).append(event) : fail(path.error());
    complain(context, spooled ? "the event waits in " + Spool(*path).path().native()
                              : "the event is lost: " + spooled.error().message);
  }

  void complain(Context& context, const std::string& text) const {
    if (verbose_) context.talk.complain(text);
  }

  StoreOption store_;
  ForwardOption forward_;
  HookSetup setup_;
  RedactionOption redaction_;
  std::vector<std::string> words_;
  std::string event_name_;
  std::string agent_;
  bool verbose_ = false;
};

}  // namespace

const CommandEntry hook_command = {
    .name = "hook",
    .summary = "Record one payload of an agent's hook; install agents' hooks",
    .text =
        "Reads one payload of Claude Code, Codex (hooks and notify), Gemini CLI, Cursor, Copilot "
        "CLI or OpenCode and records it. Whatever the input is, it prints nothing on standard "
        "output and exits with 0, so that it never disturbs the agent.\n"
        "\n"
        "An event that cannot be stored now (the trail is locked, the disk is full …) waits in "
        "the file PATH.spool beside the trail; the next hook or record stores it.\n"
        "\n"
        "`hook install AGENT` has Claude Code, Codex, Gemini CLI or Cursor run it: it shows what "
        "would change in the agent's settings, asks, keeps a copy of what was there, and leaves "
        "all else as it is. `hook uninstall AGENT` takes it out again.",
    .examples =
        "agentaudit hook install claude-code\n"
        "# Also codex, gemini and cursor; in a script\n"
        "agentaudit hook install codex --store /srv/audit.db --yes\n"
        "agentaudit hook uninstall codex --dry-run\n"
        "# Copilot CLI, whose payloads do not name the hook\n"
        "agentaudit hook --event preToolUse",
    .create = []() -> std::unique_ptr<Command> { return std::make_unique<HookCommand>(); },
    .is_lenient =
        [](std::span<const char* const> arguments) { return !HookSetup::is_meant(arguments); }};

}  // namespace agentaudit
