#include "oci/tag_conflict.h"

#include <gtest/gtest.h>

namespace tote::oci {
namespace {

CarriedImage image(const std::string& repository, const std::string& tag,
                   const std::string& content) {
  return {Repository::parse(repository), {"", Digest::of(content), 1}, tag, {}, {}};
}

std::string to_one_place(const CarriedImage&) {
  return "";
}
std::string to_its_own(const CarriedImage& image) {
  return image.repository.name();
}

TEST(TagConflict, IsOneTagForDifferentContentInOneRepository) {
  const std::vector<CarriedImage> images = {image("a.io/one", "v1", "1"),
                                            image("a.io/two", "v1", "2")};
  const auto conflict = find_tag_conflict(images, to_one_place);
  ASSERT_TRUE(conflict);
  EXPECT_EQ(conflict->first, &images[0]);
  EXPECT_EQ(conflict->second, &images[1]);
  EXPECT_FALSE(find_tag_conflict(images, to_its_own));
}

TEST(TagConflict, IsNoneForOneImageTwiceOrImagesWithoutTags) {
  EXPECT_FALSE(find_tag_conflict({image("a.io/one", "v1", "1"), image("a.io/two", "v1", "1"),
                                  image("a.io/one", "", "1"), image("a.io/one", "", "2")},
                                 to_one_place));
  EXPECT_FALSE(find_tag_conflict({}, to_one_place));
}

}  // namespace
}  // namespace tote::oci
