#include "bundle/created_time.h"

#include "tests/support/matchers.h"

#include <gtest/gtest.h>

namespace tote::bundle {
namespace {

struct Time {
  const char* text;
  const char* utc;  // "": refused
};
class CreatedTime : public testing::TestWithParam<Time> {};

TEST_P(CreatedTime, IsTakenAsPeopleAndBuildsWriteItAndNothingElse) {
  if (*GetParam().utc != '\0') {
    EXPECT_EQ(parse_created_time(GetParam().text), GetParam().utc);
  } else {
    EXPECT_THAT([] { parse_created_time(GetParam().text); },
                test::ThrowsError(ErrorKind::kUsage, "expected a time like 2024-05-06T07:08:09Z"));
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, CreatedTime,
    testing::Values(Time{"2024-05-06T07:08:09Z", "2024-05-06T07:08:09Z"},
                    Time{"2024-05-06T07:08:09+02:00", "2024-05-06T05:08:09Z"},
                    Time{"2023-12-31T23:30:00-00:45", "2024-01-01T00:15:00Z"},
                    Time{"2024-05-06T07:08:09.500Z", "2024-05-06T07:08:09.5Z"},
                    Time{"2024-05-06T07:08:09.000Z", "2024-05-06T07:08:09Z"},
                    Time{"2024-05-06T07:08:09.1234567891Z", "2024-05-06T07:08:09.123456789Z"},
                    Time{"2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z"},
                    Time{"0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"},
                    Time{"9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"},
                    Time{"@0", "1970-01-01T00:00:00Z"}, Time{"@1700000000", "2023-11-14T22:13:20Z"},
                    Time{"@253402300799", "9999-12-31T23:59:59Z"},  //
                    Time{"", ""}, Time{"@", ""}, Time{"@-1", ""}, Time{"@1.5", ""},
                    Time{"@253402300800", ""}, Time{"@99999999999999999999", ""},
                    Time{"1700000000", ""}, Time{"now", ""}, Time{"2024-05-06", ""},
                    Time{"2024-05-06T07:08:09", ""}, Time{"2024-05-06 07:08:09Z", ""},
                    Time{"2024-05-06T07:08Z", ""}, Time{"2023-02-29T00:00:00Z", ""},
                    Time{"2024-13-01T00:00:00Z", ""}, Time{"2024-00-10T00:00:00Z", ""},
                    Time{"2024-05-06T24:00:00Z", ""}, Time{"2024-05-06T07:60:09Z", ""},
                    Time{"2024-05-06T07:08:60Z", ""}, Time{"2024-05-06T07:08:09.Z", ""},
                    Time{"2024-05-06T07:08:09+24:00", ""}, Time{"2024-05-06T07:08:09+0200", ""},
                    Time{"2024-05-06T07:08:09Zx", ""}, Time{"-024-05-06T07:08:09Z", ""},
                    Time{"0001-01-01T00:00:00+00:01", ""}, Time{"9999-12-31T23:59:59-00:01", ""}));

TEST(CreatedTimeHint, SaysHowSecondsAreWritten) {
  try {
    parse_created_time("1700000000");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.hint(), "seconds are written '@1700000000'");
  }
}

}  // namespace
}  // namespace tote::bundle
