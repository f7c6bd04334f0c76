#include "base/json_quote.h"

#include <gtest/gtest.h>

namespace tote {
namespace {

TEST(JsonQuote, EscapesAsGoDoes) {
  EXPECT_EQ(json_quote("a\"b\\c\n\t\x01"), R"("a\"b\\c\n\t\u0001")");
  EXPECT_EQ(json_quote("<&>"), R"("\u003c\u0026\u003e")");
  EXPECT_EQ(json_quote("\u2028\u00e9"), "\"\\u2028\u00e9\"");
  EXPECT_EQ(json_quote("\xff|\xe2\x82|\xed\xa0\x80"),
            R"("\ufffd|\ufffd\ufffd|\ufffd\ufffd\ufffd")");
}

TEST(JsonQuote, CanLeaveWhatOnlyGoEscapes) {
  EXPECT_EQ(json_quote("a\"<&>\u2028\x01\xff", JsonEscape::kMinimal),
            "\"a\\\"<&>\u2028\\u0001\\ufffd\"");
}

}  // namespace
}  // namespace tote
