// Input: bytes as they come, from a descriptor or from a file that grows.
#pragma once

#include <sys/types.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "agentaudit/core/result.h"
#include "cli/file_watch.h"
#include "core/file_descriptor.h"

namespace agentaudit {

struct InputChunk {
  std::string_view bytes;    // valid until the next call; empty: see `ended`
  bool starts_anew = false;  // a followed file was replaced or cut: these bytes start it
  bool ended = false;        // there will be no more, or an interrupt came
};

// Not thread-safe.
class Input {
 public:
  Input() = default;
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;
  virtual ~Input() = default;

  // Whether read would return at once.
  [[nodiscard]] virtual bool is_ready() = 0;
  // Waits until it would, or until the time is up: false.
  [[nodiscard]] virtual bool wait_ready(std::chrono::milliseconds timeout) = 0;
  // Waits for bytes, the end, or the interrupt. Errors: io.
  [[nodiscard]] virtual Result<InputChunk> read() = 0;
};

inline constexpr std::size_t input_chunk_bytes = 64U << 10U;

// Reads a descriptor to its end. `interrupt` is a descriptor too, or -1; borrows both.
class DescriptorInput final : public Input {
 public:
  DescriptorInput(int descriptor, int interrupt) : descriptor_(descriptor), interrupt_(interrupt) {}

  [[nodiscard]] bool is_ready() override;
  [[nodiscard]] bool wait_ready(std::chrono::milliseconds timeout) override;
  [[nodiscard]] Result<InputChunk> read() override;

 private:
  int descriptor_;
  int interrupt_;
  std::array<char, input_chunk_bytes> buffer_;
};

// Reads a file from its start and then waits for it to grow, until the interrupt. A file
// that is not there yet is waited for. When another file takes its name, the old one is
// read to its end first; when it is cut, it is read from the start again.
class FollowedFile final : public Input {
 public:
  FollowedFile(std::filesystem::path path, int interrupt);

  [[nodiscard]] bool is_ready() override;
  [[nodiscard]] bool wait_ready(std::chrono::milliseconds timeout) override;
  [[nodiscard]] Result<InputChunk> read() override;

 private:
  // Looks whether there is more in the open file, or in the one that replaced it.
  [[nodiscard]] bool look();
  [[nodiscard]] bool open_current();

  const std::filesystem::path path_;
  int interrupt_;
  FileWatch watch_;
  FileDescriptor file_;
  off_t offset_ = 0;
  bool starts_anew_ = false;
  std::array<char, input_chunk_bytes> buffer_;
};

}  // namespace agentaudit
