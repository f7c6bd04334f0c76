#include "chart/merge_values.h"
#include "chart/set_values.h"
#include "chart/user_values.h"
#include "chart/value.h"
#include "tests/chart/chart_text.h"
#include "tests/support/matchers.h"

#include <gmock/gmock.h>

namespace tote::chart {
namespace {

using test::ThrowsError;

TEST(ValuesTest, KeepWhatWasWrittenAndWhere) {
  const ValuePtr all = values("# c\na: 1.10\nb: '1.10'\nc: null\nd: \"\"\ne: [x, {f: on}]\n");
  EXPECT_EQ(all->find("a")->text(), "1.10");
  EXPECT_EQ(all->find("a")->type(), YamlType::kFloat);
  EXPECT_EQ(all->find("b")->type(), YamlType::kText);
  EXPECT_TRUE(all->find("c")->is_null());
  EXPECT_TRUE(all->find("d")->is_scalar());
  EXPECT_EQ(all->find("e")->items().at(1)->find("f")->origin().str(), "values.yaml, line 6");
  EXPECT_TRUE(all->find("e")->items().at(1)->find("f")->is(true));
  EXPECT_EQ(all->find("none"), nullptr);
  EXPECT_EQ(shown(*all), "{a: 1.10, b: 1.10, c: null, d: '', e: [x, {f: on}]}");
}

TEST(ValuesTest, FindMembersAmongMany) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "k" + std::to_string(i) + ": " + std::to_string(i) + "\n";
  const ValuePtr all = values(text);
  for (int i = 0; i < 100; ++i)
    EXPECT_EQ(all->find("k" + std::to_string(i))->text(), std::to_string(i));
  EXPECT_EQ(all->find("k100"), nullptr);
}

TEST(ValuesTest, MayBeNothingOrHaveAliases) {
  EXPECT_EQ(shown(*values("")), "{}");
  EXPECT_EQ(shown(*values("# only this\n")), "{}");
  EXPECT_EQ(shown(*values("\xef\xbb\xbf"
                          "a: 1\r\nb: 2\r\n")),
            "{a: 1, b: 2}");
  EXPECT_EQ(shown(*values("x: &x {a: 1}\ny: {<<: *x, b: 2}\n")), "{x: {a: 1}, y: {b: 2, a: 1}}");
}

struct BrokenValues {
  std::string text;
  const char* complaint;
};

class BadValues : public testing::TestWithParam<BrokenValues> {};

TEST_P(BadValues, AreRefusedWithFileAndLine) {
  EXPECT_THAT([] { values(GetParam().text); },
              ThrowsError(ErrorKind::kParse, GetParam().complaint));
}

std::string bomb() {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 10; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 10; ++j) text += (j == 0 ? "" : ", ") + before;
    text += "]\n";
  }
  return text;
}

INSTANTIATE_TEST_SUITE_P(
    Texts, BadValues,
    testing::Values(
        BrokenValues{"a: 1\nb: 2\na: 3\n", "values.yaml, line 3: key \"a\" already set in map"},
        BrokenValues{"a: 1\n b: 2\n", "values.yaml, line 2: "},
        BrokenValues{"- a\n", "values.yaml, line 1: values of a chart are a mapping"},
        BrokenValues{"{{ .Values.x }}\n", "values.yaml, line 1: "},
        BrokenValues{"a: &a [*a]\n", "values.yaml, line 1: anchor 'a' value contains itself"},
        BrokenValues{bomb(), "values.yaml: more than 1000000 nodes"},
        BrokenValues{"a: " + std::string(1001, '[') + std::string(1001, ']'),
                     "values.yaml, line 1: nested more than 1000 deep"},
        BrokenValues{"a: \xff", "values.yaml: not UTF-8"}));

struct MergeCase {
  const char* over;
  const char* under;
  const char* coalesced;
  const char* overlaid;
};

class Merges : public testing::TestWithParam<MergeCase> {};

TEST_P(Merges, AreHelms) {
  ValueBudget budget;
  const ValuePtr over = values(GetParam().over);
  const ValuePtr under = values(GetParam().under);
  EXPECT_EQ(shown(*coalesce_defaults(over, under, {}, budget)), GetParam().coalesced);
  EXPECT_EQ(shown(*overlay_values(under, over, budget)), GetParam().overlaid);
}

INSTANTIATE_TEST_SUITE_P(
    Trees, Merges,
    testing::Values(MergeCase{"{b: 2}", "{a: 1}", "{a: 1, b: 2}", "{a: 1, b: 2}"},
                    MergeCase{"{a: 2}", "{a: 1}", "{a: 2}", "{a: 2}"},
                    MergeCase{"{a: {c: 2}}", "{a: {b: 1}, d: 3}", "{a: {b: 1, c: 2}, d: 3}",
                              "{a: {b: 1, c: 2}, d: 3}"},
                    MergeCase{"{a: [2]}", "{a: [1, 1]}", "{a: [2]}", "{a: [2]}"},
                    MergeCase{"{a: null}", "{a: 1, b: 2}", "{b: 2}", "{a: null, b: 2}"},
                    MergeCase{"{a: {b: null}}", "{a: {b: {c: 1}, d: 2}}", "{a: {d: 2}}",
                              "{a: {b: null, d: 2}}"},
                    MergeCase{"{a: x}", "{a: {b: 1}}", "{a: x}", "{a: x}"},
                    MergeCase{"{a: {b: 1}}", "{a: x}", "{a: {b: 1}}", "{a: {b: 1}}"},
                    MergeCase{"{}", "{a: null}", "{a: null}", "{a: null}"}));

TEST(GlobalsTest, FlowDownAndWin) {
  ValueBudget budget;
  const auto flow = [&](const char* child, const char* parent) {
    return shown(*with_globals(values(child), *values(parent), budget));
  };
  EXPECT_EQ(flow("{a: 1}", "{global: {x: 1}}"), "{a: 1, global: {x: 1}}");
  EXPECT_EQ(flow("{global: {x: 2, y: 3}}", "{global: {x: 1}}"), "{global: {x: 1, y: 3}}");
  EXPECT_EQ(flow("{global: {i: {r: a, s: b}}}", "{global: {i: {r: c}}}"),
            "{global: {i: {r: c, s: b}}}");
  EXPECT_EQ(flow("{global: {i: {r: a}}}", "{global: {i: x}}"), "{global: {i: {r: a}}}");
  EXPECT_EQ(flow("{global: {i: x}}", "{global: {i: {r: a}}}"), "{global: {i: x}}");
  EXPECT_EQ(flow("{global: x}", "{global: {i: 1}}"), "{global: x}");
  EXPECT_EQ(flow("{global: {i: 1}}", "{global: x}"), "{global: {i: 1}}");
}

struct SetCase {
  const char* text;
  const char* result;
};

class Sets : public testing::TestWithParam<SetCase> {};

TEST_P(Sets, AreReadAsHelmReadsThem) {
  ValueBudget budget;
  EXPECT_EQ(shown(*set_values(values("{old: {a: 1}, list: [{n: x}, y]}"), GetParam().text,
                              SetAs::kTyped, budget)),
            GetParam().result)
      << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(
    Texts, Sets,
    testing::Values(SetCase{"a=1", "{old: {a: 1}, list: [{n: x}, y], a: 1}"},
                    SetCase{"old.a=2", "{old: {a: 2}, list: [{n: x}, y]}"},
                    SetCase{"old.b=2,old.c=3", "{old: {a: 1, b: 2, c: 3}, list: [{n: x}, y]}"},
                    SetCase{"old=null", "{old: null, list: [{n: x}, y]}"},
                    SetCase{"list[0].n=z", "{old: {a: 1}, list: [{n: z}, y]}"},
                    SetCase{"list[1].m=z", "{old: {a: 1}, list: [{n: x}, {m: z}]}"},
                    SetCase{"list[3]=z", "{old: {a: 1}, list: [{n: x}, y, null, z]}"},
                    SetCase{"m[0][1]=z", "{old: {a: 1}, list: [{n: x}, y], m: [[null, z]]}"},
                    SetCase{"l={a,b,3},c=d",
                            "{old: {a: 1}, list: [{n: x}, y], l: [a, b, 3], c: d}"},
                    SetCase{"a\\.b=c\\,d", "{old: {a: 1}, list: [{n: x}, y], a.b: c,d}"},
                    SetCase{"a=b=c", "{old: {a: 1}, list: [{n: x}, y], a: b=c}"},
                    SetCase{"a=", "{old: {a: 1}, list: [{n: x}, y], a: ''}"},
                    SetCase{"a=x,", "{old: {a: 1}, list: [{n: x}, y], a: x}"},
                    SetCase{"a= b ", "{old: {a: 1}, list: [{n: x}, y], a:  b }"}));

TEST(SetTest, KnowsTypes) {
  ValueBudget budget;
  const auto type = [&](const std::string& value, SetAs as = SetAs::kTyped) {
    return set_values(values(""), "a=" + value, as, budget)->find("a")->type();
  };
  EXPECT_EQ(type("True"), YamlType::kBool);
  EXPECT_EQ(type("12"), YamlType::kInteger);
  EXPECT_EQ(type("0"), YamlType::kInteger);
  EXPECT_EQ(type("012"), YamlType::kText);
  EXPECT_EQ(type("1.10"), YamlType::kText);
  EXPECT_EQ(type("99999999999999999999"), YamlType::kText);
  EXPECT_EQ(type("null"), YamlType::kNull);
  EXPECT_EQ(type("true", SetAs::kString), YamlType::kText);
  EXPECT_EQ(type("12", SetAs::kString), YamlType::kText);
}

struct BadSet {
  const char* text;
  const char* complaint;
};

class BadSets : public testing::TestWithParam<BadSet> {};

TEST_P(BadSets, AreRefused) {
  EXPECT_THAT(
      [] {
        ValueBudget budget;
        set_values(values("{s: x, l: [1], m: {a: 1}}"), GetParam().text, SetAs::kTyped, budget);
      },
      ThrowsError(ErrorKind::kUsage, GetParam().complaint));
}

INSTANTIATE_TEST_SUITE_P(
    Texts, BadSets,
    testing::Values(
        BadSet{"a", "--set 'a': 'a' has no value"}, BadSet{"a,b=1", "'a' has no value"},
        BadSet{"a.b", "'b' has no value"}, BadSet{"=1", "a name is empty"},
        BadSet{"a..b=1", "a name is empty"}, BadSet{"a[x]=1", "'x' is no place in a list"},
        BadSet{"a[-1]=1", "'-1' is no place in a list"}, BadSet{"a[1=1", "is no place"},
        BadSet{"a[65537]=1", "may be at most 65536"}, BadSet{"a[0]b=1", "what follows ']'"},
        BadSet{"a[0]", "what follows ']'"}, BadSet{"a={b,c", "a list ends with '}'"},
        BadSet{"s.a=1", "something else than a mapping with 'a'"},
        BadSet{"m[0]=1", "something else than a list"}, BadSet{"", "there is nothing to set"},
        BadSet{"a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a=1",
               "nested more than 30 deep"}));

TEST(UserValuesTest, AreFilesThenSetsThenStrings) {
  EXPECT_EQ(shown(*read_user_values(
                {.files = {{"a.yaml", "{x: 1, y: {z: 1}}"}, {"b.yaml", "{y: {z: 2, w: 3}}"}},
                 .sets = {"y.z=4,s=1", "t=5"},
                 .string_sets = {"s=6"}})),
            "{x: 1, y: {z: 4, w: 3}, s: 6, t: 5}");
  EXPECT_THAT(
      [] {
        read_user_values({.files = {{"a.yaml", "x: [\n"}}});
      },
      ThrowsError(ErrorKind::kParse, "a.yaml, line "));
}

}  // namespace
}  // namespace tote::chart
