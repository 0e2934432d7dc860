#include "cli/output.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>

#include "agentaudit/core/timestamp.h"
#include "core/file_descriptor.h"
#include "core/write_file.h"

namespace agentaudit {
namespace {

// Its ends are closed with it, or before.
class OpenPipe {
 public:
  OpenPipe() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    reader = std::make_unique<FileDescriptor>(ends[0]);
    writer = std::make_unique<FileDescriptor>(ends[1]);
    // As the command does.
    (void)std::signal(SIGPIPE, SIG_IGN);
  }

  // All that was written, once the writer is closed.
  [[nodiscard]] std::string read() const {
    std::string text;
    std::array<char, 4'096> buffer;
    while (true) {
      const ssize_t bytes = ::read(reader->get(), buffer.data(), buffer.size());
      if (bytes <= 0) return text;
      text.append(buffer.data(), static_cast<std::size_t>(bytes));
    }
  }
  [[nodiscard]] std::string close_and_read() {
    writer.reset();
    return read();
  }

  std::unique_ptr<FileDescriptor> reader;
  std::unique_ptr<FileDescriptor> writer;
};

FileDescriptor full_device() { return FileDescriptor(::open("/dev/full", O_WRONLY | O_CLOEXEC)); }

TEST(Output, WaitsForFlush) {
  OpenPipe pipe;
  ASSERT_EQ(::fcntl(pipe.reader->get(), F_SETFL, O_NONBLOCK), 0);
  Output out(pipe.writer->get());
  out.write("one ");
  out.write("two");
  EXPECT_EQ(pipe.read(), "");
  out.flush();
  EXPECT_EQ(pipe.read(), "one two");
  EXPECT_TRUE(out.is_open());
}

TEST(Output, MuchIsWrittenWithoutFlush) {
  OpenPipe pipe;
  Output out(pipe.writer->get());
  const std::string much(64U << 10U, 'x');
  out.write(much);
  EXPECT_EQ(pipe.close_and_read(), much);
}

TEST(Output, AReaderThatWentAwayIsNoFailure) {
  OpenPipe pipe;
  pipe.reader.reset();
  Output out(pipe.writer->get());
  out.write("text");
  out.flush();
  EXPECT_FALSE(out.is_open());
  EXPECT_EQ(out.failure(), "");
}

TEST(Output, AFullDeviceIsAFailureAndEndsTheOutput) {
  const FileDescriptor full = full_device();
  if (!full.is_open()) GTEST_SKIP() << "there is no /dev/full";
  Output out(full.get());
  out.write("text");
  EXPECT_TRUE(out.is_open());
  out.flush();
  EXPECT_FALSE(out.is_open());
  EXPECT_EQ(out.failure(), "No space left on device");
  out.write("more");
  out.flush();
  EXPECT_EQ(out.failure(), "No space left on device");
}

TEST(WriteAll, SaysWhyItCannot) {
  EXPECT_EQ(write_all(-1, "text"), EBADF);
  EXPECT_EQ(write_all(-1, ""), 0);
}

TEST(WriteAll, WaitsForRoomInAPipeThatDoesNotBlock) {
  OpenPipe pipe;
  ASSERT_EQ(::fcntl(pipe.writer->get(), F_SETFL, O_NONBLOCK), 0);
  const std::string much(1U << 20U, 'x');
  int error = -1;
  std::thread writer([&] {
    error = write_all(pipe.writer->get(), much);
    pipe.writer.reset();
  });
  const std::string read = pipe.read();
  writer.join();
  EXPECT_EQ(error, 0);
  EXPECT_EQ(read, much);
}

TEST(WriteAll, GoesOnAfterSignals) {
  OpenPipe pipe;
  struct sigaction interrupts{};
  interrupts.sa_handler = [](int) {};
  struct sigaction before{};
  ASSERT_EQ(::sigaction(SIGUSR1, &interrupts, &before), 0);
  const std::string much(1U << 20U, 'x');
  int error = -1;
  std::thread writer([&] {
    error = write_all(pipe.writer->get(), much);
    pipe.writer.reset();
  });
  std::string read;
  std::array<char, 4'096> buffer;
  while (true) {
    (void)::pthread_kill(writer.native_handle(), SIGUSR1);
    const ssize_t bytes = ::read(pipe.reader->get(), buffer.data(), buffer.size());
    if (bytes <= 0) break;
    read.append(buffer.data(), static_cast<std::size_t>(bytes));
  }
  writer.join();
  (void)::sigaction(SIGUSR1, &before, nullptr);
  EXPECT_EQ(error, 0);
  EXPECT_EQ(read, much);
}

TEST(Talk, IsLinesThatCannotDriveATerminal) {
  OpenPipe pipe;
  Talk talk(pipe.writer->get());
  talk.say("\x1b[2Jhello");
  talk.complain("it failed");
  talk.tell("answered", R"("status":200)");
  talk.show("as it is");
  const std::string text = pipe.close_and_read();
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_TRUE(text.ends_with("hello\nagentaudit: it failed\nanswered\nas it is")) << text;
}

TEST(Talk, IsJsonWhereThatIsAskedFor) {
  OpenPipe pipe;
  Talk talk(pipe.writer->get());
  talk.use_json();
  talk.complain("it \"failed\"");
  talk.tell("answered", R"("status":200)");
  const std::string text = pipe.close_and_read();
  const std::size_t end = text.find('\n');
  const auto error = nlohmann::json::parse(text.substr(0, end));
  EXPECT_EQ(error["level"], "error");
  EXPECT_EQ(error["message"], "it \"failed\"");
  EXPECT_TRUE(Timestamp::parse(error["time"].get<std::string>()));
  const auto info = nlohmann::json::parse(text.substr(end + 1));
  EXPECT_EQ(info["level"], "info");
  EXPECT_EQ(info["message"], "answered");
  EXPECT_EQ(info["status"], 200);
}

TEST(Talk, ThatCannotBeWrittenIsLost) {
  const FileDescriptor full = full_device();
  if (!full.is_open()) GTEST_SKIP() << "there is no /dev/full";
  Talk talk(full.get());
  EXPECT_NO_THROW(talk.say("text"));
}

}  // namespace
}  // namespace agentaudit
