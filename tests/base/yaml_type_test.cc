#include "base/yaml_type.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace tote {
namespace {

void expect_type(YamlType type, const std::vector<std::string>& texts) {
  for (const std::string& text : texts)
    EXPECT_EQ(static_cast<int>(plain_yaml_type(text)), static_cast<int>(type)) << text;
}

TEST(YamlNumber, IsWhatTheTextSays) {
  const auto is = [](const std::string& text, YamlNumber number) {
    EXPECT_EQ(yaml_number(text), number) << text;
  };
  is("0", std::int64_t{0});
  is("-12", std::int64_t{-12});
  is("1_000", std::int64_t{1000});
  is("0x1F", std::int64_t{31});
  is("017", std::int64_t{15});
  is("0o17", std::int64_t{15});
  is("-0b11", std::int64_t{-3});
  is("-9223372036854775808", std::numeric_limits<std::int64_t>::min());
  is("18446744073709551615", std::numeric_limits<std::uint64_t>::max());
  is("18446744073709551616", 18446744073709551616.0);
  is("08", 8.0);
  is("-.5", -0.5);
  is("1_0.5e1", 105.0);
  is("1e-999", 0.0);
  is("-.Inf", -std::numeric_limits<double>::infinity());
  EXPECT_TRUE(std::isnan(as_double(yaml_number(".NaN"))));
  EXPECT_EQ(as_double(yaml_number("7")), 7.0);
}

TEST(YamlType, TakesScalarsForWhatHelmTakesThem) {
  expect_type(YamlType::kNull, {"", "~", "null", "Null", "NULL"});
  expect_type(YamlType::kBool,
              {"true", "True", "TRUE", "false", "False", "FALSE", "yes", "Yes", "YES", "no", "No",
               "NO",   "on",   "On",   "ON",    "off",   "Off",   "OFF", "y",   "Y",   "n",  "N"});
  expect_type(YamlType::kInteger, {"0",
                                   "1",
                                   "-1",
                                   "+1",
                                   "00",
                                   "017",
                                   "0o17",
                                   "0O17",
                                   "0x1F",
                                   "0Xff",
                                   "-0x1",
                                   "0b11",
                                   "0B1",
                                   "-0b11",
                                   "1_000",
                                   "1_",
                                   "0x_1f",
                                   "18446744073709551615",
                                   "9223372036854775807",
                                   "-9223372036854775808",
                                   "0xffffffffffffffff"});
  expect_type(YamlType::kFloat, {"1.0",
                                 "1.",
                                 ".5",
                                 "-.5",
                                 "+.5",
                                 "1e3",
                                 "1E3",
                                 "1e+3",
                                 "1e-3",
                                 "-1.5e3",
                                 "08",
                                 "09",
                                 "1_0.5",
                                 "18446744073709551616",
                                 "-9223372036854775809",
                                 "1e-999",
                                 ".inf",
                                 ".Inf",
                                 ".INF",
                                 "+.inf",
                                 "-.INF",
                                 ".nan",
                                 ".NaN",
                                 ".NAN",
                                 "0." + std::string(400, '0') + "1",
                                 "-." + std::string(400, '0') + "1",
                                 "1" + std::string(300, '0')});
  expect_type(YamlType::kText, {"a",
                                "nULL",
                                "tRUE",
                                "YeS",
                                "<<",
                                "-",
                                "+",
                                ".",
                                "..",
                                "--1",
                                "+-1",
                                "1-",
                                "1 ",
                                " 1",
                                "1.2.3",
                                "v1",
                                "1a",
                                "0x",
                                "0xg",
                                "0b2",
                                "0o8",
                                "e3",
                                "1e",
                                "1e+",
                                ".e3",
                                "1:30",
                                "1:30:20.5",
                                "2020-01-01",
                                "1e999",
                                "-1e999",
                                "_1",
                                ".1_0",
                                "-.nan",
                                "+.nan",
                                "infinity",
                                "nan",
                                "1,000",
                                "0x1.8p1",
                                "١",
                                "2020-01-01T00:00:00Z",
                                "0x10000000000000000",
                                "1.21-alpine",
                                "1e3.5",
                                "1" + std::string(400, '0')});
}

TEST(YamlType, FollowsTagsWhereTheValueFits) {
  struct Row {
    const char* tag;
    const char* text;
    YamlType type;
  };
  for (const Row& row : std::vector<Row>{
           {"tag:yaml.org,2002:str", "1", YamlType::kText},
           {"tag:yaml.org,2002:str", "", YamlType::kText},
           {"tag:yaml.org,2002:int", "1", YamlType::kInteger},
           {"tag:yaml.org,2002:int", "1.5", YamlType::kText},
           {"tag:yaml.org,2002:int", "x", YamlType::kText},
           {"tag:yaml.org,2002:float", "1", YamlType::kFloat},
           {"tag:yaml.org,2002:float", "1.5", YamlType::kFloat},
           {"tag:yaml.org,2002:bool", "yes", YamlType::kBool},
           {"tag:yaml.org,2002:bool", "1", YamlType::kText},
           {"tag:yaml.org,2002:null", "", YamlType::kNull},
           {"tag:yaml.org,2002:null", "x", YamlType::kText},
           {"tag:yaml.org,2002:binary", "AAAA", YamlType::kText},
           {"tag:yaml.org,2002:timestamp", "2020-01-01", YamlType::kText},
           {"!mine", "1", YamlType::kText},
           {"!", "1", YamlType::kText},
       })
    EXPECT_EQ(static_cast<int>(tagged_yaml_type(row.tag, row.text)), static_cast<int>(row.type))
        << row.tag << " " << row.text;
}

}  // namespace
}  // namespace tote
