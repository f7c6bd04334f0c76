#include "bundle/discover/image_lists.h"

#include "base/error.h"
#include "tests/discover/found_texts.h"

#include <gmock/gmock.h>

#include <string>

namespace tote::bundle::discover {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string kDigest = "@sha256:" + std::string(64, 'a');

TEST(LockFiles, OfDtGiveTheirTags) {
  const Discovery discovery = locked_images(
      "apiversion: v0\nkind: ImagesLock\nmetadata: {generatedBy: x}\nchart: {name: a}\nimages:\n"
      "  - name: x\n    image: docker.io/a/x:1\n    chart: a\n    digests:\n      - digest: "
      "sha256:" +
          std::string(64, 'b') + "\n        arch: linux/amd64\n",
      "Images.lock", "root");
  EXPECT_THAT(texts_of(discovery.images), ElementsAre("docker.io/a/x:1 L1 high"));
  EXPECT_EQ(discovery.images[0].where, "Images.lock, line 6");
  EXPECT_EQ(discovery.images[0].chart, "root");
  EXPECT_EQ(discovery.images[0].evidence, Evidence::kLockFile);
}

TEST(LockFiles, OfImgpkgGiveTheirDigestsAndWhatTheyWere) {
  const Discovery discovery = locked_images(
      "apiVersion: imgpkg.carvel.dev/v1alpha1\nkind: ImagesLock\nimages:\n- image: r.io/x" +
          kDigest + "\n  annotations: {kbld.carvel.dev/id: 'docker.io/x:1'}\n",
      "images.yml");
  EXPECT_THAT(texts_of(discovery.images), ElementsAre("r.io/x" + kDigest + " L1 high"));
  EXPECT_EQ(discovery.images[0].original, "docker.io/x:1");
}

class BadLockFile : public testing::TestWithParam<const char*> {};

TEST_P(BadLockFile, IsRefusedWithItsLine) {
  try {
    locked_images(GetParam(), "images.lock");
    ADD_FAILURE() << GetParam();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kParse);
    EXPECT_THAT(error.message(), HasSubstr("images.lock, line ")) << GetParam();
  }
}

INSTANTIATE_TEST_SUITE_P(Texts, BadLockFile,
                         testing::Values("", "images: {a: b}", "images: [{image: ''}]",
                                         "images: [{name: x}]", "images: [r.io/x:1]", "images: [",
                                         "image: x", "images:\n- image: https://r.io/x"));

TEST(ListsOfReferences, HaveOneALine) {
  const Discovery discovery = listed_images(
      "\xEF\xBB\xBF# ours\nr.io/a:1\n\n  nginx  # the server\r\ndocker://r.io/c" + kDigest,
      "l.txt");
  EXPECT_THAT(texts_of(discovery.images),
              ElementsAre("docker.io/library/nginx L2 high", "r.io/a:1 L2 high",
                          "r.io/c" + kDigest + " L2 high"));
  EXPECT_EQ(discovery.images[1].where, "l.txt, line 4");
  EXPECT_EQ(discovery.images[0].evidence, Evidence::kGiven);
  EXPECT_THAT(listed_images("# nothing\n", "l.txt").images, IsEmpty());
}

TEST(ListsOfReferences, MayBeLocks) {
  for (const char* text :
       {"# x\n---\nimages:\n- image: r.io/a:1\n", "kind: ImagesLock\nimages: [{image: 'r.io/a:1'}]",
        "{\"images\":[{\"image\":\"r.io/a:1\"}]}"})
    EXPECT_THAT(texts_of(listed_images(text, "l").images), ElementsAre("r.io/a:1 L1 high")) << text;
}

TEST(ListsOfReferences, RefuseOtherLines) {
  for (const char* text :
       {"r.io/a:1\nr.io/b:1 r.io/c:1\n", "r.io/a:1\nhttps://x.io/a\n", "r.io/a:1\nimage: b\n"}) {
    try {
      listed_images(text, "l.txt");
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      EXPECT_THAT(error.message(), HasSubstr("l.txt, line 2: '")) << text;
    }
  }
}

}  // namespace
}  // namespace tote::bundle::discover
