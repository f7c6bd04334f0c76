#include "bundle/working_copy/increment.h"

#include "base/error.h"
#include "tests/support/matchers.h"

#include <gtest/gtest.h>

namespace tote::bundle::working_copy {
namespace {

struct Row {
  const char* tag;
  const char* next;  // "": it is an error
};
class Increment : public testing::TestWithParam<Row> {};

TEST_P(Increment, RaisesTheSmallestPartThatIsThere) {
  const Row& row = GetParam();
  if (*row.next != '\0') {
    EXPECT_EQ(incremented(row.tag), row.next);
    return;
  }
  try {
    incremented(row.tag);
    FAIL() << "no error for " << row.tag;
  } catch (const Error& error) {
    EXPECT_EQ(error.message(), std::string("unable to increment '") + row.tag + "'");
  }
}

INSTANTIATE_TEST_SUITE_P(
    Rows, Increment,
    testing::Values(Row{"1", "2"}, Row{"v1", "v2"}, Row{"v1.0", "v1.1"}, Row{"1.0", "1.1"},
                    Row{"v1.0.0", "v1.0.1"}, Row{"v4.1.9-alpha", "v4.1.10-alpha"},
                    Row{"v1.0-rc.1", "v1.1-rc.1"}, Row{"v1-rc.1.2.3", "v2-rc.1.2.3"},
                    Row{"9", "10"}, Row{"v1.99", "v1.100"}, Row{"0", "1"}, Row{"v0.09", "v0.10"},
                    Row{"18446744073709551615", "18446744073709551616"}, Row{"v1.2.3-", "v1.2.4-"},
                    Row{"latest", ""}, Row{"", ""}, Row{"v", ""}, Row{"v1.", ""}, Row{".1", ""},
                    Row{"v1..2", ""}, Row{"1.2.3.4", ""}, Row{"V1", ""}, Row{"v1.2.3+meta", ""},
                    Row{"1.x", ""}, Row{"v1_2", ""}, Row{"rc-1", ""},
                    Row{"sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                        ""}));

TEST(IncrementAtTheLimit, IsStillATag) {
  const std::string nines(128, '9');
  EXPECT_THROW(incremented(nines), Error);
  EXPECT_EQ(incremented(std::string(127, '9')), "1" + std::string(127, '0'));
}

}  // namespace
}  // namespace tote::bundle::working_copy
