#include "base/go_duration.h"

#include <gtest/gtest.h>

#include <map>

namespace tote {
namespace {

TEST(GoDuration, ReadsAndWrites) {
  using std::chrono::milliseconds;
  for (const auto& [text, value] :
       std::map<std::string, milliseconds>{{"500ms", milliseconds(500)},
                                           {"30s", milliseconds(30'000)},
                                           {"1m30s", milliseconds(90'000)},
                                           {"1.5h", milliseconds(5'400'000)},
                                           {"0", milliseconds(0)}})
    EXPECT_EQ(parse_go_duration(text), value) << text;
  EXPECT_EQ(format_go_duration(milliseconds(30'000)), "30s");
  EXPECT_EQ(format_go_duration(milliseconds(90'000)), "1m30s");
  EXPECT_EQ(format_go_duration(milliseconds(500)), "500ms");
  using std::chrono::nanoseconds;
  for (const auto& [value, text] :
       std::map<std::int64_t, std::string>{{0, "0s"},
                                           {7, "7ns"},
                                           {1000, "1µs"},
                                           {58'737, "58.737µs"},
                                           {2'101'049, "2.101049ms"},
                                           {1'500'000'000, "1.5s"},
                                           {61'020'000'000, "1m1.02s"},
                                           {3'600'000'000'000, "1h0m0s"}})
    EXPECT_EQ(format_go_duration(nanoseconds(value)), text);
  for (const char* text : {"", "5", "s", "-5s", "1x", "1e9h", "nans", "infs"})
    EXPECT_THROW(parse_go_duration(text), std::string) << text;
}

}  // namespace
}  // namespace tote
