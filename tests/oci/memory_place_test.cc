#include "oci/memory_place.h"

#include "oci/manifest_json.h"
#include "oci/media_types.h"
#include "tests/support/matchers.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace tote::oci {
namespace {

using test::ThrowsError;

ManifestPtr image_of(const Descriptor& config, const std::string& layers = {}) {
  return Manifest::parse(
      fmt::format(R"({{"config":{},"layers":[{}]}})", encode_descriptor(config), layers),
      kOciManifest);
}

std::string content(MemoryPlace& place, const Descriptor& blob, std::uint64_t offset = 0) {
  return read_all(*place.open_blob(blob, offset, {}), blob.size, "blob");
}

TEST(MemoryPlace, TakesWhatIsPushed) {
  MemoryPlace place;
  const Descriptor blob{"t", Digest::of("hello"), 5};
  EXPECT_FALSE(place.has_blob(blob, {}));
  const auto upload = place.begin_upload(blob, {});
  StringSource first("he");
  upload->append(first, 2);
  EXPECT_FALSE(place.has_blob(blob, {})) << "not before it is whole";
  EXPECT_EQ(upload->offset(), 2U);
  StringSource rest("llo");
  upload->append(rest, 3);
  upload->commit();
  EXPECT_EQ(content(place, blob), "hello");
  EXPECT_EQ(content(place, blob, 3), "lo");
  const ManifestPtr image = image_of(blob);
  place.push_manifest(*image, "v1", {});
  EXPECT_EQ(place.resolve("v1", {})->digest, image->digest());
  EXPECT_EQ(place.fetch_manifest(image->digest().str(), {})->bytes(), image->bytes());
  EXPECT_FALSE(place.resolve("v2", {}));
}

TEST(MemoryPlace, RefusesOtherContent) {
  MemoryPlace place;
  const auto upload = place.begin_upload({"t", Digest::of("hello"), 5}, {});
  StringSource wrong("jello");
  upload->append(wrong, 5);
  EXPECT_THAT([&] { upload->commit(); }, ThrowsError(ErrorKind::kDigestMismatch, "checksum"));
}

TEST(MemoryPlace, RefusesAManifestBeforeWhatItNames) {
  MemoryPlace place;
  const Descriptor absent{"t", Digest::of("absent"), 6};
  EXPECT_THAT([&] { place.push_manifest(*image_of(absent), "v1", {}); },
              ThrowsError(ErrorKind::kRegistry, "blob unknown"));
  const ManifestPtr index = Manifest::parse(
      fmt::format(R"({{"manifests":[{}]}})",
                  encode_descriptor({std::string(kOciManifest), Digest::of("x"), 1})),
      kOciIndex);
  EXPECT_THAT([&] { place.push_manifest(*index, "v1", {}); },
              ThrowsError(ErrorKind::kRegistry, "manifest unknown"));
  EXPECT_FALSE(place.resolve("v1", {}));
}

TEST(MemoryPlace, SaysWhatIsNotThere) {
  MemoryPlace place;
  EXPECT_THAT([&] { place.fetch_manifest("v1", {}); },
              ThrowsError(ErrorKind::kNotFound, "no image 'v1'"));
  EXPECT_THAT(
      [&] {
        content(place, {"t", Digest::of("x"), 1});
      },
      ThrowsError(ErrorKind::kNotFound, "no blob"));
}

}  // namespace
}  // namespace tote::oci
