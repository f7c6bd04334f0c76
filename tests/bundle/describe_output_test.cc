#include "bundle/describe_output.h"

#include <gtest/gtest.h>

namespace tote::bundle {
namespace {

const oci::Digest kOuter = oci::Digest::of("outer");
const oci::Digest kInner = oci::Digest::of("inner");
const oci::Digest kImage = oci::Digest::of("image");
const oci::Digest kLayer = oci::Digest::of("layer");

DescribedImage image(const std::string& name) {
  return {"r.io/dst@" + name, "r.io/src@" + name};
}

// A bundle of an image, a bundle and a signature that nobody may look at.
DescribedBundle sample() {
  DescribedBundle outer{kOuter, image("outer")};
  DescribedImage plain = image("image");
  plain.annotations = {{"100%", "ok\nand more"}};
  plain.layers = {kLayer};
  outer.images.emplace(kImage.str(), plain);
  DescribedImage denied{"", ""};
  denied.kind = ContentKind::kSignature;
  denied.error = "access denied";
  outer.images.emplace("r.io/dst:sha256-x.sig", denied);
  outer.bundles.emplace(kInner.str(), DescribedBundle{kInner, image("inner")});
  return outer;
}

TEST(DescribeAsText, ShowsWhatABundleIsMadeOf) {
  EXPECT_EQ(describe_as_text(sample()), "Bundle SHA: " + kOuter.str() +
                                            "\n\n"
                                            "Images:\n"
                                            "  - Image: r.io/dst@inner\n"
                                            "    Type: Bundle\n"
                                            "    Origin: r.io/src@inner\n"
                                            "  - Image: r.io/dst@image\n"
                                            "    Type: Image\n"
                                            "    Origin: r.io/src@image\n"
                                            "    Layers:\n"
                                            "      - Digest: " +
                                            kLayer.str() +
                                            "\n"
                                            "    Annotations:\n"
                                            "      100%: ok\n"
                                            "      and more\n"
                                            "  - Image: \n"
                                            "    Type: Signature\n");
}

TEST(DescribeAsText, ShowsAnEmptyBundle) {
  EXPECT_EQ(describe_as_text({kOuter, image("outer")}), "Bundle SHA: " + kOuter.str() + "\n\n");
}

TEST(DescribeAsText, PutsAnEmptyLineBetweenBundles) {
  DescribedBundle outer{kOuter, image("outer")};
  outer.bundles.emplace("a", DescribedBundle{kInner, image("a")});
  outer.bundles.emplace("b", DescribedBundle{kInner, image("b")});
  EXPECT_NE(describe_as_text(outer).find("Origin: r.io/src@a\n\n  - Image: r.io/dst@b\n"),
            std::string::npos);
}

TEST(DescribeAsYaml, SortsKeysAndLeavesOutWhatIsEmpty) {
  EXPECT_EQ(describe_as_yaml(sample()), "sha: " + kOuter.str() +
                                            "\n"
                                            "content:\n"
                                            "  bundles:\n"
                                            "    " +
                                            kInner.str() +
                                            ":\n"
                                            "      content: {}\n"
                                            "      image: r.io/dst@inner\n"
                                            "      metadata: {}\n"
                                            "      origin: r.io/src@inner\n"
                                            "  images:\n"
                                            "    r.io/dst:sha256-x.sig:\n"
                                            "      error: access denied\n"
                                            "      imageType: Signature\n"
                                            "    " +
                                            kImage.str() +
                                            ":\n"
                                            "      annotations:\n"
                                            "        100%: |-\n"
                                            "          ok\n"
                                            "          and more\n"
                                            "      image: r.io/dst@image\n"
                                            "      imageType: Image\n"
                                            "      layers:\n"
                                            "      - digest: " +
                                            kLayer.str() +
                                            "\n"
                                            "      origin: r.io/src@image\n"
                                            "image: r.io/dst@outer\n"
                                            "metadata: {}\n"
                                            "origin: r.io/src@outer\n");
}

TEST(DescribeAsJson, SaysTheSame) {
  EXPECT_EQ(describe_as_json({kOuter, image("o")}), "{\n  \"sha\": \"" + kOuter.str() +
                                                        "\",\n"
                                                        "  \"content\": {},\n"
                                                        "  \"image\": \"r.io/dst@o\",\n"
                                                        "  \"metadata\": {},\n"
                                                        "  \"origin\": \"r.io/src@o\"\n}\n");
}

}  // namespace
}  // namespace tote::bundle
