// The emitter over the real store, through fork, exit and a missing close.
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>

#include <gtest/gtest.h>

#include "agentaudit/agentaudit.h"

namespace agentaudit {
namespace {

using namespace std::chrono_literals;

class EmitterProcess : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = ::testing::TempDir() + "agentaudit-emit-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  [[nodiscard]] std::filesystem::path trail() const { return directory_ / "audit.db"; }

  std::filesystem::path directory_;
};

Event step(std::string summary) {
  Event event;
  event.category = category::tool_call;
  event.action = "execute";
  event.summary = std::move(summary);
  return event;
}

// Runs `body` in a child and returns its exit status.
template <typename Body>
int in_child(Body body) {
  const pid_t child = fork();
  if (child == 0) {
    body();
    _exit(::testing::Test::HasFailure() ? 1 : 0);
  }
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

TEST_F(EmitterProcess, AChildAfterForkGetsADeadEmitterAndTheParentGoesOn) {
  auto store = SqliteStore::open(trail());
  ASSERT_TRUE(store);
  auto emitter = std::make_unique<BufferedEmitter>(*store);
  ASSERT_TRUE(emitter->start());
  emitter->emit(step("before"));
  const int status = in_child([&] {
    EXPECT_EQ(emitter->emit(step("child")), Emitted::dropped);
    EXPECT_EQ(emitter->counters().dropped, 1);
    const auto flushed = emitter->flush(1s);
    ASSERT_FALSE(flushed);
    EXPECT_EQ(flushed.error().code, ErrorCode::closed);
    const auto closed = emitter->close(1s);
    ASSERT_FALSE(closed);
    EXPECT_EQ(closed.error().code, ErrorCode::closed);
    emitter.reset();
    store->reset();
  });
  EXPECT_EQ(status, 0);
  emitter->emit(step("after"));
  ASSERT_TRUE(emitter->close(30s));
  const auto events = (*store)->list({.order = Order::commit});
  ASSERT_TRUE(events);
  ASSERT_EQ(events->events.size(), 2U);
  EXPECT_EQ(events->events[1].summary, "after");
}

TEST_F(EmitterProcess, ADestructorWithoutCloseWritesWhatWasAccepted) {
  {
    auto store = SqliteStore::open(trail());
    ASSERT_TRUE(store);
    BufferedEmitter emitter(*store);
    ASSERT_TRUE(emitter.start());
    emitter.emit(step("kept"));
  }
  auto store = SqliteStore::open(trail());
  ASSERT_TRUE(store);
  EXPECT_EQ((*store)->list(ListOpts{})->total, 1);
}

TEST_F(EmitterProcess, AnEmitterThatLivesUntilExitWritesWhatWasAccepted) {
  const auto path = trail();
  const pid_t child = fork();
  if (child == 0) {
    static BufferedEmitter emitter(SqliteStore::open(path).value());
    if (!emitter.start()) _exit(1);
    emitter.emit(step("last words"));
    std::exit(0);  // NOLINT(concurrency-mt-unsafe): static destructors are the point
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
  auto store = SqliteStore::open(path);
  ASSERT_TRUE(store);
  EXPECT_EQ((*store)->list(ListOpts{})->total, 1);
}

TEST_F(EmitterProcess, AStoreThatIsLockedForAWhileLosesNothing) {
  auto store = SqliteStore::open(trail(), {.busy_timeout = 1ms});
  ASSERT_TRUE(store);
  int ready[2];
  int release[2];
  ASSERT_EQ(pipe(ready), 0);
  ASSERT_EQ(pipe(release), 0);
  const std::string lock_path = trail().native() + ".lock";
  const pid_t holder = fork();
  if (holder == 0) {
    // flock(1) would do; a child of our own needs no package.
    execlp("flock", "flock", lock_path.c_str(), "sh", "-c",
           ("echo x >&" + std::to_string(ready[1]) + "; read line <&" + std::to_string(release[0]))
               .c_str(),
           static_cast<char*>(nullptr));
    _exit(127);
  }
  char byte = 0;
  ASSERT_EQ(read(ready[0], &byte, 1), 1);

  std::atomic<bool> failed = false;
  BufferedEmitter emitter(
      *store,
      {.retry_rest_min = 1ms, .retry_rest_max = 5ms, .on_trouble = [&](const Trouble& trouble) {
         if (trouble.error.code == ErrorCode::busy) failed = true;
       }});
  ASSERT_TRUE(emitter.start());
  emitter.emit(step("patient"));
  EXPECT_FALSE(emitter.flush(50ms));
  EXPECT_TRUE(failed);
  ASSERT_EQ(write(release[1], "\n", 1), 1);
  ASSERT_EQ(waitpid(holder, nullptr, 0), holder);
  EXPECT_TRUE(emitter.flush(30s));
  EXPECT_EQ((*store)->list(ListOpts{})->total, 1);
}

}  // namespace
}  // namespace agentaudit
