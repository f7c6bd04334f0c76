#include "testregistry/storage/stored_images.h"

#include "base/error.h"
#include "testregistry/storage/memory_storage.h"
#include "tests/support/image_builder.h"
#include "tests/support/matchers.h"

#include <gtest/gtest.h>

namespace tote::testregistry {
namespace {

using test::ThrowsError;

class StoredImagesTest : public testing::Test {
 protected:
  StoredRepository& app() { return images_.repository({"any.example", "app"}); }
  oci::Descriptor blob(const std::string& bytes) const {
    return {"", oci::Digest::of(bytes), bytes.size()};
  }

  MemoryStorage storage_;
  StoredImages images_{storage_};
  const oci::Digest image_ = test::put_image(storage_, "app", {"layer"}, "v1");
};

TEST_F(StoredImagesTest, FindsImagesByTagAndDigest) {
  ASSERT_TRUE(app().resolve("v1", {}));
  EXPECT_EQ(app().resolve("v1", {})->digest, image_);
  EXPECT_EQ(app().resolve(image_.str(), {})->media_type,
            "application/vnd.oci.image.manifest.v1+json");
  EXPECT_EQ(app().fetch_manifest("v1", {})->digest(), image_);
  EXPECT_EQ(app().fetch_manifest("v1", {})->bytes().size(), app().resolve("v1", {})->size);
}

TEST_F(StoredImagesTest, SaysWhatIsNotThere) {
  for (const char* name : {"v2", "no tag at all", ""}) {
    EXPECT_FALSE(app().resolve(name, {})) << name;
    EXPECT_THAT(
        [&] { app().fetch_manifest(name, {}); },
        ThrowsError(ErrorKind::kNotFound, "manifest '" + std::string(name) + "' is not there"));
  }
  EXPECT_FALSE(images_.repository({"any.example", "other"}).resolve(image_.str(), {}));
  EXPECT_FALSE(app().has_blob(blob("gone"), {}));
  EXPECT_THAT(
      [&] { app().open_blob(blob("gone"), 0, {}); },
      ThrowsError(ErrorKind::kNotFound, "blob '" + blob("gone").digest.str() + "' is not there"));
}

TEST_F(StoredImagesTest, ReadsBlobsFromAnyOffset) {
  EXPECT_TRUE(app().has_blob(blob("layer"), {}));
  EXPECT_EQ(read_all(*app().open_blob(blob("layer"), 0, {}), 10, "b"), "layer");
  EXPECT_EQ(read_all(*app().open_blob(blob("layer"), 3, {}), 10, "b"), "er");
  oci::Descriptor wrong = blob("layer");
  wrong.size = 4;
  EXPECT_THAT([&] { app().open_blob(wrong, 0, {}); }, ThrowsError(ErrorKind::kDigestMismatch, "4"));
}

}  // namespace
}  // namespace tote::testregistry
