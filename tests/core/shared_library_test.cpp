#include "core/shared_library.h"

#include <gtest/gtest.h>

namespace agentaudit {
namespace {

// The C library: wherever this test runs, it is there.
constexpr const char* c_library = "libc.so.6";

TEST(SharedLibrary, AFunctionThatIsThereCanBeCalled) {
  auto library = SharedLibrary::load(c_library, "a test", "libc6");
  ASSERT_TRUE(library) << library.error().message;
  int (*absolute)(int) = nullptr;
  library->find(absolute, "abs");
  EXPECT_TRUE(library->complete());
  ASSERT_NE(absolute, nullptr);
  EXPECT_EQ(absolute(-7), 7);
}

TEST(SharedLibrary, OneThatIsMissingIsNamedWithItsPackage) {
  const auto library = SharedLibrary::load("libnowhere.so.1", "sending letters", "libnowhere1");
  ASSERT_FALSE(library);
  EXPECT_EQ(library.error().code, ErrorCode::unsupported);
  EXPECT_TRUE(library.error().message.starts_with(
      "sending letters needs libnowhere.so.1 (Debian: apt install libnowhere1): "))
      << library.error().message;
}

TEST(SharedLibrary, AFunctionThatIsMissingIsNamed) {
  auto library = SharedLibrary::load(c_library, "a test", "libc6");
  ASSERT_TRUE(library) << library.error().message;
  int (*absolute)(int) = nullptr;
  void (*missing)() = nullptr;
  library->find(missing, "agentaudit_no_such_function");
  library->find(absolute, "abs");
  EXPECT_EQ(missing, nullptr);
  const auto complete = library->complete();
  ASSERT_FALSE(complete);
  EXPECT_EQ(complete.error().code, ErrorCode::unsupported);
  EXPECT_EQ(complete.error().message, "libc.so.6 has no agentaudit_no_such_function");
}

}  // namespace
}  // namespace agentaudit
