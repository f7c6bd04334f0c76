#include "bundle/discover/helm.h"

#include "base/error.h"
#include "tests/support/temp_dir.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <stop_token>
#include <string>

namespace tote::bundle::discover {
namespace {

using testing::HasSubstr;

// A program of that name, which does what `script` says.
class HelmTest : public testing::Test {
 protected:
  Environment with_helm(const std::string& script) {
    const std::filesystem::path helm = dir_.path() / "helm";
    test::write_text(helm, "#!/bin/sh\n" + script);
    std::filesystem::permissions(helm, std::filesystem::perms::owner_all);
    return {{"PATH", dir_.path().string() + ":/usr/bin:/bin"}, {"MARK", "passed on"}};
  }

 private:
  test::TempDir dir_;
};

TEST_F(HelmTest, IsCalledWithAllThatIsGiven) {
  const Environment environment =
      with_helm("for a in \"$@\"; do echo \"# $a\"; done\necho \"# $MARK\"\necho a warning >&2\n");
  EXPECT_TRUE(has_helm(environment));
  const Rendering rendering = render_with_helm({.chart = "-chart",
                                                .values_files = {"a.yaml", "-b.yaml"},
                                                .sets = {"x.y=z w"},
                                                .release = "r",
                                                .name_space = "n",
                                                .kube_version = "1.31",
                                                .api_versions = {"a/v1", "b/v2"}},
                                               environment);
  EXPECT_EQ(rendering.manifests,
            "# template\n# r\n# ./-chart\n# --values=a.yaml\n# --values=-b.yaml\n# --set=x.y=z w\n"
            "# --namespace=n\n# --kube-version=1.31\n# --api-versions=a/v1\n# --api-versions=b/v2\n"
            "# passed on\n");
  EXPECT_EQ(rendering.failure, "");
}

TEST_F(HelmTest, GivesLongManifestsWhole) {
  const Rendering rendering =
      render_with_helm({.chart = "c"}, with_helm("head -c 1000000 /dev/zero | tr '\\0' x\n"));
  ASSERT_TRUE(rendering.manifests);
  EXPECT_EQ(rendering.manifests->size(), 1'000'000U);
}

TEST_F(HelmTest, ThatFailsSaysWhy) {
  const Rendering rendering = render_with_helm(
      {.chart = "c"}, with_helm("echo half; echo 'Error: no bucket' >&2; exit 1\n"));
  EXPECT_FALSE(rendering.manifests);
  EXPECT_EQ(rendering.failure, "Error: no bucket");
  EXPECT_EQ(render_with_helm({.chart = "c"}, with_helm("exit 7\n")).failure,
            "helm ended with exit code 7 and said nothing");
}

TEST_F(HelmTest, ThatDoesNotEndIsAFailure) {
  const Rendering rendering = render_with_helm({.chart = "c", .timeout = std::chrono::seconds(0)},
                                               with_helm("exec sleep 100\n"));
  EXPECT_THAT(rendering.failure, HasSubstr("not done after 0 s"));
}

TEST_F(HelmTest, ThatIsNotThereIsAFailure) {
  const Environment environment{{"PATH", "/nonexistent"}};
  EXPECT_FALSE(has_helm(environment));
  EXPECT_THAT(render_with_helm({.chart = "c"}, environment).failure, HasSubstr("run 'helm'"));
}

TEST_F(HelmTest, IsEndedByAStop) {
  std::stop_source stop;
  stop.request_stop();
  EXPECT_THROW(
      render_with_helm({.chart = "c", .stop = stop.get_token()}, with_helm("exec sleep 100\n")),
      Cancelled);
}

}  // namespace
}  // namespace tote::bundle::discover
