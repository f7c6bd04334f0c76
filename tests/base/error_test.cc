#include "base/error.h"

#include <gmock/gmock.h>

#include <cerrno>

namespace tote {
namespace {

TEST(Error, PutsContextInFrontOutermostFirst) {
  try {
    while_doing(
        [] { return "outer"; },
        [] { while_doing([] { return "inner"; }, [] { throw Error(ErrorKind::kIo, "cause"); }); });
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.message(), "outer: inner: cause");
    EXPECT_STREQ(error.what(), "outer: inner: cause");
    EXPECT_THAT(error.frames(), testing::ElementsAre("outer", "inner", "cause"));
    EXPECT_EQ(error.kind(), ErrorKind::kIo);
  }
}

TEST(Error, WhileDoingReturnsWhatTheBodyReturns) {
  EXPECT_EQ(while_doing([] { return "x"; }, [] { return 7; }), 7);
}

TEST(Error, WhileDoingLetsCancellationThroughUntouched) {
  EXPECT_THROW(while_doing([] { return "x"; }, [] { throw Cancelled(); }), Cancelled);
}

TEST(Error, CancelledIsNoError) {
  bool swallowed = false;
  try {
    try {
      throw Cancelled();
    } catch (const Error&) {
      swallowed = true;
    }
  } catch (const Cancelled&) {
  }
  EXPECT_FALSE(swallowed);
}

TEST(Error, IoErrorSaysWhatTheSystemSaid) {
  errno = ENOENT;
  EXPECT_EQ(io_error("open x").message(), "open x: no such file or directory");
}

}  // namespace
}  // namespace tote
