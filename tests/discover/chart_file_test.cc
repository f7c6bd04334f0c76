#include "bundle/discover/chart_file.h"

#include "base/error.h"
#include "bundle/discover/hints.h"
#include "tests/discover/found_texts.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <string>

namespace tote::bundle::discover {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

ChartFile example() {
  return {.charts = {{"web", "1.2.3", "v2"}},
          .images = {{.id = "r.io/b:2", .is_optional = true, .source = Evidence::kAnnotation},
                     {.id = "docker.io/library/a:1.10",
                      .place = {.chart = "web",
                                .path = {"a", "x.y"},
                                .form = Form::kSplit,
                                .fields = {.repository = {"a", "x.y", "repository"},
                                           .tag = {"a", "x.y", "tag"},
                                           .is_bare_digest = true}},
                      .source = Evidence::kValues}},
          .pull_secrets = {{.path = {"global", "imagePullSecrets"}}},
          .ignored = {"r.io/c:3"},
          .unresolved = {{.chart = "web", .path = {"d"}, .reason = "the tag: is '# made' up"}}};
}

TEST(ChartFile, IsWrittenInOrder) {
  EXPECT_EQ(example().encode(),
            "---\n"
            "charts:\n- appVersion: v2\n  name: web\n  version: 1.2.3\n"
            "ignored:\n- r.io/c:3\n"
            "images:\n"
            "- id: docker.io/library/a:1.10\n  chart: web\n  fields:\n    repository: "
            "a.\"x.y\".repository\n"
            "    tag: a.\"x.y\".tag\n    bareDigest: true\n  form: split\n  path: a.\"x.y\"\n"
            "  source: values\n"
            "- id: r.io/b:2\n  optional: true\n  source: annotation\n"
            "kind: ChartImages\n"
            "pullSecrets:\n- form: list-map\n  path: global.imagePullSecrets\n"
            "unresolved:\n- chart: web\n  path: d\n  reason: 'the tag: is ''# made'' up'\n"
            "version: 1\n");
}

TEST(ChartFile, IsReadAsItWasWritten) {
  ChartFile file = example();
  std::sort(file.images.begin(), file.images.end());
  const ChartFile again = ChartFile::parse(file.encode(), "chart.yml");
  EXPECT_EQ(again.charts, file.charts);
  EXPECT_EQ(again.images, file.images);
  EXPECT_EQ(again.pull_secrets, file.pull_secrets);
  EXPECT_EQ(again.ignored, file.ignored);
  EXPECT_EQ(again.unresolved, file.unresolved);
  EXPECT_EQ(again.encode(), file.encode());
  EXPECT_EQ(ChartFile{}.encode(), "---\nkind: ChartImages\nversion: 1\n");
}

TEST(ChartFile, SaysTheSameInWhateverOrder) {
  ChartFile file = example();
  std::reverse(file.images.begin(), file.images.end());
  file.images.push_back(file.images.front());
  EXPECT_EQ(file.encode(), example().encode());
}

TEST(ChartFile, IsTakenForHints) {
  const Hints hints = Hints::parse(example().encode(), "chart.yml");
  const Discovery discovery = hinted_images(hints);
  EXPECT_THAT(texts_of(discovery.images), ElementsAre("docker.io/library/a:1.10 H1 high",
                                                      "r.io/b:2 H1 high: the hints say so"));
  EXPECT_EQ(discovery.images[0].form, Form::kSplit);
  EXPECT_EQ(discovery.images[0].path, (ValuePath{"a", "x.y"}));
  EXPECT_THAT(hints.ignore, ElementsAre("r.io/c:3"));
}

TEST(ChartFile, IsRefusedIfAnythingIsUnknown) {
  for (const char* text :
       {"images: [{id: a}]", "images: [{id: A, source: values}]", "images: [{id: a, source: x}]",
        "images: [{id: a, source: values, ref: b}]", "ignore: [x]", "charts: [{version: '1'}]",
        "unresolved: [{path: a}]", "ignored: [[]]"}) {
    try {
      ChartFile::parse(std::string("kind: ChartImages\nversion: 1\n") + text, "chart.yml");
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kParse) << text;
      EXPECT_THAT(error.message(), HasSubstr("chart.yml, line 3")) << text;
    }
  }
}

}  // namespace
}  // namespace tote::bundle::discover
