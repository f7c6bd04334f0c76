#include "base/spool.h"

#include "tests/support/image_builder.h"

#include <gtest/gtest.h>

namespace tote {
namespace {

void expect_keeps(std::size_t size) {
  const std::string bytes = test::random_bytes(size, 1);
  Spool spool;
  for (std::size_t at = 0; at < size; at += 100'000)
    spool.write(as_bytes(std::string_view(bytes).substr(at, 100'000)));
  EXPECT_EQ(spool.size(), size);
  const auto whole = spool.open();
  EXPECT_EQ(read_all(*whole, size, "spool"), bytes);
  const auto rest = spool.open(size / 2);
  EXPECT_EQ(read_all(*rest, size, "spool"), bytes.substr(size / 2));
}

TEST(Spool, KeepsLittleInMemory) {
  expect_keeps(10'000);
}
TEST(Spool, KeepsMuchInAFile) {
  expect_keeps(3 * Spool::kInMemory);
}
TEST(Spool, KeepsNothing) {
  expect_keeps(0);
}

}  // namespace
}  // namespace tote
