#include "archive/choose_image.h"

#include "tests/support/matchers.h"

#include <gtest/gtest.h>

namespace tote::archive {
namespace {

using test::ThrowsError;

constexpr const char* kOuter =
    "sha256:511605c4dc4039eabcaec594cab8420aec956824c7992301f93fe1bdbb25141c";
constexpr const char* kImage =
    "sha256:060d393d28fc6ebcb137fa74950894292ae62e4d6241238ff01a2610a72a1000";

ArchiveReader recorded(const std::string& name) {
  return ArchiveReader(std::string(TOTE_TEST_DATA) + "/imgpkg/" + name);
}

TEST(ChooseImage, FindsTheBundleThatWasAskedFor) {
  const ArchiveReader outer = recorded("outer.tar");
  EXPECT_EQ(choose_image(outer, "").target.digest.str(), kOuter);
  const ArchiveReader index = recorded("index.tar");
  EXPECT_EQ(choose_image(index, "").tag, "1") << "the only one";
}

TEST(ChooseImage, FindsByTagDigestAndOrigin) {
  const ArchiveReader outer = recorded("outer.tar");
  EXPECT_EQ(choose_image(outer, "127.0.0.1:5399/src/outer:1.0").target.digest.str(), kOuter);
  EXPECT_EQ(
      choose_image(outer, std::string("127.0.0.1:5399/src/img1@") + kImage).target.digest.str(),
      kImage);
}

TEST(ChooseImage, ListsWhatThereIs) {
  const ArchiveReader old = recorded("outer.old.tar");
  EXPECT_THAT([&] { choose_image(old, ""); },
              ThrowsError(ErrorKind::kUsage, "holds 6 images and does not say"));
  const ArchiveReader outer = recorded("outer.tar");
  try {
    choose_image(outer, "127.0.0.1:5399/src/outer:2.0");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kNotFound);
    EXPECT_NE(error.hint().find("127.0.0.1:5399/src/outer:1.0"), std::string::npos) << error.hint();
  }
}

}  // namespace
}  // namespace tote::archive
