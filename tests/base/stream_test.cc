#include "base/stream.h"

#include "tests/support/matchers.h"

#include <gtest/gtest.h>

namespace tote {
namespace {

using test::ThrowsError;

TEST(Stream, CopiesThroughChunksOfAnySize) {
  for (const std::size_t chunk : {1UL, 3UL, 100UL}) {
    BytesSource from(std::string_view("hello world"));
    StringSink to;
    EXPECT_EQ(copy_stream(from, to, chunk), 11U);
    EXPECT_EQ(to.text(), "hello world");
  }
}

TEST(Stream, ReadAllHasALimit) {
  BytesSource exact(std::string_view("12345"));
  EXPECT_EQ(read_all(exact, 5, "x"), "12345");
  BytesSource more(std::string_view("123456"));
  EXPECT_THAT([&] { read_all(more, 5, "x"); },
              ThrowsError(ErrorKind::kParse, "x is larger than 5 bytes"));
}

TEST(Stream, ExpectEndComplainsAboutMore) {
  BytesSource none(std::string_view(""));
  EXPECT_NO_THROW(expect_end(none));
  BytesSource more(std::string_view("x"));
  EXPECT_THAT([&] { expect_end(more); }, ThrowsError(ErrorKind::kParse, "more than"));
}

}  // namespace
}  // namespace tote
