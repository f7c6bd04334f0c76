#include "bundle/discover/combine.h"

#include "base/error.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace tote::bundle::discover {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

const std::string kDigest = "sha256:" + std::string(64, 'a');
const std::string kOther = "sha256:" + std::string(64, 'b');

FoundImage image(Evidence evidence, const std::vector<std::string>& names, ValuePath path = {},
                 std::string optional = {}) {
  FoundImage found{.candidates = {}, .evidence = evidence, .path = std::move(path)};
  for (const std::string& name : names) found.candidates.push_back(*ImageName::parse(name));
  found.optional = std::move(optional);
  return found;
}

// By the appVersion, with "v" toggled as second candidate.
FoundImage by_app_version(const std::vector<std::string>& names, ValuePath path) {
  FoundImage found = image(Evidence::kValues, names, std::move(path));
  found.certainty = Certainty::kMedium;
  return found;
}

std::vector<std::string> names_of(const std::vector<CombinedImage>& images) {
  std::vector<std::string> names;
  for (const CombinedImage& one : images) names.push_back(one.name.str());
  return names;
}

std::vector<std::string> codes_of(const Report& report) {
  std::vector<std::string> codes;
  for (const ReportItem& item : report) codes.push_back(item.code);
  return codes;
}

const CombineOptions kRendered{.is_rendered = true};

TEST(Combining, TakesWhatTheValuesSayIfNothingWasRendered) {
  const Combined combined =
      combine({{.images = {
                    image(Evidence::kValues, {"r.io/b:1"}, {"b"}),
                    image(Evidence::kValues, {"r.io/c:1"}, {"c"}, "disabled"),
                    image(Evidence::kValues, {"r.io/a:1", "r.io/a:v1"}, {"a"}),
                    image(Evidence::kValues, {"r.io/a:1"}, {"d"}),
                }}});
  EXPECT_THAT(names_of(combined.chosen), ElementsAre("r.io/a:1", "r.io/b:1"));
  EXPECT_THAT(names_of(combined.left_out), ElementsAre("r.io/c:1"));
  EXPECT_EQ(combined.chosen[0].candidates.size(), 2U);
  EXPECT_EQ(combined.chosen[0].found.size(), 2U);
  EXPECT_THAT(codes_of(combined.report), ElementsAre("optional"));
}

TEST(Combining, TakesWhatWasRenderedAndListed) {
  const Combined combined =
      combine({{.images = {image(Evidence::kRendered, {"r.io/a:1"}),
                           image(Evidence::kRendered, {"r.io/t:1"}, {}, "only for helm test")}},
               {.images = {image(Evidence::kAnnotation, {"r.io/b:1"})}},
               {.images = {image(Evidence::kHint, {"r.io/c:1"})}},
               {.images = {image(Evidence::kValues, {"r.io/a:1"}, {"a"}),
                           image(Evidence::kValues, {"r.io/d:1"}, {"d"}),
                           image(Evidence::kValues, {"r.io/t:1"}, {"t"})}}},
              kRendered);
  EXPECT_THAT(names_of(combined.chosen), ElementsAre("r.io/a:1", "r.io/b:1", "r.io/c:1"));
  EXPECT_EQ(combined.chosen[0].found.size(), 2U);  // the place among the values is kept
  EXPECT_THAT(names_of(combined.left_out), ElementsAre("r.io/d:1", "r.io/t:1"));
  EXPECT_EQ(combined.left_out[1].optional, "only for helm test");
  EXPECT_THAT(codes_of(combined.report), ElementsAre("optional", "optional", "values-only"));
}

struct JoinCase {
  const char* what;
  FoundImage value;
  std::vector<std::string> rendered;
  std::vector<std::string> chosen;
  std::vector<std::string> left_out;
};

class JoiningValues : public testing::TestWithParam<JoinCase> {};

TEST_P(JoiningValues, WithWhatWasRendered) {
  Discovery rendered;
  for (const std::string& name : GetParam().rendered)
    rendered.images.push_back(image(Evidence::kRendered, {name}));
  const Combined combined = combine({{.images = {GetParam().value}}, rendered}, kRendered);
  EXPECT_EQ(names_of(combined.chosen), GetParam().chosen) << GetParam().what;
  EXPECT_EQ(names_of(combined.left_out), GetParam().left_out) << GetParam().what;
}

INSTANTIATE_TEST_SUITE_P(
    Tags, JoiningValues,
    testing::Values(JoinCase{"the v is corrected",
                             by_app_version({"r.io/a:1", "r.io/a:v1"}, {"a"}),
                             {"r.io/a:v1"},
                             {"r.io/a:v1"},
                             {}},
                    JoinCase{"a suffix is",
                             image(Evidence::kValues, {"r.io/a:v3"}, {"a"}),
                             {"r.io/a:v3-distroless"},
                             {"r.io/a:v3-distroless"},
                             {}},
                    JoinCase{"an assumed version is",
                             by_app_version({"r.io/a:1"}, {"a"}),
                             {"r.io/a:7"},
                             {"r.io/a:7"},
                             {}},
                    JoinCase{"another version is another image",
                             image(Evidence::kValues, {"r.io/a:1.2"}, {"a"}),
                             {"r.io/a:2.0"},
                             {"r.io/a:2.0"},
                             {"r.io/a:1.2"}},
                    JoinCase{"what is not needed is no other version",
                             image(Evidence::kValues, {"r.io/a:1"}, {"a"}, "disabled"),
                             {"r.io/a:1-x"},
                             {"r.io/a:1-x"},
                             {"r.io/a:1"}},
                    JoinCase{"what is rendered is needed whatever the values say",
                             image(Evidence::kValues, {"r.io/a:1"}, {"a"}, "disabled"),
                             {"r.io/a:1"},
                             {"r.io/a:1"},
                             {}},
                    JoinCase{"the digest that was rendered counts",
                             image(Evidence::kValues, {"r.io/a:1"}, {"a"}),
                             {"r.io/a:1@" + kDigest},
                             {"r.io/a:1@" + kDigest},
                             {}},
                    JoinCase{"one of several",
                             image(Evidence::kValues, {"r.io/a:2"}, {"a"}),
                             {"r.io/a:1", "r.io/a:2"},
                             {"r.io/a:1", "r.io/a:2"},
                             {}}));

TEST(JoiningValues, SaysSoIfSeveralFit) {
  const Combined combined = combine({{.images = {image(Evidence::kValues, {"r.io/k:1"}, {"k"}),
                                                 image(Evidence::kRendered, {"r.io/k:1-a"}),
                                                 image(Evidence::kRendered, {"r.io/k:1-b"})}}},
                                    kRendered);
  EXPECT_THAT(names_of(combined.chosen), ElementsAre("r.io/k:1-a", "r.io/k:1-b"));
  EXPECT_THAT(codes_of(combined.report), ElementsAre("ambiguous-version", "multi-version"));
}

TEST(Combining, IncludesWhatIsAskedFor) {
  FoundImage embedded = image(Evidence::kRendered, {"r.io/e:1"}, {}, "in a text");
  embedded.rule = "R5";
  const std::vector<Discovery> found{
      {.images = {image(Evidence::kRendered, {"r.io/a:1"}), embedded,
                  image(Evidence::kValues, {"r.io/b:1"}, {"b"}, "disabled")}}};
  EXPECT_THAT(names_of(combine(found, kRendered).chosen), ElementsAre("r.io/a:1"));
  EXPECT_THAT(names_of(combine(found, {.is_rendered = true, .include_embedded = true}).chosen),
              ElementsAre("r.io/a:1", "r.io/e:1"));
  const Combined all = combine(found, {.is_rendered = true, .include_optional = true});
  EXPECT_THAT(names_of(all.chosen), ElementsAre("r.io/a:1", "r.io/b:1", "r.io/e:1"));
  EXPECT_EQ(all.chosen[1].optional, "disabled");
}

TEST(Combining, LeavesOutWhatIsToBeIgnored) {
  const std::vector<Discovery> found{
      {.images = {image(Evidence::kValues, {"r.io/a:1"}, {"a", "image"}),
                  image(Evidence::kValues, {"r.io/b:1"}, {"b", "image"}),
                  image(Evidence::kValues, {"r.io/b:1"}, {"c", "image"}),
                  image(Evidence::kRendered, {"q.io/d:1"})},
       .unresolved = {{.path = {"u"}, .code = "tag-suffix", .reason = "x"}}}};
  Combined combined = combine(found, {.ignore = {"q.io/**", "b.image", "u"}});
  EXPECT_THAT(names_of(combined.chosen), ElementsAre("r.io/a:1", "r.io/b:1"));
  EXPECT_THAT(names_of(combined.ignored), ElementsAre("q.io/d:1"));
  EXPECT_THAT(combined.unresolved, IsEmpty());
  combined = combine(found, {.ignore = {"?.image"}});
  EXPECT_THAT(names_of(combined.ignored), ElementsAre("r.io/a:1", "r.io/b:1"));
}

TEST(Combining, ChangesNamesByOverrides) {
  const Combined combined =
      combine({{.images = {image(Evidence::kRendered, {"nginx:1"})}}},
              {.overrides = {{*ImageName::parse("nginx"), *ImageName::parse("r.io/nginx")}}});
  EXPECT_THAT(names_of(combined.chosen), ElementsAre("r.io/nginx:1"));
  EXPECT_EQ(combined.chosen[0].id(), "docker.io/library/nginx:1");
}

TEST(Combining, BelievesHintsAboutAPlace) {
  const Combined combined =
      combine({{.images = {image(Evidence::kValues, {"r.io/a:wrong"}, {"a"})},
                .unresolved = {{.path = {"b"}, .code = "tag-suffix", .reason = "x"}}},
               {.images = {image(Evidence::kHint, {"r.io/a:right"}, {"a"}),
                           image(Evidence::kHint, {"r.io/b:1"}, {"b"})}}});
  EXPECT_THAT(names_of(combined.chosen), ElementsAre("r.io/a:right", "r.io/b:1"));
  EXPECT_THAT(combined.unresolved, IsEmpty());
}

TEST(Combining, SharesADigestButNotOneOfSeveral) {
  EXPECT_THAT(names_of(combine({{.images = {image(Evidence::kValues, {"r.io/a:1"}),
                                            image(Evidence::kLockFile, {"r.io/a:1@" + kDigest})}}})
                           .chosen),
              ElementsAre("r.io/a:1@" + kDigest));
  const Combined combined =
      combine({{.images = {image(Evidence::kValues, {"r.io/a:1"}),
                           image(Evidence::kGiven, {"r.io/a:1@" + kDigest}),
                           image(Evidence::kGiven, {"r.io/a:1@" + kOther})}}});
  EXPECT_EQ(combined.chosen.size(), 3U);
  EXPECT_THAT(codes_of(combined.report), Contains("several-digests"));
}

TEST(Combining, ReportsTagsThatMove) {
  const Combined combined =
      combine({{.images = {image(Evidence::kRendered, {"r.io/a:latest"}),
                           image(Evidence::kRendered, {"r.io/a"}),
                           image(Evidence::kRendered, {"r.io/b:latest@" + kDigest}),
                           image(Evidence::kRendered, {"r.io/c:1"}, {}, "optional")}}});
  EXPECT_THAT(codes_of(combined.report), ElementsAre("implicit-latest", "latest-tag", "optional"));
}

TEST(Combining, SaysWhatIsUnresolvedUnlessItWasRendered) {
  const std::vector<Discovery> found{
      {.images = {image(Evidence::kRendered, {"r.io/a:1"})},
       .unresolved = {
           {.path = {"k"}, .code = "tag-suffix", .reason = "a suffix"},
           {.path = {"o"}, .code = "no-tag", .reason = "none", .optional = "disabled"}}}};
  const Combined values = combine(found);
  EXPECT_EQ(values.unresolved.size(), 1U);
  EXPECT_EQ(values.unresolved_optional.size(), 1U);
  EXPECT_THAT(codes_of(values.report), ElementsAre("no-tag", "not-rendered", "tag-suffix"));
  EXPECT_EQ(values.report[0].severity, Severity::kNote);
  EXPECT_EQ(values.report[2].severity, Severity::kError);
  const Combined rendered = combine(found, kRendered);
  EXPECT_THAT(rendered.unresolved, IsEmpty());
  EXPECT_EQ(rendered.unresolved_optional.size(), 2U);
}

std::string refusal(const Combined& combined, const Policy& policy) {
  try {
    enforce(combined, policy);
    return {};
  } catch (const Error& error) {
    return error.message();
  }
}

TEST(Policies, RefuseWhatIsUnresolvedOrNamed) {
  const Combined combined =
      combine({{.images = {image(Evidence::kValues, {"r.io/a:latest"}, {"a"})},
                .unresolved = {{.chart = "root",
                                .path = {"k", "image"},
                                .code = "tag-suffix",
                                .reason = "the templates add one"}}}});
  EXPECT_EQ(refusal(combined, {}),
            "1 image can not be told: root: k.image (tag-suffix: the templates add one)");
  EXPECT_EQ(refusal(combined, {.allow_unresolved = true}), "");
  EXPECT_EQ(
      refusal(combined, {.fail_on = {"latest-tag"}, .allow_unresolved = true}),
      "the report has what --fail-on names: latest-tag: r.io/a:latest: 'latest' is another image "
      "tomorrow");
  EXPECT_EQ(refusal(combined, {.fail_on = {"multi-version"}, .allow_unresolved = true}), "");
  EXPECT_EQ(refusal(combined, {.fail_on = {"nonsense"}, .allow_unresolved = true}),
            "'nonsense' is no code of a report");
}

TEST(SeveralCharts, MakeOneList) {
  const auto one = [](const std::string& name, const std::string& optional) {
    return combine({{.images = {image(Evidence::kValues, {name}, {"a"}, optional)}}});
  };
  const Combined merged =
      merge({one("r.io/a:1", "disabled"), one("r.io/a:1", ""), one("r.io/a:2", ""),
             one("r.io/a:2", ""), one("r.io/b:1", "disabled")});
  EXPECT_THAT(names_of(merged.chosen), ElementsAre("r.io/a:1", "r.io/a:2"));
  EXPECT_THAT(names_of(merged.left_out), ElementsAre("r.io/b:1"));
  EXPECT_EQ(merged.chosen[1].found.size(), 2U);
  EXPECT_THAT(codes_of(merged.report), Contains("multi-version"));
}

TEST(ChartFileOfCombined, SaysEachPlaceOnce) {
  FoundImage split = image(Evidence::kValues, {"r.io/a:1"}, {"a"});
  split.form = Form::kSplit;
  split.fields.tag = {"a", "tag"};
  const Combined combined =
      combine({{.images = {split, image(Evidence::kRendered, {"r.io/a:1"}),
                           image(Evidence::kValues, {"r.io/a:1"}, {"b"}),
                           image(Evidence::kAnnotation, {"r.io/c:1"}),
                           image(Evidence::kValues, {"r.io/x:1"}, {"x"}, "disabled")},
                .unresolved = {{.path = {"u"}, .code = "no-tag", .reason = "none"}},
                .pull_secrets = {{.path = {"s"}}, {.path = {"s"}}}}},
              {.ignore = {"r.io/x:*"}});
  const ChartFile file = chart_file(combined, {{.name = "web"}});
  ASSERT_EQ(file.images.size(), 3U);
  EXPECT_EQ(file.images[0].place.form, Form::kSplit);
  EXPECT_EQ(file.images[1].place.path, (ValuePath{"b"}));
  EXPECT_EQ(file.images[2].id, "r.io/c:1");
  EXPECT_EQ(file.images[2].source, Evidence::kAnnotation);
  EXPECT_THAT(file.ignored, ElementsAre("r.io/x:1"));
  EXPECT_EQ(file.unresolved.size(), 1U);
  EXPECT_EQ(file.pull_secrets.size(), 1U);
  EXPECT_EQ(ChartFile::parse(file.encode(), "chart.yml").encode(), file.encode());
}

}  // namespace
}  // namespace tote::bundle::discover
