#include "archive/repository_in_archive.h"

#include "archive/archive_reader.h"
#include "tests/support/matchers.h"

#include <gtest/gtest.h>

namespace tote::archive {
namespace {

constexpr const char* kOuter =
    "sha256:511605c4dc4039eabcaec594cab8420aec956824c7992301f93fe1bdbb25141c";
constexpr const char* kImage =
    "sha256:060d393d28fc6ebcb137fa74950894292ae62e4d6241238ff01a2610a72a1000";
constexpr const char* kChildOfIndex =
    "sha256:c08e7f62fec3039d2bd2333cdafc912eb07febc2a6c5b71a2ac7d942e07077d7";

class RepositoryInArchiveTest : public testing::Test {
 protected:
  RepositoryInArchive& repository(const std::string& path) {
    return repositories_.repository(oci::Repository::parse("127.0.0.1:5399/" + path));
  }
  bool has(const std::string& path, const std::string& tag_or_digest) {
    return repository(path).resolve(tag_or_digest, {}).has_value();
  }

  ArchiveReader archive_{std::string(TOTE_TEST_DATA) + "/imgpkg/outer.tar"};
  RepositoriesInArchive repositories_{archive_};
};

TEST_F(RepositoryInArchiveTest, HasWhatWasCopiedFromThere) {
  EXPECT_TRUE(has("src/img1", kImage));
  EXPECT_FALSE(has("src/outer", kImage));
  EXPECT_THAT([&] { repository("src/outer").fetch_manifest(kImage, {}); },
              test::ThrowsError(ErrorKind::kNotFound, "of 127.0.0.1:5399/src/outer"));
}

TEST_F(RepositoryInArchiveTest, KnowsTheTagsOfItsOwnImages) {
  EXPECT_EQ(repository("src/outer").fetch_manifest("1.0", {})->digest().str(), kOuter);
  EXPECT_FALSE(has("src/img1", "1.0"));
}

TEST_F(RepositoryInArchiveTest, HasTheChildrenOfIndexes) {
  EXPECT_TRUE(has("src/multi", kChildOfIndex));
}

}  // namespace
}  // namespace tote::archive
