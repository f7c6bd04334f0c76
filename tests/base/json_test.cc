#include "base/json.h"

#include "tests/support/matchers.h"

#include <gtest/gtest.h>

namespace tote {
namespace {

using test::ThrowsError;

TEST(Json, ComplaintsNameDocumentAndPath) {
  const Json json = Json::parse(R"({"layers":[{"size":"x"},{"size":-1}]})", "manifest m");
  EXPECT_THAT([&] { json.at("layers").items()[0].at("size").number(); },
              ThrowsError(ErrorKind::kParse,
                          "manifest m: $.layers[0].size: expected a non-negative whole number"));
  EXPECT_THAT([&] { json.at("layers").items()[1].at("size").number(); },
              ThrowsError(ErrorKind::kParse, "$.layers[1].size"));
  EXPECT_THAT([&] { json.at("config"); }, ThrowsError(ErrorKind::kParse, "$.config: missing"));
}

TEST(Json, RefusesWhatIsNoJson) {
  for (const char* text : {"", "{", "nul", "{\"a\":1}x", "\xff"})
    EXPECT_THAT([&] { Json::parse(text, "d"); },
                ThrowsError(ErrorKind::kParse, "d: not valid JSON"));
}

TEST(Json, TakesNullForAbsent) {
  const Json json = Json::parse(R"({"a":null,"b":{"x":"1"}})", "d");
  EXPECT_FALSE(json.find("a"));
  EXPECT_EQ(json.string_or("a", "otherwise"), "otherwise");
  EXPECT_TRUE(json.string_map("a").empty());
  EXPECT_EQ(json.string_map("b").at("x"), "1");
}

TEST(Json, IsBoundedInDepth) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_EQ(Json::parse(nested(256), "d").text(), nested(256));
  for (const std::size_t depth : {257UL, 1'000'000UL})
    EXPECT_THAT([&] { Json::parse(nested(depth), "d"); },
                test::ThrowsError(ErrorKind::kParse, "d: nested deeper than 256"));
  EXPECT_NO_THROW(Json::parse("\"" + nested(1000) + "\"", "d")) << "text has no depth";
}

}  // namespace
}  // namespace tote
