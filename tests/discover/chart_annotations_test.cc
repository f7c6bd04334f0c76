#include "bundle/discover/chart_annotations.h"

#include "base/error.h"
#include "tests/discover/found_texts.h"

#include <gmock/gmock.h>

#include <string>

namespace tote::bundle::discover {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(ChartAnnotations, ListImages) {
  const std::string chart =
      "name: a\nannotations:\n"
      "  helm.sh/images: |\n    - {name: x, image: 'r.io/x:1'}\n"
      "  artifacthub.io/images: |\n    - name: y\n      image: r.io/y:2\n      whitelisted: true\n"
      "  images: |\n    - image: docker.io/bitnami/z:3\n      name: z\n"
      "  category: Database\n";
  const Discovery discovery = annotated_images(chart, "Chart.yaml", "root/a");
  EXPECT_THAT(texts_of(discovery.images),
              ElementsAre("docker.io/bitnami/z:3 A3 high", "r.io/x:1 A1 high", "r.io/y:2 A2 high"));
  EXPECT_THAT(discovery.report, IsEmpty());
  EXPECT_EQ(discovery.images[0].where, "annotation helm.sh/images (Chart.yaml, line 3)");
  EXPECT_EQ(discovery.images[0].chart, "root/a");
  EXPECT_EQ(discovery.images[0].evidence, Evidence::kAnnotation);
}

TEST(ChartAnnotations, HonourConditionsAndDependencies) {
  const std::string chart =
      "annotations:\n  helm.sh/images: |\n"
      "    - {image: 'r.io/a:1', condition: a.enabled}\n    - {image: 'r.io/b:1', condition: "
      "b.enabled}\n"
      "    - {image: 'r.io/c:1', dependency: redis}\n    - {image: 'r.io/d:1', dependency: db}\n";
  const ChartState state{
      .is_true = [](std::string_view condition) { return condition == "a.enabled"; },
      .is_enabled = [](std::string_view dependency) { return dependency == "db"; }};
  EXPECT_THAT(
      texts_of(annotated_images(chart, "Chart.yaml", "", state).images),
      ElementsAre("r.io/a:1 A1 high", "r.io/b:1 A1 high: b.enabled is not true",
                  "r.io/c:1 A1 high: the dependency redis is not enabled", "r.io/d:1 A1 high"));
}

TEST(ChartAnnotations, ThatAreNoListsOfImagesAreReportedAndTheOthersTaken) {
  for (const char* annotation : {"'[{image: r.io/b:1'", "'image: r.io/b:1'", "just text",
                                 "'[{image: UPPER}]'", "'[{name: x}]'", "'[[1]]'", "'{{ x }}'"}) {
    const Discovery discovery =
        annotated_images(std::string("annotations:\n  artifacthub.io/images: ") + annotation +
                             "\n  images: '[{image: r.io/a:1}]'\n",
                         "Chart.yaml", "root");
    EXPECT_THAT(texts_of(discovery.images), ElementsAre("r.io/a:1 A3 high")) << annotation;
    ASSERT_EQ(discovery.report.size(), 1U) << annotation;
    EXPECT_EQ(discovery.report[0].code, "bad-annotation");
    EXPECT_THAT(discovery.report[0].message, HasSubstr("Chart.yaml, line 2")) << annotation;
  }
}

TEST(ChartAnnotations, MayBeMissing) {
  for (const char* chart : {"", "name: x", "annotations: ~", "annotations: [1]",
                            "annotations: {images: [1]}", "annotations: {images: ''}"})
    EXPECT_THAT(annotated_images(chart, "Chart.yaml", "").images, IsEmpty()) << chart;
  EXPECT_THROW(annotated_images("a: [", "Chart.yaml", ""), Error);
}

}  // namespace
}  // namespace tote::bundle::discover
