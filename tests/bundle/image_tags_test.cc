#include "bundle/image_tags.h"

#include <gtest/gtest.h>

namespace tote::bundle {
namespace {

struct Row {
  const char* path;
  const char* prefix;
};
class RepositoryBasedTag : public testing::TestWithParam<Row> {};

TEST_P(RepositoryBasedTag, HasThePrefixThatImgpkgGives) {
  const oci::Digest digest = oci::Digest::of("x");
  oci::CarriedImage image{{"reg.io", "app"}, {"t", digest, 1}, {}, {}, {}};
  image.known_as = std::string("reg.io/") + GetParam().path + "@" + digest.str();
  const std::string tag = repository_based_tag(image);
  EXPECT_EQ(tag, std::string(GetParam().prefix) + "-" + default_tag(digest));
  EXPECT_LE(tag.size(), 128U);
}

INSTANTIATE_TEST_SUITE_P(
    All, RepositoryBasedTag,
    testing::Values(Row{"_test-repo/simple-app-test", "_test-repo-simple-app-test"},
                    Row{"*-test-repo/simple-app-test", "test-repo-simple-app-test"},
                    Row{".test-repo/simple-app-test", "test-repo-simple-app-test"},
                    Row{"test-path/sample-path/verification-path/sample-path/test-repo/test-repo/"
                        "simple-app-test",
                        "h-sample-path-test-repo-test-repo-simple-app-test"},
                    Row{"test-path/dev-pkg-apiextensions-storageversion-cmd-migratee",
                        "dev-pkg-apiextensions-storageversion-cmd-migratee"},
                    Row{"test-path/.dev-pkg-apiextensions-storageversion-cmd-migrate",
                        "dev-pkg-apiextensions-storageversion-cmd-migrate"},
                    Row{"test-path/dev-pkg-ap.extensions-storageversion-cmd-migrate-test-image",
                        "extensions-storageversion-cmd-migrate-test-image"},
                    Row{"test-path/dev-pkg-api_extensions-storageversion-cmd-migrate-test-image",
                        "_extensions-storageversion-cmd-migrate-test-image"}));

TEST(DefaultTags, NameTheDigest) {
  const oci::Digest digest = oci::Digest::of("");
  EXPECT_EQ(default_tag(digest), "sha256-" + digest.hex() + ".imgpkg");
  EXPECT_EQ(locations_tag(digest), "sha256-" + digest.hex() + ".image-locations.imgpkg");
}

}  // namespace
}  // namespace tote::bundle
