#include "oci/attached.h"

#include "oci/referrer.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace tote::oci {
namespace {

constexpr const char* kType = "application/vnd.oci.image.manifest.v1+json";

ManifestPtr manifest(const std::string& name, const std::string& members = {}) {
  const Digest config = Digest::of("config of " + name);
  return Manifest::parse(
      fmt::format(
          R"({{"schemaVersion":2,"mediaType":"{}","config":{{"mediaType":"{}","digest":"{}","size":9}},"layers":[]{}}})",
          kType, "application/vnd.example." + name, config.str(), members),
      kType);
}

std::string subject(const Manifest& of) {
  return fmt::format(R"(,"subject":{{"mediaType":"{}","digest":"{}","size":{}}})", kType,
                     of.digest().str(), of.descriptor().size);
}

CarriedImage image(const ManifestPtr& of, const std::string& tag = {}) {
  return {{"example.org", "app"}, of->descriptor(), tag, {}, {}};
}

const ManifestPtr kImage = manifest("image");
const ManifestPtr kReferrer = manifest("sbom", subject(*kImage));
const ManifestPtr kSignature = manifest("signature");

Contents contents(std::vector<CarriedImage> images) {
  return {std::move(images), {kImage, kReferrer, kSignature}, {}, {}};
}

TEST(Attached, IsWhatNamesAnotherImageByItsSubjectOrByCosignsTag) {
  const AttachedImages attached(
      contents({image(kImage, "v1"), image(kReferrer),
                image(kSignature, digest_tag(kImage->digest()) + ".sig")}));
  const std::vector<Attachment>& found = attached.of(kImage->digest());
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].target.digest, kReferrer->digest());
  EXPECT_EQ(found[0].type, "application/vnd.example.sbom");
  EXPECT_EQ(found[1].target.digest, kSignature->digest());
  EXPECT_EQ(found[1].tag, attachment_tag(kImage->digest(), ".sig"));
  EXPECT_TRUE(attached.of(kReferrer->digest()).empty());
}

// Else a subject would keep an image from being looked at.
TEST(Attached, IsNotAnImageWithANameOfItsOwn) {
  const CarriedImage named = image(kReferrer, "v2");
  const CarriedImage nameless = image(kReferrer);
  const CarriedImage signature = image(kSignature, digest_tag(kImage->digest()) + ".sig");
  const CarriedImage other = image(kSignature, digest_tag(Digest::of("gone")) + ".sig");
  const AttachedImages attached(contents({image(kImage, "v1"), named, nameless, signature, other}));
  EXPECT_FALSE(attached.contains(image(kImage, "v1")));
  EXPECT_FALSE(attached.contains(named));
  EXPECT_TRUE(attached.contains(nameless));
  EXPECT_TRUE(attached.is_referrer(nameless));
  EXPECT_TRUE(attached.contains(signature));
  EXPECT_FALSE(attached.is_referrer(signature));
  EXPECT_FALSE(attached.contains(other)) << "what it is about is not there";
}

TEST(Attached, TagsEndInWhatCosignCallsThem) {
  struct Row {
    const char* tag;
    const char* subject;
  };
  for (const Row& row : {Row{"sha256-ab.sig", "sha256-ab"}, Row{"sha512-ab.att", "sha512-ab"},
                         Row{"sha256-ab.sbom", "sha256-ab"}, Row{"sha256-ab.imgpkg", ""},
                         Row{"sha256-ab", ""}, Row{"v1.sig", ""}, Row{"", ""}})
    EXPECT_EQ(subject_tag_of(row.tag), row.subject) << row.tag;
}

TEST(Referrer, HasTheTypeThatItSaysOrThatOfItsConfig) {
  EXPECT_EQ(artifact_type_of(*manifest("a")), "application/vnd.example.a");
  EXPECT_EQ(artifact_type_of(*manifest("a", R"(,"artifactType":"x/y")")), "x/y");
}

TEST(Referrer, IsListedOnceWithItsTypeAndAnnotations) {
  const auto noted = manifest("noted", subject(*kImage) + R"(,"annotations":{"k":"v"})");
  const auto first = list_with_referrer(nullptr, *noted);
  ASSERT_TRUE(first);
  const auto list = Manifest::parse(*first, "");
  EXPECT_EQ(
      list->json().at("manifests").items().at(0).text(),
      fmt::format(
          R"({{"annotations":{{"k":"v"}},"artifactType":"application/vnd.example.noted","digest":"{}","mediaType":"{}","size":{}}})",
          noted->digest().str(), kType, noted->descriptor().size));
  EXPECT_FALSE(list_with_referrer(list.get(), *noted));
  EXPECT_EQ(Manifest::parse(*list_with_referrer(list.get(), *kReferrer), "")->children().size(),
            2U);
}

}  // namespace
}  // namespace tote::oci
