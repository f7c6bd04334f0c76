#include "bundle/locations.h"

#include "tests/support/matchers.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

namespace tote::bundle {
namespace {

TEST(Locations, ReadsAndWritesTheRecordedBytes) {
  const std::string recorded = test::read_data("imgpkg/outer.image-locations.yml");
  const Locations locations = Locations::parse(recorded, "l");
  ASSERT_EQ(locations.images.size(), 4U);
  EXPECT_TRUE(locations.images[2].is_bundle);
  EXPECT_EQ(locations.encode(), recorded);
}

TEST(Locations, AreCarriedByTheRecordedImage) {
  const auto image = build_locations_image(
      Locations::parse(test::read_data("imgpkg/outer.image-locations.yml"), "l"));
  EXPECT_EQ(image->manifest()->bytes(),
            test::read_data("imgpkg/outer.image-locations.manifest.json"));
}

TEST(Locations, SayWhenThereIsNothing) {
  EXPECT_EQ(Locations{}.encode(),
            "---\napiVersion: imgpkg.carvel.dev/v1alpha1\nimages: []\nkind: ImageLocations\n");
}

TEST(Locations, AreReadLeniently) {
  EXPECT_TRUE(
      Locations::parse("apiVersion: imgpkg.carvel.dev/v1alpha1\nkind: ImageLocations\nx: 1", "l")
          .images.empty());
  EXPECT_THAT([] { Locations::parse("apiVersion: x", "l"); },
              test::ThrowsError(
                  ErrorKind::kParse,
                  "Validating apiVersion: Unknown version (known: imgpkg.carvel.dev/v1alpha1)"));
}

}  // namespace
}  // namespace tote::bundle
