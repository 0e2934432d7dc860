// ByteStream: bytes from one descriptor to another, in one direction of a proxy.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <string_view>

#include <poll.h>

#include "core/file_descriptor.h"

namespace agentaudit {

// Never blocks on a pipe or socket, whichever way its descriptors are set. Hands on the end
// of one side by closing the other. Not thread-safe.
class ByteStream {
 public:
  // Is told of bytes once they are written.
  using Observer = std::function<void(std::string_view bytes)>;

  ByteStream(FileDescriptor from, FileDescriptor to, Observer observer);

  // What it waits for: two entries, to be handed to pump once poll has filled them.
  [[nodiscard]] std::array<pollfd, 2> waits_for() const;
  // Passes on what is there, at most a few buffers of it.
  void pump(const std::array<pollfd, 2>& ready);

  // Nothing more will pass.
  [[nodiscard]] bool is_over() const noexcept { return !to_.is_open(); }

 private:
  [[nodiscard]] bool is_empty() const noexcept { return begin_ == end_; }
  // False: nothing is there now, or ever.
  bool fill();
  // False: not all of it could be written now.
  bool drain();
  [[nodiscard]] ssize_t write_some(std::string_view bytes) const;
  void close();

  FileDescriptor from_;
  FileDescriptor to_;
  Observer observer_;
  bool to_socket_ = false;
  bool to_pipe_ = false;
  std::array<char, 64U << 10U> buffer_{};
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace agentaudit
