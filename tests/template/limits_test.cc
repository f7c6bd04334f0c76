// What a template may take, and what it leaves behind.
#include "base/error.h"
#include "template/helm_functions.h"
#include "template/template.h"

#include <gmock/gmock.h>

#include <stop_token>
#include <string>

namespace tote::go_template {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

std::string complaint_of(const std::string& text, TemplateOptions options, const Value& data = {}) {
  TemplateSet set(helm_functions(), std::move(options));
  set.parse("t", text);
  try {
    set.execute("t", data);
  } catch (const Error& error) {
    return error.message();
  }
  return {};
}

struct Bound {
  const char* text;
  const char* complaint;
};

class BoundedTemplate : public testing::TestWithParam<Bound> {};

TEST_P(BoundedTemplate, EndsInAnErrorThatNamesTheBound) {
  const Limits limits{.steps = 10'000, .output = 1'000, .made = 100'000, .depth = 50};
  EXPECT_THAT(complaint_of(GetParam().text, {.limits = limits}), EndsWith(GetParam().complaint))
      << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(
    All, BoundedTemplate,
    testing::Values(
        Bound{R"({{$l := until 150}}{{range $l}}{{range $l}}{{end}}{{end}})",
              "more than 10000 steps"},
        Bound{R"({{range until 100}}0123456789abcdef{{end}})", "more than 1000 bytes of output"},
        Bound{R"({{repeat 1000000 "x"}})", "more than 100000 bytes made"},
        Bound{R"({{until 9000000000000000000}})", "more than 100000 bytes made"},
        Bound{R"({{seq 1 9000000000000000000}})", "more than 100000 bytes made"},
        Bound{R"({{indent 200000 "x"}})", "more than 100000 bytes made"},
        Bound{R"({{replace "" (repeat 999 "x") (repeat 999 "y")}})", "more than 100000 bytes made"},
        Bound{R"({{randAlphaNum 1000000}})", "more than 10000 steps"},
        Bound{R"({{randBytes 1000000}})", "more than 100000 bytes made"},
        Bound{R"({{define "r"}}{{template "r"}}{{end}}{{template "r"}})",
              "exceeded maximum template depth (50)"},
        Bound{R"({{$l := list}}{{range until 2000}}{{$l = list $l}}{{end}}{{toString $l}})",
              "a value is nested more than 1000 deep, or contains itself"},
        Bound{R"({{$d := dict}}{{$_ := set $d "d" $d}}{{$d}})",
              "a value is nested more than 1000 deep, or contains itself"},
        Bound{R"({{$d := dict}}{{$_ := set $d "d" $d}}{{deepEqual $d (deepCopy $d)}})",
              "a value is nested more than 1000 deep, or contains itself"}));

TEST(DeepTemplates, EndWhereTheStackWould) {
  EXPECT_THAT(complaint_of(R"({{define "r"}}{{template "r"}}{{end}}{{template "r"}})", {}),
              HasSubstr("exceeded maximum template depth ("));
  std::string text = "{{len ";
  for (int i = 0; i < 100'000; ++i) text += '(';
  EXPECT_THROW(complaint_of(text, {}), Error);
}

TEST(DeepValues, AreDestroyedWithoutDeepRecursion) {
  EXPECT_EQ(complaint_of(R"({{$l := list}}{{range until 60000}}{{$l = list $l}}{{end}})", {}), "");
  EXPECT_EQ(complaint_of(R"({{$root := dict}}{{$end := $root}}{{range until 60000}})"
                         R"({{$next := dict}}{{$_ := set $end "n" $next}}{{$end = $next}}{{end}})",
                         {}),
            "");
}

TEST(Knots, AreCutWithTheSet) {
  std::weak_ptr<Map> map;
  {
    TemplateSet set(helm_functions(), {});
    set.parse("t", R"({{$d := dict}}{{$_ := set $d "list" (list $d)}}{{get . "keep"}})"
                   R"({{$_ := set . "d" $d}})");
    auto data = std::make_shared<Map>();
    set.execute("t", Value::map(data));
    map = data->members.at("d").map();
    data.reset();
    EXPECT_FALSE(map.expired());
  }
  EXPECT_TRUE(map.expired());
}

TEST(Execution, StopsWhenItIsToldTo) {
  TemplateSet set(helm_functions(), {});
  set.parse("t", "{{range until 100000}}{{.}}{{end}}");
  std::stop_source stop;
  stop.request_stop();
  EXPECT_THROW(set.execute("t", {}, stop.get_token()), Cancelled);
}

// Hands out the same bytes each time.
class SameBytes final : public RandomSource {
 public:
  void fill(char* bytes, std::size_t count) override {
    for (std::size_t i = 0; i < count; ++i) bytes[i] = static_cast<char>(next_++);
  }

 private:
  unsigned char next_ = 0;
};

TEST(RandomFunctions, TakeTheirBytesFromTheSource) {
  TemplateSet set(helm_functions(), {.random = std::make_shared<SameBytes>()});
  set.parse("t", "{{uuidv4}} {{randBytes 3}}");
  EXPECT_EQ(set.execute("t", {}), "00010203-0405-4607-8809-0a0b0c0d0e0f EBES");
}

TEST(Sets, SeeDefinitionsOfAllTexts) {
  TemplateSet set(helm_functions(), {});
  set.parse("a", R"({{define "x"}}1{{end}}a)");
  set.parse("b", R"({{define "x"}}2{{end}}{{template "x"}}{{template "a"}})");
  EXPECT_EQ(set.execute("b", {}), "2a");
  set.parse("b", "  ");  // an empty one replaces nothing
  EXPECT_EQ(set.execute("b", {}), "2a");
  EXPECT_TRUE(set.has("x"));
  EXPECT_FALSE(set.has("y"));
}

}  // namespace
}  // namespace tote::go_template
