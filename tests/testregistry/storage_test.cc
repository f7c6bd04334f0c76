// What a directory keeps from one process to the next.
#include "testregistry/directory_storage.h"
#include "tests/support/image_builder.h"
#include "tests/support/matchers.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

namespace tote::testregistry {
namespace {

using test::TempDir;

std::string read(const Content& content) {
  const auto source = open_content(content);
  return read_all(*source, 1U << 30U, "content");
}

TEST(DirectoryStorage, KeepsEverythingOverARestart) {
  const TempDir dir;
  oci::Digest image = oci::Digest::of("");
  std::string session;
  {
    DirectoryStorage storage(dir / "r", Sync::kYes);
    image = test::put_image(storage, "a/b", {"layer"}, "v1");
    session = storage.begin_upload("a/b");
    storage.find_upload("a/b", session).session->append(as_bytes("half "));
  }
  DirectoryStorage storage(dir / "r");
  EXPECT_EQ(storage.find_tag("a/b", "v1"), image);
  EXPECT_EQ(storage.find_manifest("a/b", image)->media_type,
            "application/vnd.oci.image.manifest.v1+json");
  EXPECT_EQ(read(*storage.find_blob("a/b", oci::Digest::of("layer"))), "layer");
  auto found = storage.find_upload("a/b", session);
  ASSERT_EQ(found.state, UploadState::kFound);
  EXPECT_EQ(found.session->size(), 5U);
  found.session->append(as_bytes("whole"));
  EXPECT_TRUE(found.session->commit(oci::Digest::of("half whole")));
}

TEST(DirectoryStorage, ServesOneProcess) {
  const TempDir dir;
  const DirectoryStorage first(dir / "r");
  EXPECT_THAT([&] { DirectoryStorage(dir / "r"); },
              test::ThrowsError(ErrorKind::kIo, "another process is serving"));
}

TEST(DirectoryStorage, GivesASessionToOneRequestAtATime) {
  const TempDir dir;
  DirectoryStorage storage(dir / "r");
  const std::string session = storage.begin_upload("app");
  {
    const auto first = storage.find_upload("app", session);
    EXPECT_EQ(storage.find_upload("app", session).state, UploadState::kBusy);
  }
  EXPECT_EQ(storage.find_upload("app", session).state, UploadState::kFound);
  EXPECT_EQ(storage.find_upload("other", session).state, UploadState::kUnknown);
}

TEST(DirectoryStorage, ServesAnOpenBlobToItsEndAfterItWasDeleted) {
  const TempDir dir;
  DirectoryStorage storage(dir / "r");
  const auto digest = test::put_blob(storage, "app", "content");
  const Content content = *storage.find_blob("app", digest);
  EXPECT_TRUE(storage.remove_blob("app", digest));
  EXPECT_FALSE(storage.find_blob("app", digest));
  EXPECT_EQ(read(content), "content");
}

TEST(DirectoryStorage, SweepsWhatAKilledProcessLeftAside) {
  const TempDir dir;
  { const DirectoryStorage storage(dir / "r"); }
  test::write_text(dir / "r/tmp/left-over", "x");
  const DirectoryStorage storage(dir / "r");
  EXPECT_FALSE(std::filesystem::exists(dir / "r/tmp/left-over"));
}

}  // namespace
}  // namespace tote::testregistry
