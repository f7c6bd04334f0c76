#include "base/random_access.h"

#include "base/file.h"
#include "tests/support/matchers.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

namespace tote {
namespace {

using test::TempDir;
using test::ThrowsError;
using test::write_text;

TEST(RangeSource, ReadsItsPartAndNoMore) {
  const TempDir dir;
  write_text(dir / "f", "0123456789");
  const FilePtr file = open_for_reading(dir / "f");
  RangeSource part(file, 3, 4);
  EXPECT_EQ(read_all(part, 100, "f"), "3456");
}

TEST(RangeSource, NoticesAFileThatBecameShorter) {
  const TempDir dir;
  write_text(dir / "f", "0123456789");
  const FilePtr file = open_for_reading(dir / "f");
  std::filesystem::resize_file(dir / "f", 5);
  RangeSource part(file, 3, 4);
  EXPECT_THAT([&] { read_all(part, 100, "f"); }, ThrowsError(ErrorKind::kIo, "shorter"));
}

}  // namespace
}  // namespace tote
