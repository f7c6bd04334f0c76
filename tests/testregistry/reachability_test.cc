// What garbage collection keeps: which tags are names, and what a bundle needs.
#include "testregistry/storage/reachability.h"

#include "base/error.h"
#include "tests/testregistry/protocol_fixture.h"

namespace tote::testregistry {
namespace {

const std::string kHex(64, 'a');

struct TagRow {
  const char* name;
  std::string tag;
  bool names_a_digest;
};
class DigestTag : public testing::TestWithParam<TagRow> {};

TEST_P(DigestTag, IsToldFromANameThatSomebodyChose) {
  const std::string& tag = GetParam().tag;
  const std::string algorithm = tag.find("sha512") == std::string::npos ? "sha256:" : "sha512:";
  const std::string more(algorithm == "sha512:" ? 64 : 0, 'b');  // a tag has the first 64 alone
  EXPECT_EQ(only_names(tag, oci::Digest::parse(algorithm + kHex + more)),
            GetParam().names_a_digest);
  const std::string other(64, 'c');
  EXPECT_FALSE(only_names(tag, oci::Digest::parse(algorithm + other + more)));
}

INSTANTIATE_TEST_SUITE_P(
    All, DigestTag,
    testing::Values(TagRow{"Copied", "sha256-" + kHex + ".imgpkg", true},
                    TagRow{"CopiedOfSha512", "sha512-" + kHex + ".imgpkg", true},
                    TagRow{"RepositoryBased", "team-app-sha256-" + kHex + ".imgpkg", true},
                    TagRow{"Locations", "sha256-" + kHex + ".image-locations.imgpkg", true},
                    TagRow{"Signature", "sha256-" + kHex + ".sig", true},
                    TagRow{"Attestation", "sha256-" + kHex + ".att", true},
                    TagRow{"Sbom", "sha256-" + kHex + ".sbom", true},
                    TagRow{"ListOfReferrers", "sha256-" + kHex, true},
                    TagRow{"Version", "v1", false}, TagRow{"Latest", "latest", false},
                    TagRow{"ShortHex", "sha256-abc.imgpkg", false},
                    TagRow{"NoHex", "sha256-" + std::string(64, 'g') + ".imgpkg", false},
                    TagRow{"OtherSuffix", "sha256-" + kHex + ".mine", false},
                    TagRow{"NameAndSignature", "app-sha256-" + kHex + ".sig", false},
                    TagRow{"OtherAlgorithm", "md5-" + kHex + ".imgpkg", false},
                    TagRow{"Glued", "xsha256-" + kHex + ".imgpkg", false}),
    [](const auto& row) { return row.param.name; });

// Pushes and copies as tote and imgpkg make them.
class CollectedPushes : public ProtocolTest {
 protected:
  void tag(const std::string& name, const oci::Digest& digest) {
    storage_->put_tag("app", name, digest);
  }
  static std::string internal_tag(const oci::Digest& digest, const char* suffix = ".imgpkg") {
    return "sha256-" + digest.hex() + suffix;
  }
  Collected collect() {
    CollectOptions options;
    options.grace = std::chrono::seconds(0);
    options.untagged = true;
    return storage_->collect(options, {});
  }
  bool has(const oci::Digest& digest) { return storage_->find_manifest("app", digest).has_value(); }
};

INSTANTIATE_TEST_SUITE_P(Storage, CollectedPushes, testing::Values("Memory", "Directory"),
                         [](const auto& row) { return row.param; });

TEST_P(CollectedPushes, GoWhenNobodyNamesThemAnyMore) {
  const auto image = test::put_image(*storage_, "app", {"layer"}, "v1");
  tag(internal_tag(image), image);
  EXPECT_EQ(collect().manifests, 0U);
  call("DELETE", "/v2/app/manifests/v1");
  EXPECT_EQ(collect().manifests, 1U);
  EXPECT_FALSE(has(image));
  EXPECT_TRUE(storage_->tags("app").empty());
}

TEST_P(CollectedPushes, StayAsLongAsABundleNeedsThem) {
  const auto image = test::put_image(*storage_, "app", {"layer"});
  tag(internal_tag(image), image);
  const auto inner =
      test::put_bundle(*storage_, "app", test::images_lock({"far.example/app@" + image.str()}));
  tag(internal_tag(inner), inner);
  const auto outer = test::put_bundle(
      *storage_, "app", test::images_lock({"far.example/inner@" + inner.str()}), "v1");
  const auto record = test::put_image(*storage_, "app", {"locations"});
  tag(internal_tag(outer, ".image-locations.imgpkg"), record);
  EXPECT_EQ(collect().manifests, 0U);
  for (const auto& digest : {image, inner, outer, record}) EXPECT_TRUE(has(digest));
  call("DELETE", "/v2/app/manifests/v1");
  EXPECT_EQ(collect().manifests, 4U);
}

TEST_P(CollectedPushes, TakeTheirSignaturesAlong) {
  const auto image = test::put_image(*storage_, "app", {"layer"}, "v1");
  const auto signature = test::put_image(*storage_, "app", {"signature"});
  tag(internal_tag(image, ".sig"), signature);
  const auto of_signature = test::put_image(*storage_, "app", {"attestation"});
  tag(internal_tag(signature, ".att"), of_signature);
  EXPECT_EQ(collect().manifests, 0U);
  call("DELETE", "/v2/app/manifests/v1");
  EXPECT_EQ(collect().manifests, 3U);
}

TEST_P(CollectedPushes, OfASignatureWhoseSubjectIsInAnotherRepositoryStay) {
  const auto image = test::put_image(*storage_, "elsewhere", {"layer"}, "v1");
  const auto signature = test::put_image(*storage_, "app", {"signature"});
  tag(internal_tag(image, ".sig"), signature);
  EXPECT_EQ(collect().manifests, 0U);
  EXPECT_TRUE(has(signature));
}

// Another client may be able to read it, and need what it names.
TEST_P(CollectedPushes, StayWhereABundleCanNotBeRead) {
  const auto broken = test::put_image(*storage_, "app", {"no tar"}, "v1",
                                      {.labels_json = R"({"dev.carvel.imgpkg.bundle":"true"})"});
  const auto image = test::put_image(*storage_, "app", {"layer"});
  tag(internal_tag(image), image);
  EXPECT_EQ(collect().manifests, 0U);
  EXPECT_TRUE(has(broken));
  EXPECT_TRUE(has(image));
  call("DELETE", "/v2/app/manifests/v1");
  EXPECT_EQ(collect().manifests, 2U) << "nobody needs it, so it needs nothing";
}

}  // namespace
}  // namespace tote::testregistry
