// McpRecorder: what a proxy passed on, made events and stored, on a thread of its own.
#pragma once

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "agentaudit/core/event_sink.h"
#include "agentaudit/core/result.h"
#include "agentaudit/ingest/mcp.h"
#include "agentaudit/redact/redactor.h"

namespace agentaudit {

struct McpRecorderOptions {
  McpSessionOptions session;
  // Opens the trail, or what else takes events, on the recorder's thread. `busy` is tried
  // again, others are not.
  std::function<Result<std::shared_ptr<EventSink>>()> open;
  // Hears what is wrong, once, and at the end what could not be recorded; from any thread.
  std::function<void(const std::string& trouble)> complain;
  // Takes secrets out of each event; none: they stay.
  std::shared_ptr<const Redactor> redactor{};
  // Of what waits to be read. Over this, bytes pass unrecorded and a gap tells of them.
  std::size_t queue_bytes_max = 32U << 20U;
  // How long finish waits for what is not durable yet.
  std::chrono::milliseconds end_patience{5'000};
};

// offer and finish are for one thread.
class McpRecorder {
 public:
  explicit McpRecorder(McpRecorderOptions options);
  // Calls finish, if nobody has.
  ~McpRecorder();
  McpRecorder(const McpRecorder&) = delete;
  McpRecorder& operator=(const McpRecorder&) = delete;

  // Takes a copy. Never waits for the trail.
  void offer(McpSender sender, std::string_view bytes);
  // Nothing more comes. Returns when all is durable, or can not be made so in a few seconds.
  void finish(const McpEnd& end);

 private:
  class Writer;
  // Bytes that were not taken, because the queue was full.
  struct Lost {
    McpGap gap{};
    bool any = false;
    bool ends_with_a_line = false;
  };
  struct Piece {
    McpSender sender = McpSender::client;
    McpMoment at{};
    std::string bytes;
    Lost lost_before{};
  };

  void record();
  [[nodiscard]] std::shared_ptr<EventSink> open_sink();
  // What has come; empty: it is all.
  [[nodiscard]] std::vector<Piece> wait_for_pieces();
  void lose(McpSender sender, std::string_view bytes, const McpMoment& at);
  // Nothing is taken any more.
  void give_up(const std::string& trouble);
  void complain(const std::string& trouble);

  McpRecorderOptions options_;

  std::mutex mutex_;
  // Guarded by mutex_.
  std::condition_variable changed_;
  std::vector<Piece> pieces_;
  std::size_t bytes_ = 0;
  std::array<Lost, 2> lost_{};  // by sender
  std::optional<McpEnd> end_;
  bool given_up_ = false;
  bool complained_ = false;

  std::thread thread_;  // the last: it uses the others
};

}  // namespace agentaudit
