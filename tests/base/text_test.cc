#include "base/text.h"

#include <gtest/gtest.h>

namespace tote {
namespace {

TEST(Text, SplitsIntoAtLeastOnePart) {
  EXPECT_EQ(split("", ','), std::vector<std::string>{""});
  EXPECT_EQ(split("a,,b", ','), (std::vector<std::string>{"a", "", "b"}));
}

TEST(Text, ParsesWholeNumbersOnly) {
  EXPECT_EQ(parse_number("0"), 0U);
  EXPECT_EQ(parse_number("18446744073709551615"), UINT64_MAX);
  for (const char* text : {"", "-1", "+1", "1 ", "0x1", "18446744073709551616"})
    EXPECT_FALSE(parse_number(text)) << text;
}

TEST(Text, Base64GoesThereAndBack) {
  for (const std::string& text : {std::string(), std::string("f"), std::string("fo"),
                                  std::string("foo"), std::string("\0\xff:", 3)})
    EXPECT_EQ(base64_decode(base64_encode(text)), text);
  EXPECT_EQ(base64_encode("fo"), "Zm8=");
  EXPECT_FALSE(base64_decode("a"));
  EXPECT_FALSE(base64_decode("Zm8!"));
}

TEST(Text, PercentEncodesAllButTheUnreserved) {
  EXPECT_EQ(percent_encode("sha256:a/b c~"), "sha256%3Aa%2Fb%20c~");
}

TEST(Text, TrimsAndLowers) {
  EXPECT_EQ(trim(" \t a b\r\n"), "a b");
  EXPECT_EQ(trim("  "), "");
  EXPECT_EQ(to_lower("AbC\xc3\x84"), "abc\xc3\x84");
  EXPECT_TRUE(equal_ignoring_case("Content-Type", "content-type"));
}

}  // namespace
}  // namespace tote
