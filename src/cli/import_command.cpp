#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

#include "agentaudit/core/limits.h"
#include "agentaudit/ingest/json_lines.h"
#include "agentaudit/render/csv.h"
#include "cli/command_table.h"
#include "cli/input.h"
#include "cli/interrupt.h"
#include "cli/key_option.h"
#include "cli/otlp_import.h"
#include "cli/progress_bar.h"
#include "cli/redaction_option.h"
#include "cli/sqlite_import.h"
#include "cli/store_option.h"
#include "cli/trail_writer.h"
#include "cli/trouble.h"
#include "core/event_pages.h"
#include "render/figures.h"

namespace agentaudit {
namespace {

constexpr std::string_view sqlite_magic = std::string_view("SQLite format 3\0", 16);
constexpr std::chrono::seconds patience{30};

// What a file is, by its first bytes.
std::string format_of(std::string_view start) {
  if (start.starts_with(sqlite_magic)) return "sqlite";
  constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
  if (start.starts_with(byte_order_mark)) start.remove_prefix(byte_order_mark.size());
  const std::size_t first = start.find_first_not_of(" \t\r\n");
  const bool csv = first != std::string_view::npos && start[first] != '{' &&
                   start.substr(0, start.find('\n')).find("category") != std::string_view::npos;
  return csv ? "csv" : "jsonl";
}

// Reads files into the trail and keeps count of what it refused.
class Importing {
 public:
  Importing(Context& context, TrailWriter& writer, const Interrupt& interrupt)
      : context_(context),
        writer_(writer),
        interrupt_(interrupt),
        bar_(context.talk, "Importing") {}

  // Errors: of reading or writing, cancelled.
  [[nodiscard]] Result<void> import_file(const std::string& name, const std::string& format) {
    name_ = name;
    const bool standard_input = name == "-";
    const FileDescriptor file(standard_input ? -1 : ::open(name.c_str(), O_RDONLY | O_CLOEXEC));
    if (!standard_input && !file.is_open()) {
      return fail(ErrorCode::io, "cannot open " + name + ": " + std::strerror(errno));
    }
    DescriptorInput input(standard_input ? STDIN_FILENO : file.get(), interrupt_.descriptor());
    const auto start = input.read();
    if (!start) return fail(start.error());
    const std::string found = format == "auto" ? format_of(start->bytes) : format;
    if (found == "csv") return import_csv(input, *start);
    if (found == "jsonl") return import_json_lines(input, *start);
    if (found == "otlp-traces") return import_otlp(input, *start, OtlpSignal::traces);
    if (found == "otlp-logs") return import_otlp(input, *start, OtlpSignal::logs);
    if (standard_input) {
      return fail(ErrorCode::unsupported,
                  "a SQLite file cannot be read from standard input; give its name");
    }
    return import_sqlite(name);
  }

  // What had to wait for files that might come. Errors: of writing.
  [[nodiscard]] Result<void> finish() {
    if (auto taken = take_all(otlp_.finish()); !taken) return taken;
    return writer_.flush();
  }

  [[nodiscard]] bool has_refused() const noexcept { return refused_ > 0 || refused_files_ > 0; }

  // Says what was not imported, after the number of events that were.
  [[nodiscard]] std::string left_out() const {
    std::string text;
    if (refused_ > 0) text += ", refused " + count_text(refused_, unit_, unit_ + "s");
    if (refused_files_ > 0) text += ", refused " + count_text(refused_files_, "file", "files");
    if (const auto repeated = otlp_.repeated() + writer_.repeated(); repeated > 0) {
      text += ", passed over " + count_text(repeated, "repetition", "repetitions");
    }
    return text;
  }

 private:
  Result<void> take(std::string_view unit, std::int64_t number, Result<Event> event) {
    if (!event) {
      ++refused_;
      complain(std::string(unit) + " " + std::to_string(number) + ": " + event.error().message);
      return {};
    }
    event->id = 0;
    auto added = writer_.add(std::move(*event), number);
    bar_.update(writer_.recorded(), 0);
    return added;
  }

  void complain(const std::string& what) {
    context_.talk.complain((name_ == "-" ? "" : name_ + ": ") + what);
  }

  Result<void> import_json_lines(DescriptorInput& input, InputChunk chunk) {
    JsonLinesReader reader;
    while (true) {
      reader.feed(chunk.bytes);
      if (chunk.ended) reader.finish();
      while (auto line = reader.next()) {
        if (auto taken = take("line", line->number, std::move(line->event)); !taken) return taken;
      }
      if (chunk.ended) return end_of_file();
      auto next = input.read();
      if (!next) return fail(next.error());
      chunk = *next;
    }
  }

  Result<void> import_csv(DescriptorInput& input, InputChunk chunk) {
    CsvReader reader;
    Result<void> taken;
    const auto on_event = [&](std::int64_t line, Result<Event> event) {
      if (taken) taken = take("line", line, std::move(event));
    };
    while (true) {
      auto read = reader.read(chunk.bytes, on_event);
      if (read && chunk.ended && !interrupt_.requested()) read = reader.finish(on_event);
      if (!read) return fail(read.error().code, name_ + ": " + read.error().message);
      if (!taken) return taken;
      if (chunk.ended) return end_of_file();
      auto next = input.read();
      if (!next) return fail(next.error());
      chunk = *next;
    }
  }

  // One body of a request, which is taken as a whole.
  Result<void> import_otlp(DescriptorInput& input, InputChunk chunk, OtlpSignal signal) {
    std::string body;
    while (!chunk.ended) {
      body += chunk.bytes;
      if (body.size() > limits::body_bytes_max) {
        ++refused_files_;
        complain("more than " + std::to_string(limits::body_bytes_max) +
                 " bytes, which no body of OTLP may have");
        return {};
      }
      auto next = input.read();
      if (!next) return fail(next.error());
      chunk = *next;
    }
    if (interrupt_.requested()) return fail(ErrorCode::cancelled, "interrupted");
    unit_ = "record";
    const auto imported = otlp_.add(body, signal);
    if (!imported) {
      ++refused_files_;
      complain(imported.error().message);
      return {};
    }
    if (!imported->passed_over.empty()) complain(imported->passed_over);
    refused_ += imported->rejected;
    for (const std::string& reason : imported->reasons) complain(reason);
    return take_all(otlp_.take());
  }

  Result<void> take_all(std::vector<KeyedEvent> events) {
    for (KeyedEvent& keyed : events) {
      if (auto added = writer_.add(std::move(keyed), 0); !added) return added;
      bar_.update(writer_.recorded(), 0);
    }
    return {};
  }

  // Another trail, or a foreign database with the original's table.
  Result<void> import_sqlite(const std::string& name) {
    auto trail = SqliteStore::open(
        name, {.read_only = true, .create = false, .query_timeout = no_time_limit});
    if (trail) return import_trail(**trail);
    if (trail.error().code != ErrorCode::not_a_trail) return fail(trail.error());
    const auto on_row = [this](std::int64_t id, Result<Event> event) {
      return take("row", id, std::move(event));
    };
    if (auto read = read_audit_events(name, on_row, interrupt_.token()); !read) return read;
    return end_of_file();
  }

  Result<void> import_trail(SqliteStore& trail) {
    EventPages pages(trail, {});
    while (true) {
      auto events = pages.next(interrupt_.token());
      if (!events) return fail(events.error());
      if (events->empty()) return end_of_file();
      for (Event& event : *events) {
        const EventId id = event.id;
        if (auto taken = take("event", id, std::move(event)); !taken) return taken;
      }
    }
  }

  Result<void> end_of_file() {
    if (auto written = writer_.flush(); !written) return written;
    if (interrupt_.requested()) return fail(ErrorCode::cancelled, "interrupted");
    return {};
  }

  Context& context_;
  TrailWriter& writer_;
  const Interrupt& interrupt_;
  ProgressBar bar_;
  OtlpImport otlp_;
  std::string name_;
  std::string unit_ = "line";  // of what is refused
  std::int64_t refused_ = 0;
  std::int64_t refused_files_ = 0;
};

class ImportCommand final : public Command {
 public:
  void declare(CommandLine& line) override {
    store_.declare(line);
    line.argument("FILE", files_, "The files to import; -: standard input").required = true;
    line.option({"--format"}, "FORMAT", format_,
                "auto, jsonl, csv, sqlite, otlp-traces or otlp-logs (default auto: by the first "
                "bytes, never OTLP)")
        .choices = {"auto", "jsonl", "csv", "sqlite", "otlp-traces", "otlp-logs"};
    redaction_.declare(line);
  }

  ExitStatus run(Context& context) override {
    auto redactor = redaction_.open(context);
    if (!redactor) return report(context, redactor.error());
    Interrupt interrupt;
    auto store = open_to_write_signed(context, store_, {});
    if (!store) return report(context, store.error());
    Retry retry(context, patience, interrupt.descriptor());
    TrailWriter writer(write_into(**store), context, retry, {.redactor = std::move(*redactor)});
    Result<void> imported;
    bool has_refused = false;
    std::string left_out;
    {
      Importing importing(context, writer, interrupt);
      for (const std::string& file : files_) {
        imported = importing.import_file(file, format_);
        if (!imported) break;
      }
      if (imported) imported = importing.finish();
      has_refused = importing.has_refused();
      left_out = importing.left_out();
    }
    std::string count = "imported " + count_text(writer.recorded(), "event", "events") + left_out;
    if (writer.cut() > 0) {
      count += ", cut the detail of " + count_text(writer.cut(), "event", "events");
    }
    if (const std::string redacted = text_of(writer.redacted()); !redacted.empty()) {
      count += ", " + redacted;
    }
    if (!imported) {
      const ExitStatus status = report(context, imported.error());
      context.talk.complain(count + " before that");
      return status;
    }
    context.talk.say(count);
    return has_refused ? ExitStatus::refused : ExitStatus::ok;
  }

 private:
  StoreOption store_;
  RedactionOption redaction_;
  std::vector<std::string> files_;
  std::string format_ = "auto";
};

}  // namespace

const CommandEntry import_command = {
    .name = "import",
    .summary = "Add events of an export, another trail or a foreign database",
    .text =
        "Takes what agentaudit export writes, another trail, or a SQLite database with a "
        "table audit_events (id, timestamp, category, action, agent, summary, detail, status, "
        "duration_ms, source, conversation_id). The events get new ids; importing a file "
        "twice adds them twice. What is no event is complained about and passed over.\n\n"
        "With --format otlp-traces or otlp-logs each file is the body of an OpenTelemetry "
        "request, protobuf or JSON, gzip or not: docs/otlp.md says what becomes an event. The "
        "files of one import may hold parts of one trace, and a request that was sent twice "
        "is imported once.",
    .examples =
        "agentaudit import events.jsonl.1 events.jsonl\n"
        "# Move to another machine\n"
        "agentaudit export | ssh host agentaudit import -\n"
        "# From the database of another tool\n"
        "agentaudit import --format sqlite audit.sqlite\n"
        "# What a collector's receiver kept\n"
        "agentaudit import --format otlp-traces requests/*-traces.*",
    .create = []() -> std::unique_ptr<Command> { return std::make_unique<ImportCommand>(); }};

}  // namespace agentaudit
