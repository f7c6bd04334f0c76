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

// The values of a list, or what is said of the text.
std::vector<std::string> all_at_once(std::string_view text) {
  std::vector<std::string> items;
  try {
    for (const Json& item : Json::parse(text, "d").items()) items.push_back(item.text());
  } catch (const Error& error) {
    return {error.message()};
  }
  return items;
}
std::vector<std::string> one_by_one(std::string_view text) {
  std::vector<std::string> items;
  try {
    Json::visit_items(text, "d", [&](const Json& item) {
      items.push_back(item.text());
      return true;
    });
  } catch (const Error& error) {
    return {error.message()};
  }
  return items;
}

TEST(Json, VisitsTheItemsThatItWouldHaveParsedTogether) {
  for (const char* text :
       {"[]", " [ ] ", "[1]", "[1,2]", "\t[1 ,\n2 ]\r\n", R"(["a,b","]","\"","\\"])",
        R"([{"a":[1,2],"b":{"c":"}"}},[],[[1],"x"]])", "[null,true]", "\xef\xbb\xbf[1,2]",
        // and what is none
        "", " ", "{}", "1", "\"a\"", "null", "[", "[1", "[1,", "[1,]", "[,1]", "[,]", "[1 2]",
        "[1}", "[1]]", "[1],", "[1]x", "[1,2}", "]", "[{]}", "[{},{]", R"(["a)", R"(["a\)",
        "[\xff]", "[1]\v", "[[1,2]", "[}"})
    EXPECT_EQ(one_by_one(text), all_at_once(text)) << text;
}

TEST(Json, VisitsNoMoreItemsThanAreWanted) {
  std::size_t visited = 0;
  Json::visit_items("[1,2,nonsense", "d", [&](const Json& item) {
    EXPECT_EQ(item.number(), ++visited);
    return visited < 2;
  });
  EXPECT_EQ(visited, 2U);
}

TEST(Json, SaysWhichItemIsWrong) {
  const auto visit = [](const Json& item) {
    item.string();
    return true;
  };
  EXPECT_THAT([&] { Json::visit_items(R"(["a",{},"b"])", "d", visit); },
              ThrowsError(ErrorKind::kParse, "d: $[1]: expected a string"));
}

TEST(Json, IsBoundedAlsoItemByItem) {
  std::string many = "[0";
  for (int i = 0; i < 2'000'000; ++i) many += ",0";
  EXPECT_EQ(one_by_one(many + "]"), all_at_once(many + "]"));
  const std::string deep = std::string(257, '[') + std::string(257, ']');
  EXPECT_EQ(one_by_one(deep), all_at_once(deep));
}

}  // namespace
}  // namespace tote
