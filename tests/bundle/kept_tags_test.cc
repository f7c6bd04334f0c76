#include "bundle/kept_tags.h"

#include "oci/media_types.h"
#include "tests/support/matchers.h"

#include <gtest/gtest.h>

namespace tote::bundle {
namespace {

oci::CarriedImage image(const std::string& path, const std::string& tag,
                        const std::string& content) {
  oci::CarriedImage image{{"reg.io", path}, {"t", oci::Digest::of(content), 1}, {}, {}, {}};
  image.tag = tag;
  return image;
}

// The first 12 hex digits.
std::string part_of(const std::string& content) {
  return oci::Digest::of(content).hex().substr(0, 12);
}

struct Row {
  const char* name;
  std::vector<oci::CarriedImage> images;
  std::vector<std::string> tags;  // that they get
};
class SeparatedTags : public testing::TestWithParam<Row> {};

TEST_P(SeparatedTags, AreDifferentForDifferentImagesAndElseAsTheyWere) {
  std::vector<oci::CarriedImage> images = GetParam().images;
  separate_tags(images);
  std::vector<std::string> tags;
  for (const oci::CarriedImage& image : images) {
    tags.push_back(image.tag);
    EXPECT_TRUE(image.tag.empty() || oci::is_tag(image.tag)) << image.tag;
  }
  EXPECT_EQ(tags, GetParam().tags);
  EXPECT_NO_THROW(check_tags(images, {"reg.io", "all"}));
}

const std::string kLong(128, 'v');
const std::string kAlmostAsLong(120, 'v');

INSTANTIATE_TEST_SUITE_P(
    , SeparatedTags,
    testing::Values(
        Row{"NoConflict", {image("shop/a", "1", "a"), image("shop/b", "2", "b")}, {"1", "2"}},
        Row{"NoTags", {image("shop/a", "", "a"), image("shop/b", "", "b")}, {"", ""}},
        Row{"OneImageTwice", {image("shop/a", "1", "a"), image("shop/b", "1", "a")}, {"1", "1"}},
        Row{"OfTwoRepositories",
            {image("shop/a", "1", "a"), image("shop/b", "1", "b"), image("shop/c", "2", "c")},
            {"shop-a-1", "shop-b-1", "2"}},
        Row{"TwoPlatformsOfOneRepository",
            {image("shop/a", "1", "amd64"), image("shop/a", "1", "arm64")},
            {"shop-a-1-" + part_of("amd64"), "shop-a-1-" + part_of("arm64")}},
        Row{"PlatformsAndAnotherRepository",
            {image("shop/a", "1", "amd64"), image("shop/a", "1", "arm64"), image("b", "1", "b")},
            {"shop-a-1-" + part_of("amd64"), "shop-a-1-" + part_of("arm64"), "b-1"}},
        Row{"AlreadyTaken",
            {image("shop/a", "1", "a"), image("shop/b", "1", "b"), image("x", "shop-a-1", "x")},
            {"shop-a-1-" + part_of("a"), "shop-b-1", "shop-a-1-" + part_of("x")}},
        Row{"NearlyTooLong",
            {image("shop/a", kAlmostAsLong, "a"), image("shop/b", kAlmostAsLong, "b")},
            {"shop-a-" + kAlmostAsLong, "shop-b-" + kAlmostAsLong}},
        Row{"TooLong",
            {image("shop/a", kLong, "a"), image("shop/b", kLong, "b")},
            {kLong.substr(0, 115) + "-" + part_of("a"), kLong.substr(0, 115) + "-" + part_of("b")}},
        Row{"TooLongForAWholePath",
            {image("some/shop/a", kAlmostAsLong, "a"), image("shop/b", kAlmostAsLong, "b")},
            {"shop-a-" + kAlmostAsLong, "shop-b-" + kAlmostAsLong}}),
    [](const auto& row) { return row.param.name; });

TEST(KeptTags, AreCheckedBeforeAnythingMoves) {
  EXPECT_THAT(
      [] {
        check_tags({image("shop/a", "1", "amd64"), image("shop/a", "1", "arm64")},
                   {"reg.io", "all"});
      },
      test::ThrowsError(ErrorKind::kUsage, "both would get the tag '1' in 'reg.io/all'"));
}

}  // namespace
}  // namespace tote::bundle
