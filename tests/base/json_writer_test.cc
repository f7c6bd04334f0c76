#include "base/json_writer.h"

#include "base/json.h"
#include "tests/support/matchers.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <limits>

namespace tote {
namespace {

using test::ThrowsError;

using Map = std::map<std::string, std::string>;

// The same document in any style.
void write_sample(JsonWriter& json) {
  json.begin_object().member("name", "a<b>").member("count", 2).member("yes", true);
  json.member("none", nullptr).member("empty list", std::vector<std::string>{});
  json.key("empty object").begin_object().end_object();
  json.member("labels", Map{{"b", "2"}, {"a", "1"}});
  json.key("list").begin_array().value("x").begin_array().value(1).value(2).end_array();
  json.begin_object().member("k", RawJson{"{\"as\":  \"it is\"}"}).end_object().end_array();
  json.end_object();
}

TEST(JsonWriter, WritesWithoutBlanks) {
  JsonWriter json;
  write_sample(json);
  EXPECT_EQ(json.take(), R"({"name":"a\u003cb\u003e","count":2,"yes":true,"none":null,)"
                         R"("empty list":[],"empty object":{},"labels":{"a":"1","b":"2"},)"
                         R"("list":["x",[1,2],{"k":{"as":  "it is"}}]})");
}

TEST(JsonWriter, IndentsAsGoDoes) {
  JsonWriter json({.indent = 4, .escape = JsonEscape::kMinimal});
  write_sample(json);
  EXPECT_EQ(json.take(), R"({
    "name": "a<b>",
    "count": 2,
    "yes": true,
    "none": null,
    "empty list": [],
    "empty object": {},
    "labels": {
        "a": "1",
        "b": "2"
    },
    "list": [
        "x",
        [
            1,
            2
        ],
        {
            "k": {"as":  "it is"}
        }
    ]
})");
}

TEST(JsonWriter, WritesWholeNumbersOfAnySize) {
  JsonWriter json;
  json.begin_array().value(0).value(std::numeric_limits<std::int64_t>::min());
  json.value(std::numeric_limits<std::uint64_t>::max()).value(std::int8_t{-7}).end_array();
  EXPECT_EQ(json.take(), "[0,-9223372036854775808,18446744073709551615,-7]");
}

TEST(JsonWriter, TakesAnyKindOfTextForText) {
  const char* pointer = "pointer";
  JsonWriter json;
  json.begin_array().value("literal").value(pointer).value(std::string("string"));
  json.value(std::string_view("view")).end_array();
  EXPECT_EQ(json.take(), R"(["literal","pointer","string","view"])");
}

TEST(JsonWriter, LeavesOutWhatIsEmptyWhereAsked) {
  JsonWriter json;
  json.begin_object()
      .member_unless_empty("a", std::string())
      .member_unless_empty("b", std::string("text"))
      .member_unless_empty("c", std::vector<std::string>{})
      .member_unless_empty("d", Map{})
      .member_unless_empty("e", Map{{"k", "v"}});
  EXPECT_EQ(json.end_object().take(), R"({"b":"text","e":{"k":"v"}})");
}

TEST(JsonWriter, CopiesMembersOfADocument) {
  const Json other = Json::parse(R"({"z": [1, 2.50], "<": {"b":1, "a":null}, "x": 1})", "d");
  JsonWriter json;
  json.begin_object().member("first", 1).members_of(other, {"x"});
  EXPECT_EQ(json.end_object().take(), R"({"first":1,"\u003c":{"a":null,"b":1},"z":[1,2.5]})");
}

TEST(JsonWriter, WritesOneValueAsADocument) {
  EXPECT_EQ(as_json(Map{}), "{}");
  EXPECT_EQ(as_json(std::vector<std::string>{}), "[]");
  EXPECT_EQ(as_json(std::vector<std::string>{"a\"b", "<", ""}), R"(["a\"b","\u003c",""])");
}

struct Misuse {
  const char* name;
  std::function<void(JsonWriter&)> write;
};

class JsonWriterMisuse : public testing::TestWithParam<Misuse> {};

TEST_P(JsonWriterMisuse, NeverComesOutAsInvalidJson) {
  JsonWriter json;
  EXPECT_THAT([&] { GetParam().write(json); }, ThrowsError(ErrorKind::kInternal, "JSON"));
}

INSTANTIATE_TEST_SUITE_P(
    All, JsonWriterMisuse,
    testing::Values(
        Misuse{"Nothing", [](JsonWriter& json) { json.take(); }},
        Misuse{"NotEnded", [](JsonWriter& json) { json.begin_object().take(); }},
        Misuse{"InnerNotEnded",
               [](JsonWriter& json) { json.begin_array().begin_array().end_array().take(); }},
        Misuse{"TwoDocuments", [](JsonWriter& json) { json.value(1).value(2); }},
        Misuse{"TakenTwice",
               [](JsonWriter& json) {
                 json.value(1).take();
                 json.value(2);
               }},
        Misuse{"KeyOutside", [](JsonWriter& json) { json.key("k"); }},
        Misuse{"KeyInArray", [](JsonWriter& json) { json.begin_array().key("k"); }},
        Misuse{"TwoKeys", [](JsonWriter& json) { json.begin_object().key("k").key("l"); }},
        Misuse{"NoKey", [](JsonWriter& json) { json.begin_object().value(1); }},
        Misuse{"ObjectWithoutKey", [](JsonWriter& json) { json.begin_object().begin_object(); }},
        Misuse{"KeyWithoutValue",
               [](JsonWriter& json) { json.begin_object().key("k").end_object(); }},
        Misuse{"WrongEnd", [](JsonWriter& json) { json.begin_object().end_array(); }},
        Misuse{"OtherWrongEnd", [](JsonWriter& json) { json.begin_array().end_object(); }},
        Misuse{"EndWithoutBegin", [](JsonWriter& json) { json.end_object(); }},
        Misuse{"EmptyRawValue", [](JsonWriter& json) { json.value(RawJson{""}); }}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace tote
