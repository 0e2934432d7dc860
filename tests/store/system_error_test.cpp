#include "store/system_error.h"

#include <gtest/gtest.h>

#include <cerrno>

namespace agentaudit {
namespace {

TEST(SystemError, WhatIsNotThereIsNotFound) {
  EXPECT_EQ(system_error(ENOENT, "a.db").code, ErrorCode::not_found);
  EXPECT_EQ(system_error(ENOTDIR, "a.db").code, ErrorCode::not_found);
}

TEST(SystemError, WhatIsForbiddenIsAMatterOfPermission) {
  EXPECT_EQ(system_error(EACCES, "a.db").code, ErrorCode::permission);
  EXPECT_EQ(system_error(EPERM, "a.db").code, ErrorCode::permission);
}

TEST(SystemError, AFileSystemThatIsNotWrittenIsReadOnly) {
  EXPECT_EQ(system_error(EROFS, "a.db").code, ErrorCode::read_only);
}

TEST(SystemError, ADiskOrAQuotaThatIsUsedUpIsFull) {
  EXPECT_EQ(system_error(ENOSPC, "a.db").code, ErrorCode::full);
  EXPECT_EQ(system_error(EDQUOT, "a.db").code, ErrorCode::full);
}

TEST(SystemError, AnythingElseIsInputAndOutput) {
  EXPECT_EQ(system_error(EIO, "a.db").code, ErrorCode::io);
  EXPECT_EQ(system_error(EMFILE, "a.db").code, ErrorCode::io);
}

TEST(SystemError, NamesThePathAndTheReason) {
  EXPECT_EQ(system_error(ENOSPC, "/data/audit.db").message,
            "/data/audit.db: No space left on device");
}

}  // namespace
}  // namespace agentaudit
