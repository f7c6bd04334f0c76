#include "base/json_edit.h"

#include "base/json.h"
#include "tests/support/matchers.h"

#include <gtest/gtest.h>

namespace tote {
namespace {

using test::ThrowsError;

struct Edit {
  const char* name;
  std::string text;
  JsonPath path;
  std::string value;  // empty: remove it
  std::string result;
};

class JsonEdit : public testing::TestWithParam<Edit> {};

TEST_P(JsonEdit, KeepsEveryOtherByte) {
  const Edit& edit = GetParam();
  const std::string got = edit.value.empty()
                              ? json_without(edit.text, edit.path, "d")
                              : json_with(edit.text, edit.path, RawJson{edit.value}, "d");
  EXPECT_EQ(got, edit.result);
}

// As `docker login` writes it.
constexpr const char* kDockerConfig =
    "{\n"
    "\t\"auths\": {\n"
    "\t\t\"https://index.docker.io/v1/\": {\n"
    "\t\t\t\"auth\": \"dTpw\"\n"
    "\t\t},\n"
    "\t\t\"ghcr.io\": {}\n"
    "\t},\n"
    "\t\"credsStore\": \"pass\"\n"
    "}";

INSTANTIATE_TEST_SUITE_P(
    Set, JsonEdit,
    testing::Values(
        Edit{"IntoAnEmptyObject", "{}", {"a"}, "1", R"({"a":1})"},
        Edit{"IntoAnObjectOfBlanks", "{ }\n", {"a"}, "1", "{\"a\":1}\n"},
        Edit{"IntoAnEmptyObjectOfLines", "{\n}\n", {"a"}, "1", "{\n  \"a\": 1\n}\n"},
        Edit{"Compact", R"({"z":1,"a":[1, 2.50]})", {"b"}, "2", R"({"z":1,"a":[1, 2.50],"b":2})"},
        Edit{"CompactNested", R"({"a":1})", {"b", "c", "d"}, "2", R"({"a":1,"b":{"c":{"d":2}}})"},
        Edit{"WithBlanks", R"({"a": 1})", {"b", "c"}, "2", R"({"a": 1, "b": {"c": 2}})"},
        Edit{"WithBlanksInBraces", R"({ "a": 1 })", {"b"}, "2", R"({ "a": 1, "b": 2 })"},
        Edit{"LikeTheLastTwo",
             R"({"a" :1 ,"x" :2 ,  "b" :3})",
             {"c"},
             "4",
             R"({"a" :1 ,"x" :2 ,  "b" :3 ,  "c" :4})"},
        Edit{"CommasInFront",
             "{ \"a\": 1\n, \"b\": 2\n}",
             {"c"},
             "3",
             "{ \"a\": 1\n, \"b\": 2\n, \"c\": 3\n}"},
        Edit{"ValueWithBlanksAroundIt", R"({"a":1})", {"b"}, " [ 1 ]\r\n", R"({"a":1,"b":[ 1 ]})"},
        Edit{"ValueWithBlanksInPlaceOfAnother",
             R"({"a":1,"b":2})",
             {"a"},
             "\t2 ",
             R"({"a":2,"b":2})"},
        Edit{
            "ValueBehindAByteOrderMark", R"({"a":1})", {"b"}, "\xef\xbb\xbf 2", R"({"a":1,"b":2})"},
        Edit{"Replaced", R"({"a": 1.50e1 , "b":"x"})", {"a"}, "[]", R"({"a": [] , "b":"x"})"},
        Edit{"ReplacedInside",
             R"({"a": {"b" : {"c":1}}, "b":"x"})",
             {"a", "b"},
             "\"{\"",
             R"({"a": {"b" : "{"}, "b":"x"})"},
        Edit{"NullOnTheWay", R"({"a":null,"b":1})", {"a", "c"}, "2", R"({"a":{"c":2},"b":1})"},
        Edit{"NullOnTheWayInLines",
             "{\n  \"a\": null\n}",
             {"a", "c"},
             "2",
             "{\n  \"a\": {\n    \"c\": 2\n  }\n}"},
        Edit{"LastOfTwo", R"({"a":1,"a":2,"b":3})", {"a"}, "4", R"({"a":1,"a":4,"b":3})"},
        Edit{"IntoTheLastOfTwo",
             R"({"a":{"x":1},"a":{"x":2}})",
             {"a", "x"},
             "3",
             R"({"a":{"x":1},"a":{"x":3}})"},
        Edit{"EscapedKey", R"({"\u0061\/":1})", {"a/"}, "2", R"({"\u0061\/":2})"},
        Edit{"TrickyStrings",
             R"({"a":"}\",\\","b":["{\"b\":1}"]})",
             {"b"},
             "2",
             R"({"a":"}\",\\","b":2})"},
        Edit{"KeyToBeQuoted", "{}", {"<\"\n"}, "2", R"({"\u003c\"\n":2})"},
        Edit{"EmptyKey", R"({"a":1})", {""}, "2", R"({"a":1,"":2})"},
        Edit{"WindowsLines",
             "{\r\n    \"a\": 1\r\n}\r\n",
             {"b", "c"},
             "2",
             "{\r\n    \"a\": 1,\r\n    \"b\": {\r\n        \"c\": 2\r\n    }\r\n}\r\n"},
        Edit{"ByteOrderMark", "\xef\xbb\xbf {\"a\":1}", {"a"}, "2", "\xef\xbb\xbf {\"a\":2}"},
        Edit{"WithoutIndentation",
             "{\n\"a\": 1\n}",
             {"b", "c"},
             "2",
             "{\n\"a\": 1,\n\"b\": {\n  \"c\": 2\n}\n}"},
        Edit{"BraceBehindTheLast", "{\n  \"a\": 1}", {"b"}, "2", "{\n  \"a\": 1,\n  \"b\": 2}"},
        Edit{"Login",
             kDockerConfig,
             {"auths", "ghcr.io", "auth"},
             "\"eDp5\"",
             "{\n"
             "\t\"auths\": {\n"
             "\t\t\"https://index.docker.io/v1/\": {\n"
             "\t\t\t\"auth\": \"dTpw\"\n"
             "\t\t},\n"
             "\t\t\"ghcr.io\": {\n"
             "\t\t\t\"auth\": \"eDp5\"\n"
             "\t\t}\n"
             "\t},\n"
             "\t\"credsStore\": \"pass\"\n"
             "}"},
        Edit{"LoginElsewhere",
             kDockerConfig,
             {"auths", "quay.io", "auth"},
             "\"eDp5\"",
             "{\n"
             "\t\"auths\": {\n"
             "\t\t\"https://index.docker.io/v1/\": {\n"
             "\t\t\t\"auth\": \"dTpw\"\n"
             "\t\t},\n"
             "\t\t\"ghcr.io\": {},\n"
             "\t\t\"quay.io\": {\n"
             "\t\t\t\"auth\": \"eDp5\"\n"
             "\t\t}\n"
             "\t},\n"
             "\t\"credsStore\": \"pass\"\n"
             "}"}),
    [](const auto& test) { return test.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Remove, JsonEdit,
    testing::Values(
        Edit{"Only", R"({ "a": 1 })", {"a"}, "", "{}"},
        Edit{"First", R"({ "a": 1, "b":2 })", {"a"}, "", R"({ "b":2 })"},
        Edit{"Middle", R"({"a": 1,"b":2 , "c" :3})", {"b"}, "", R"({"a": 1 , "c" :3})"},
        Edit{"Last", R"({"a": 1 , "b":2 })", {"b"}, "", R"({"a": 1 })"},
        Edit{"EachOfSeveral", R"({"a":1,"b":2,"a":3,"\u0061":4})", {"a"}, "", R"({"b":2})"},
        Edit{"AllOfSeveral", R"({"a":1,"a":3})", {"a"}, "", "{}"},
        Edit{"Inside", R"([{}] )", {"a"}, "", R"([{}] )"},
        Edit{"NotThere", R"({ "a" : { } })", {"b"}, "", R"({ "a" : { } })"},
        Edit{"NotThereInside", R"({ "a" : { } })", {"a", "b"}, "", R"({ "a" : { } })"},
        Edit{"BehindWhatIsNoObject", R"({"a":"b"})", {"a", "b"}, "", R"({"a":"b"})"},
        Edit{"FromTheOneThatCounts",
             R"({"a":{"x":1},"a":{"x":2,"y":3}})",
             {"a", "x"},
             "",
             R"({"a":{"x":1},"a":{"y":3}})"},
        Edit{"Null", R"({"a":null,"b":1})", {"a"}, "", R"({"b":1})"},
        Edit{"Logout",
             kDockerConfig,
             {"auths", "https://index.docker.io/v1/"},
             "",
             "{\n"
             "\t\"auths\": {\n"
             "\t\t\"ghcr.io\": {}\n"
             "\t},\n"
             "\t\"credsStore\": \"pass\"\n"
             "}"}),
    [](const auto& test) { return test.param.name; });

TEST(JsonEdit, SaysWhatIsInTheWay) {
  const auto set = [](std::string_view text, const JsonPath& path, std::string_view value) {
    return [=] { json_with(text, path, RawJson{value}, "config.json"); };
  };
  EXPECT_THAT(set("[]", {"a"}, "1"),
              ThrowsError(ErrorKind::kParse, "config.json: $: expected an object"));
  EXPECT_THAT(set(R"({"a":{"b":[]}})", {"a", "b", "c"}, "1"),
              ThrowsError(ErrorKind::kParse, "config.json: $.a.b: expected an object"));
  EXPECT_THAT(set("{", {"a"}, "1"), ThrowsError(ErrorKind::kParse, "config.json: not valid JSON"));
  EXPECT_THAT(set("{}", {"a"}, "1,\"b\":2"), ThrowsError(ErrorKind::kParse, "value"));
  EXPECT_THAT(set("{}", {"a"}, std::string_view("1\0", 2)),
              ThrowsError(ErrorKind::kParse, "not valid JSON"));
  EXPECT_THAT(set("{}", {}, "1"), ThrowsError(ErrorKind::kInternal, "without a place"));
  EXPECT_THAT([] { json_without("{", {"a"}, "d"); },
              ThrowsError(ErrorKind::kParse, "d: not valid JSON"));
}

TEST(JsonEdit, DoesNotMakeWhatNobodyCouldReadAgain) {
  const std::string deep = std::string(256, '[') + std::string(256, ']');
  EXPECT_THAT([&] { json_with("{}", {"a"}, RawJson{deep}, "d"); },
              ThrowsError(ErrorKind::kParse, "d: nested deeper than 256"));
}

TEST(JsonEdit, TakesLinearTimeForManyOfOneKey) {
  std::string text = "{";
  for (int i = 0; i < 200'000; ++i) text += R"("a":"\\\"{",)";
  text += R"("b":1})";
  EXPECT_EQ(json_without(text, {"a"}, "d"), R"({"b":1})");
  EXPECT_TRUE(json_with(text, {"a"}, RawJson{"7"}, "d").ends_with(R"("a":7,"b":1})"));
}

}  // namespace
}  // namespace tote
