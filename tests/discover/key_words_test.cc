#include "bundle/discover/key_words.h"

#include <gmock/gmock.h>

namespace tote::bundle::discover {
namespace {

using testing::ElementsAre;

TEST(KeyWordsTest, AreTheSameInEveryWayOfWritingThem) {
  for (const char* key :
       {"controllerImageVersion", "controller_image_version", "controller-image-version",
        "ControllerImageVersion", "controller.image.version"})
    EXPECT_THAT(words_of(key), ElementsAre("controller", "image", "version")) << key;
  EXPECT_THAT(words_of("OCIImage"), ElementsAre("oci", "image"));
  EXPECT_THAT(words_of("imageSHA256"), ElementsAre("image", "sha256"));
  EXPECT_THAT(words_of("k8sImage"), ElementsAre("k8s", "image"));
  EXPECT_THAT(words_of(""), ElementsAre());
  EXPECT_EQ(folded("Image_Pull-Secrets"), "imagepullsecrets");
}

TEST(KeyWordsTest, SayWhatIsBehindAKey) {
  for (const char* key : {"image", "thanosImage", "init_image", "Image"})
    EXPECT_TRUE(is_image_key(key)) << key;
  for (const char* key : {"imageRenderer", "images", "imagePullPolicy", "reimage", ""})
    EXPECT_FALSE(is_image_key(key)) << key;
  EXPECT_TRUE(is_images_key("sidecarImages"));
  EXPECT_TRUE(says_image("proxyImageConfig"));
  EXPECT_FALSE(says_image("imagery"));
  EXPECT_TRUE(says_artifact("policiesBundle"));
  EXPECT_FALSE(says_artifact("image"));
}

}  // namespace
}  // namespace tote::bundle::discover
