// McpProxy: passes bytes between a client and its server until the server is done.
#pragma once

#include <csignal>
#include <functional>
#include <set>
#include <string_view>

#include "agentaudit/ingest/mcp.h"
#include "cli/byte_stream.h"
#include "cli/mcp_server_process.h"
#include "core/file_descriptor.h"

namespace agentaudit {

// Signals that are passed on to the server, and those that tell of its end, blocked in this
// thread and those it starts, for as long as the object lives.
class PassedSignals {
 public:
  PassedSignals();
  ~PassedSignals();
  PassedSignals(const PassedSignals&) = delete;
  PassedSignals& operator=(const PassedSignals&) = delete;

  // Readable when one has come. -1: there is no such descriptor to be had.
  [[nodiscard]] int descriptor() const noexcept { return descriptor_.get(); }
  // What was blocked before.
  [[nodiscard]] const sigset_t& old_mask() const noexcept { return old_mask_; }

 private:
  sigset_t old_mask_{};
  FileDescriptor descriptor_;
};

struct McpProxyOptions {
  FileDescriptor client_input;   // what the client writes to
  FileDescriptor client_output;  // what it reads from
  // Is told of bytes once they are passed on.
  std::function<void(McpSender sender, std::string_view bytes)> observer;
};

// How it ended: what for the shell, what for the trail.
struct McpProxyEnd {
  int exit_status = 0;
  McpEnd server;
};

// Not thread-safe.
class McpProxy {
 public:
  McpProxy(McpServerProcess server, McpProxyOptions options);

  // Returns when the server has ended and all that it wrote is passed on.
  [[nodiscard]] McpProxyEnd run(const PassedSignals& signals);

 private:
  // Whether a signal of the client's was among them.
  bool take_signals(int descriptor);
  [[nodiscard]] McpProxyEnd end_of(int wait_status) const;

  McpServerProcess server_;
  ByteStream to_server_;
  ByteStream to_client_;
  std::set<int> sent_;  // signals of the client's
};

}  // namespace agentaudit
