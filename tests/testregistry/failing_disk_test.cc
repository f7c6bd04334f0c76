// A registry's directory on a disk that fails: what was acknowledged is there after a restart, what
// is there is whole, and what failed can be done again.
#include "tests/support/failing_disk.h"

#include "testregistry/storage/directory/directory_storage.h"
#include "tests/support/image_builder.h"
#include "tests/support/matchers.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

namespace tote::testregistry {
namespace {

using test::TempDir;

std::string read(const Content& content) {
  return read_all(*open_content(content), 1U << 20U, "content");
}

// Everything that is named is there with its bytes.
void check_whole(DirectoryStorage& storage, const std::string& repository) {
  for (const oci::Digest& digest : storage.manifests(repository)) {
    const auto manifest = storage.find_manifest(repository, digest);
    ASSERT_TRUE(manifest);
    EXPECT_EQ(oci::Digest::of(read(manifest->content)), digest);
  }
  for (const std::string& tag : storage.tags(repository)) {
    const auto digest = storage.find_tag(repository, tag);
    ASSERT_TRUE(digest) << tag;
    EXPECT_TRUE(storage.find_manifest(repository, *digest)) << tag;
  }
  for (const char* bytes : {"layer", "other"})
    if (const auto blob = storage.find_blob(repository, oci::Digest::of(bytes))) {
      EXPECT_EQ(read(*blob), bytes);
    }
}

class FailingDirectory : public testing::TestWithParam<Sync> {};

TEST_P(FailingDirectory, KeepsWhatWasAcknowledged) {
  const TempDir dir;
  std::vector<std::string> acknowledged;
  const int steps = test::fail_at_every_step(
      [&] {
        std::filesystem::remove_all(dir / "r");
        acknowledged.clear();
        DirectoryStorage storage(dir / "r", GetParam());
        for (const char* tag : {"v1", "v2"}) {
          test::put_image(storage, "app", {"layer", "other"}, tag);
          acknowledged.emplace_back(tag);
        }
      },
      [&](bool failed) {
        DirectoryStorage storage(dir / "r", GetParam());
        EXPECT_TRUE(failed || acknowledged.size() == 2);
        check_whole(storage, "app");
        for (const std::string& tag : acknowledged)
          EXPECT_TRUE(storage.find_tag("app", tag)) << tag << " was acknowledged";
        test::put_image(storage, "app", {"layer", "other"}, "again");
        EXPECT_TRUE(storage.find_tag("app", "again"));
      });
  EXPECT_GT(steps, 20);
}

INSTANTIATE_TEST_SUITE_P(Sync, FailingDirectory, testing::Values(Sync::kNo, Sync::kYes),
                         [](const auto& kind) {
                           return kind.param == Sync::kYes ? "Synced" : "Unsynced";
                         });

TEST(FailingDirectory, AnUploadGoesOnBehindWhatWasWritten) {
  const TempDir dir;
  const std::string whole(200'000, 'x');
  test::fail_at_every_step(
      [&] {
        std::filesystem::remove_all(dir / "r");
        DirectoryStorage storage(dir / "r");
        const std::string session = storage.begin_upload("app");
        for (int tries = 0;; ++tries) {
          try {
            const auto upload = storage.find_upload("app", session).session;
            if (!upload) throw Error(ErrorKind::kIo, "it is busy or gone");
            const std::uint64_t at = upload->size();
            ASSERT_LE(at, whole.size());
            upload->append(as_bytes(std::string_view(whole).substr(at)));
            ASSERT_TRUE(upload->commit(oci::Digest::of(whole)));
            break;
          } catch (const Error&) {
            if (tries > 0) throw;
          }
        }
        EXPECT_EQ(read(*storage.find_blob("app", oci::Digest::of(whole))), whole);
      },
      [](bool) {});
}

}  // namespace
}  // namespace tote::testregistry
