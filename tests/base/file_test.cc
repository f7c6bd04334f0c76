#include "base/file.h"

#include "tests/support/matchers.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

namespace tote {
namespace {

using test::TempDir;
using test::ThrowsError;
using test::write_text;

TEST(ReadFile, RefusesMoreThanTheLimit) {
  const TempDir dir;
  write_text(dir / "f", "0123456789");
  EXPECT_EQ(read_file(dir / "f", 10), "0123456789");
  EXPECT_THAT([&] { read_file(dir / "f", 9); }, ThrowsError(ErrorKind::kParse, "larger than 9"));
  EXPECT_THAT([&] { read_file(dir / "none", 9); },
              ThrowsError(ErrorKind::kIo, "no such file or directory"));
}

}  // namespace
}  // namespace tote
