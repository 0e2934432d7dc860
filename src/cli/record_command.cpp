#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "agentaudit/ingest/json_lines.h"
#include "cli/command_table.h"
#include "cli/forward_option.h"
#include "cli/input.h"
#include "cli/interrupt.h"
#include "cli/key_option.h"
#include "cli/redaction_option.h"
#include "cli/spool.h"
#include "cli/store_option.h"
#include "cli/time_expression.h"
#include "cli/trail_writer.h"
#include "cli/trouble.h"
#include "ledger/note_signer.h"
#include "render/figures.h"

namespace agentaudit {
namespace {

constexpr std::chrono::milliseconds rest_before_signing{1'000};
constexpr std::chrono::milliseconds request_timeout{30'000};

// Reads inputs into the trail and keeps count of what it refused.
class Recording {
 public:
  Recording(Context& context, EventSink& sink, TrailWriter& writer)
      : context_(context), sink_(sink), writer_(writer) {}

  // Reads to the end of the input or until an interrupt. `name` goes before the line
  // numbers of complaints; empty: standard input. Errors: of reading or writing.
  [[nodiscard]] Result<void> record(Input& input, const std::string& name) {
    JsonLinesReader reader;
    name_ = name;
    while (true) {
      // Whoever waits for an acknowledgement must not wait for the batch to fill.
      if (!writer_.is_empty() && !input.is_ready()) {
        if (auto written = writer_.flush(); !written) return written;
        // The store signs as it writes, but not each write: the last one may wait for this,
        // as may what could not be sent.
        if (!input.wait_ready(rest_before_signing)) (void)sink_.sign();
      }
      const auto chunk = input.read();
      if (!chunk) return fail(chunk.error());
      if (chunk->starts_anew || chunk->ended) {
        reader.finish();
        if (auto taken = take_lines(reader); !taken) return taken;
      }
      if (chunk->ended) return writer_.flush();
      if (chunk->starts_anew) reader = JsonLinesReader();
      reader.feed(chunk->bytes);
      if (auto taken = take_lines(reader); !taken) return taken;
    }
  }

  [[nodiscard]] std::int64_t refused() const noexcept { return refused_; }
  [[nodiscard]] const std::string& name() const noexcept { return name_; }

 private:
  Result<void> take_lines(JsonLinesReader& reader) {
    while (auto line = reader.next()) {
      if (line->event) {
        if (auto added = writer_.add(std::move(*line->event), line->number); !added) return added;
        continue;
      }
      ++refused_;
      context_.talk.complain((name_.empty() ? "" : name_ + ": ") + "line " +
                             std::to_string(line->number) + ": " + line->event.error().message);
    }
    return {};
  }

  Context& context_;
  EventSink& sink_;
  TrailWriter& writer_;
  std::string name_;
  std::int64_t refused_ = 0;
};

class RecordCommand final : public Command {
 public:
  void declare(CommandLine& line) override {
    store_.declare(line);
    forward_.declare(line);
    line.argument("FILE", files_, "JSON Lines to record; - or none: standard input").value =
        OptionSpec::Value::file;
    line.option({"-f", "--follow"}, "FILE", follow_,
                "Record FILE from its start, then whatever is added to it")
        .value = OptionSpec::Value::file;
    line.flag({"--ack"}, acknowledge_,
              "Print the id of each event on a line of its own once it is durable");
    line.option({"--retry-for"}, "TIME", retry_for_,
                "How long to try again when the trail is busy or the disk full (default 30s)");
    redaction_.declare(line);
  }

  ExitStatus run(Context& context) override {
    const auto patience = parse_duration(retry_for_);
    if (!patience) {
      context.talk.complain("--retry-for: " + patience.error().message);
      return ExitStatus::usage;
    }
    if (!follow_.empty() && !files_.empty()) {
      context.talk.complain("--follow takes one file and no others");
      return ExitStatus::usage;
    }
    auto redactor = redaction_.open(context);
    if (!redactor) return report(context, redactor.error());
    Interrupt interrupt;
    Retry retry(context, *patience, interrupt.descriptor());
    if (forward_.is_set()) {
      auto forwarder =
          forward_.open(store_, request_timeout, no_time_limit,
                        [&context](const std::string& trouble) { context.talk.complain(trouble); });
      if (!forwarder) return report(context, forwarder.error());
      // What waits already, if it can go: else it is said when something is recorded.
      (void)(*forwarder)->catch_up();
      TrailWriter writer(write_into(**forwarder), context, retry,
                         {.acknowledge = acknowledge_, .redactor = std::move(*redactor)});
      const ExitStatus status = record_into(context, **forwarder, writer, interrupt);
      (void)(*forwarder)->catch_up();
      if ((*forwarder)->waiting_bytes() > 0) {
        context.talk.complain("events wait in " + (*forwarder)->waiting_path().native() + " for " +
                              (*forwarder)->url());
      }
      return status;
    }
    SqliteStoreOptions options;
    // What is piped in, its sender knows of; who follows a file is on duty.
    options.record_sessions = !follow_.empty();
    sign_with_default_key(context, options);
    auto store = store_.open_to_write(options);
    while (!store && retry.should_try_again(store.error())) store = store_.open_to_write(options);
    wipe(options.signing_key);
    if (!store) return report(context, store.error());
    retry.succeeded();
    import_spool(context, store_, **store);
    TrailWriter writer(write_into(**store), context, retry,
                       {.acknowledge = acknowledge_, .redactor = std::move(*redactor)});
    return record_into(context, **store, writer, interrupt);
  }

 private:
  ExitStatus record_into(Context& context, EventSink& sink, TrailWriter& writer,
                         const Interrupt& interrupt) const {
    Recording recording(context, sink, writer);
    const auto recorded = record_all(recording, interrupt);
    return conclude(context, recording, writer, recorded, interrupt.requested());
  }

  [[nodiscard]] Result<void> record_all(Recording& recording, const Interrupt& interrupt) const {
    if (!follow_.empty()) {
      FollowedFile input(follow_, interrupt.descriptor());
      return recording.record(input, follow_);
    }
    const std::vector<std::string> inputs = files_.empty() ? std::vector<std::string>{"-"} : files_;
    for (const std::string& name : inputs) {
      if (interrupt.requested()) break;
      if (name == "-") {
        DescriptorInput input(STDIN_FILENO, interrupt.descriptor());
        if (auto recorded = recording.record(input, ""); !recorded) return recorded;
        continue;
      }
      const FileDescriptor file(::open(name.c_str(), O_RDONLY | O_CLOEXEC));
      if (!file.is_open()) {
        return fail(ErrorCode::io, "cannot open " + name + ": " + std::strerror(errno));
      }
      DescriptorInput input(file.get(), interrupt.descriptor());
      if (auto recorded = recording.record(input, name); !recorded) return recorded;
    }
    return {};
  }

  ExitStatus conclude(Context& context, const Recording& recording, const TrailWriter& writer,
                      const Result<void>& recorded, bool interrupted) const {
    std::string count = "recorded " + count_text(writer.recorded(), "event", "events");
    if (writer.cut() > 0) {
      context.talk.complain("cut the detail of " + count_text(writer.cut(), "event", "events") +
                            " over " + bytes_text(limits::event_bytes_max) +
                            "; its length and SHA-256 are kept");
    }
    if (const std::string redacted = text_of(writer.redacted()); !redacted.empty()) {
      context.talk.complain(redacted);
    }
    if (!recorded) {
      context.talk.complain(recorded.error().message);
      if (const std::int64_t line = writer.first_open_line(); line > 0) {
        const std::string file = recording.name().empty() ? "" : " of " + recording.name();
        count += "; go on from line " + std::to_string(line) + file;
      }
      context.talk.complain(count);
      return exit_status_of(recorded.error().code);
    }
    if (recording.refused() > 0) {
      context.talk.complain(count + ", refused " +
                            count_text(recording.refused(), "line", "lines"));
      if (!interrupted) return ExitStatus::refused;
    }
    return interrupted ? ExitStatus::interrupted : ExitStatus::ok;
  }

  StoreOption store_;
  ForwardOption forward_;
  RedactionOption redaction_;
  std::vector<std::string> files_;
  std::string follow_;
  bool acknowledge_ = false;
  std::string retry_for_ = "30s";
};

}  // namespace

const CommandEntry record_command = {
    .name = "record",
    .summary = "Record events from JSON Lines",
    .text =
        "Each line is one event as a JSON object; only \"category\" must be there. A line that "
        "is no event is complained about with its number and passed over; the rest is "
        "recorded, and the exit status is 1.\n"
        "\n"
        "An event is written as soon as the input pauses, many in one transaction when they "
        "come fast. --ack prints an id only after its event survives a power loss; with --to, "
        "the word waiting for one that the daemon does not have yet.\n"
        "\n"
        "Secrets are taken out before anything is stored: docs/redaction.md.",
    .examples =
        "# One event\n"
        "echo '{\"category\":\"tool_call\",\"target\":\"bash\"}' | agentaudit record\n"
        "# A file\n"
        "agentaudit record events.jsonl\n"
        "# A log that an agent is writing\n"
        "agentaudit record --follow agent.jsonl\n"
        "# To a daemon on another machine\n"
        "agentaudit record --to https://audit.example:4319 events.jsonl\n"
        "# Know what is durable\n"
        "my-agent | agentaudit record --ack",
    .create = []() -> std::unique_ptr<Command> { return std::make_unique<RecordCommand>(); }};

}  // namespace agentaudit
