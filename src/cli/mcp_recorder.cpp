#include "cli/mcp_recorder.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

#include "agentaudit/emit/buffered_emitter.h"
#include "agentaudit/store/store.h"
#include "cli/mcp_lines.h"

namespace agentaudit {
namespace {

constexpr std::chrono::milliseconds rest_before_opening_again{1'000};
constexpr std::chrono::milliseconds flush_interval{250};
// The recorder may wait for the store: the proxy does not wait for the recorder.
constexpr std::chrono::milliseconds full_buffer_patience{5'000};
// Four events of the largest size.
constexpr std::size_t buffer_bytes = 4U << 20U;

McpMoment now() { return {.time = Timestamp::now(), .steady = std::chrono::steady_clock::now()}; }

}  // namespace

// From pieces to the buffer before the store.
class McpRecorder::Writer {
 public:
  Writer(const McpRecorderOptions& options, std::shared_ptr<EventSink> sink,
         std::function<void(const Trouble&)> on_trouble)
      : session_(options.session),
        redactor_(options.redactor),
        emitter_(std::move(sink), {.capacity_bytes = buffer_bytes,
                                   .flush_interval = flush_interval,
                                   .full_policy = FullPolicy::block,
                                   .block_deadline = full_buffer_patience,
                                   .gap_source = "mcp",
                                   .on_trouble = std::move(on_trouble)}) {}

  Result<void> start() { return emitter_.start(); }

  void take(const Piece& piece) {
    McpLines& lines = lines_of(piece.sender);
    if (piece.lost_before.any) {
      lines.skip(piece.lost_before.gap, piece.lost_before.ends_with_a_line);
    }
    lines.feed(piece.bytes, piece.at);
  }

  Result<void> finish(const McpEnd& end, std::chrono::nanoseconds patience) {
    for (McpLines& lines : lines_) lines.finish(now());
    emit(session_.end(end, now()));
    return emitter_.close(patience);
  }

 private:
  McpLines& lines_of(McpSender sender) { return lines_[sender == McpSender::client ? 0 : 1]; }

  void emit(std::vector<Event> events) {
    for (Event& event : events) {
      if (redactor_ != nullptr) (void)redactor_->redact(event);
      (void)emitter_.emit(event);
    }
  }

  McpLines::Handler handler(McpSender sender) {
    return {.line = [this, sender](std::string_view line,
                                   const McpMoment& at) { emit(session_.take(sender, line, at)); },
            .gap = [this](const McpGap& gap) { (void)emitter_.emit(session_.gap(gap)); }};
  }

  McpSession session_;
  std::shared_ptr<const Redactor> redactor_;
  BufferedEmitter emitter_;
  std::array<McpLines, 2> lines_ = {McpLines(handler(McpSender::client)),
                                    McpLines(handler(McpSender::server))};
};

McpRecorder::McpRecorder(McpRecorderOptions options) : options_(std::move(options)) {
  try {
    thread_ = std::thread([this] {
      try {
        record();
      } catch (const std::exception& error) {
        give_up(error.what());
      }
    });
  } catch (const std::exception& error) {
    give_up(error.what());
  }
}

McpRecorder::~McpRecorder() { finish({}); }

void McpRecorder::offer(McpSender sender, std::string_view bytes) {
  const McpMoment at = now();
  const std::lock_guard lock(mutex_);
  if (given_up_) return;
  if (bytes_ + bytes.size() > options_.queue_bytes_max) {
    lose(sender, bytes, at);
    return;
  }
  bytes_ += bytes.size();
  pieces_.push_back({.sender = sender,
                     .at = at,
                     .bytes = std::string(bytes),
                     .lost_before = std::exchange(lost_[sender == McpSender::client ? 0 : 1], {})});
  changed_.notify_one();
}

void McpRecorder::finish(const McpEnd& end) {
  {
    const std::lock_guard lock(mutex_);
    if (!end_) end_ = end;
    changed_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

void McpRecorder::lose(McpSender sender, std::string_view bytes, const McpMoment& at) {
  Lost& lost = lost_[sender == McpSender::client ? 0 : 1];
  if (!lost.any) {
    // The line that was cut is one of them.
    lost = {.gap = {.lines = 0, .reason = "queue_full", .first = at.time}, .any = true};
  }
  lost.gap.lines += std::count(bytes.begin(), bytes.end(), '\n');
  lost.gap.bytes += bytes.size();
  lost.gap.last = at.time;
  lost.ends_with_a_line = bytes.ends_with('\n');
}

std::vector<McpRecorder::Piece> McpRecorder::wait_for_pieces() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return !pieces_.empty() || end_.has_value(); });
  bytes_ = 0;
  std::vector<Piece> pieces = std::exchange(pieces_, {});
  for (const McpSender sender : {McpSender::client, McpSender::server}) {
    // At the end nothing else would tell of them.
    Lost& lost = lost_[sender == McpSender::client ? 0 : 1];
    if (lost.any) pieces.push_back({.sender = sender, .at = {}, .bytes = {}, .lost_before = lost});
    lost = {};
  }
  for (Piece& piece : pieces) {
    McpGap& gap = piece.lost_before.gap;
    if (piece.lost_before.any && !piece.lost_before.ends_with_a_line) ++gap.lines;
  }
  return pieces;
}

std::shared_ptr<EventSink> McpRecorder::open_sink() {
  while (true) {
    auto sink = options_.open();
    if (sink) return std::move(*sink);
    const bool may_pass = sink.error().code == ErrorCode::busy;
    std::unique_lock lock(mutex_);
    if (!may_pass || end_) {
      lock.unlock();
      give_up(sink.error().message);
      return nullptr;
    }
    lock.unlock();
    complain(sink.error().message + "; recording begins when it can be opened");
    lock.lock();
    changed_.wait_for(lock, rest_before_opening_again, [&] { return end_.has_value(); });
  }
}

void McpRecorder::record() {
  const std::shared_ptr<EventSink> sink = open_sink();
  if (sink == nullptr) return;
  Writer writer(options_, sink, [this](const Trouble& trouble) {
    if (trouble.kind == Trouble::Kind::write_failed) complain(trouble.error.message);
    if (trouble.kind == Trouble::Kind::event_refused) {
      complain("an event is lost: " + trouble.error.message);
    }
  });
  if (const auto started = writer.start(); !started) {
    give_up(started.error().message);
    return;
  }
  for (auto pieces = wait_for_pieces(); !pieces.empty(); pieces = wait_for_pieces()) {
    for (const Piece& piece : pieces) writer.take(piece);
  }
  // wait_for_pieces has seen it, and it is set only once.
  const auto finished = writer.finish(*end_, options_.end_patience);
  if (!finished) {
    options_.complain("not all was recorded: " + finished.error().message);
    return;
  }
  if (const auto store = std::dynamic_pointer_cast<Store>(sink)) {
    if (const auto closed = store->close(); !closed) complain(closed.error().message);
  }
}

void McpRecorder::give_up(const std::string& trouble) {
  {
    const std::lock_guard lock(mutex_);
    given_up_ = true;
    pieces_.clear();
  }
  options_.complain(trouble + "; nothing is recorded");
}

void McpRecorder::complain(const std::string& trouble) {
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(complained_, true)) return;
  }
  options_.complain(trouble);
}

}  // namespace agentaudit
