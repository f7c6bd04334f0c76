// Garbage collection: what goes, what stays, and that pushes may go on.
#include "testregistry/storage/directory/directory_storage.h"
#include "tests/testregistry/protocol_fixture.h"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace tote::testregistry {
namespace {

class CollectionTest : public ProtocolTest {
 protected:
  static CollectOptions at_once() {
    CollectOptions options;
    options.grace = std::chrono::seconds(0);
    options.upload_expiry = std::chrono::seconds(0);
    return options;
  }
  static CollectOptions untagged() {
    CollectOptions options = at_once();
    options.untagged = true;
    return options;
  }
  Collected collect(const CollectOptions& options) { return storage_->collect(options, {}); }
  bool has_blob(const std::string& bytes) {
    return storage_->find_blob("app", oci::Digest::of(bytes)).has_value();
  }
  bool has_manifest(const std::string& bytes) {
    return storage_->find_manifest("app", oci::Digest::of(bytes)).has_value();
  }
};

INSTANTIATE_TEST_SUITE_P(Storage, CollectionTest, testing::Values("Memory", "Directory"),
                         [](const auto& row) { return row.param; });

TEST_P(CollectionTest, TakesBlobsThatNothingNames) {
  push_hello();
  put_manifest("v1", image_manifest());
  push_blob("garbage");
  const Collected done = collect(at_once());
  EXPECT_EQ(done.blobs, 1U);
  EXPECT_EQ(done.manifests, 0U);
  EXPECT_EQ(done.bytes, 7U);
  EXPECT_FALSE(has_blob("garbage"));
  EXPECT_TRUE(has_blob(kHello));
  EXPECT_EQ(collect(at_once()).blobs, 0U);
}

TEST_P(CollectionTest, LeavesWhatIsYoung) {
  push_blob("fresh");
  begin_upload();
  const Collected done = collect({});
  EXPECT_EQ(done.blobs + done.uploads + done.bytes, 0U);
  EXPECT_TRUE(has_blob("fresh"));
}

TEST_P(CollectionTest, OnlySaysWhatADryRunWouldTake) {
  push_blob("garbage");
  push_hello();
  put_manifest("v1", image_manifest());
  call("DELETE", "/v2/app/manifests/v1");
  CollectOptions options = untagged();
  options.dry_run = true;
  const Collected would = collect(options);
  EXPECT_EQ(would.blobs, 2U);
  EXPECT_EQ(would.manifests, 1U);
  EXPECT_TRUE(has_blob("garbage"));
  EXPECT_TRUE(has_manifest(image_manifest()));
  const Collected done = collect(untagged());
  EXPECT_EQ(done.bytes, would.bytes);
  EXPECT_EQ(done.blobs, would.blobs);
  EXPECT_EQ(done.bytes, 7U + 5U + image_manifest().size());
}

TEST_P(CollectionTest, KeepsUntaggedManifestsUnlessTold) {
  push_hello();
  put_manifest(sha256_of(image_manifest()), image_manifest());
  EXPECT_EQ(collect(at_once()).manifests, 0U);
  EXPECT_TRUE(has_blob(kHello));
  const Collected done = collect(untagged());
  EXPECT_EQ(done.manifests, 1U);
  EXPECT_EQ(done.blobs, 1U);
  EXPECT_FALSE(has_manifest(image_manifest()));
  EXPECT_FALSE(has_blob(kHello));
}

TEST_P(CollectionTest, KeepsTheChildrenOfIndexes) {
  push_hello();
  put_manifest(sha256_of(image_manifest()), image_manifest());
  const std::string inner = index_manifest(
      descriptor(kManifestType, sha256_of(image_manifest()), image_manifest().size()));
  put_manifest(sha256_of(inner), inner, kIndexType);
  const std::string outer = index_manifest(descriptor(kIndexType, sha256_of(inner), inner.size()));
  put_manifest("multi", outer, kIndexType);
  EXPECT_EQ(collect(untagged()).manifests, 0U);
  EXPECT_TRUE(has_blob(kHello));
  call("DELETE", "/v2/app/manifests/multi");
  EXPECT_EQ(collect(untagged()).manifests, 3U);
  EXPECT_FALSE(has_blob(kHello));
}

TEST_P(CollectionTest, KeepsIndexesOfWhichImagesAreMissing) {
  RegistryOptions sparse;
  sparse.allow_sparse = true;
  use_options(sparse);
  push_hello();
  put_manifest(sha256_of(image_manifest()), image_manifest());
  const std::string index = index_manifest(
      descriptor(kManifestType, sha256_of("absent"), 6) + "," +
      descriptor(kManifestType, sha256_of(image_manifest()), image_manifest().size()));
  put_manifest("sparse", index, kIndexType);
  EXPECT_EQ(collect(untagged()).manifests, 0U);
  EXPECT_TRUE(has_manifest(index));
  EXPECT_TRUE(has_blob(kHello));
}

TEST_P(CollectionTest, KeepsReferrersWithTheirSubject) {
  push_hello();
  put_manifest("v1", image_manifest());
  const std::string signature = image_manifest(
      fmt::format(R"(,"subject":{})",
                  descriptor(kManifestType, sha256_of(image_manifest()), image_manifest().size())));
  put_manifest(sha256_of(signature), signature);
  const std::string of_signature = image_manifest(fmt::format(
      R"(,"subject":{})", descriptor(kManifestType, sha256_of(signature), signature.size())));
  put_manifest(sha256_of(of_signature), of_signature);
  EXPECT_EQ(collect(untagged()).manifests, 0U);
  EXPECT_TRUE(has_manifest(of_signature));
  call("DELETE", "/v2/app/manifests/v1");
  EXPECT_EQ(collect(untagged()).manifests, 3U);
  EXPECT_EQ(storage_->referrers("app", oci::Digest::of(image_manifest())).size(), 0U);
}

TEST_P(CollectionTest, TakesUploadsThatNobodyWentOnWith) {
  const std::string location = begin_upload();
  call("PATCH", location, {}, {}, "half");
  const Collected done = collect(at_once());
  EXPECT_EQ(done.uploads, 1U);
  EXPECT_EQ(done.bytes, 4U);
  EXPECT_EQ(call("GET", location).status, 404);
}

TEST_P(CollectionTest, LetsPushesGoOn) {
  std::mutex mutex;
  std::condition_variable_any step_done;
  int steps = 0;  // guarded by mutex
  std::atomic<int> collected = 0;
  std::jthread collector([&](const std::stop_token& stop) {
    CollectOptions options = untagged();
    options.upload_expiry = std::chrono::hours(1);
    // Every few steps, or no push would ever come to its end: there is no grace.
    for (int next = 2;;) {
      {
        std::unique_lock lock(mutex);
        if (!step_done.wait(lock, stop, [&] { return steps >= next; })) return;
        next = steps + 5;
      }
      collect(options);
      ++collected;
    }
  });
  const auto count_step = [&] {
    const std::lock_guard lock(mutex);
    ++steps;
    step_done.notify_one();
  };
  // Whatever was answered with 201 is whole; what was collected in between is pushed again.
  int pushed = 0;
  for (; pushed < 60 || collected == 0; ++pushed) {
    const int i = pushed;
    const std::string layer = fmt::format("layer {}", i);
    const std::string manifest = fmt::format(
        R"({{"schemaVersion":2,"mediaType":"{}","config":{},"layers":[{}]}})", kManifestType,
        descriptor("application/vnd.oci.image.config.v1+json", kHelloDigest, 5),
        descriptor("application/vnd.oci.image.layer.v1.tar", sha256_of(layer), layer.size()));
    for (int status = 404; status == 404;) {
      push_hello();
      count_step();
      push_blob(layer);
      count_step();
      status = put_manifest(fmt::format("t{}", i), manifest).status;
      count_step();
      EXPECT_TRUE(status == 201 || status == 404) << status;
    }
    EXPECT_EQ(call("GET", "/v2/app/manifests/" + sha256_of(manifest)).status, 200);
    EXPECT_TRUE(has_blob(layer));
  }
  collector = {};  // asks for its end and waits
  for (int i = 0; i < pushed; ++i) {
    EXPECT_EQ(call("GET", fmt::format("/v2/app/manifests/t{}", i)).status, 200);
    EXPECT_TRUE(has_blob(fmt::format("layer {}", i))) << i;
  }
}

TEST(DirectoryCollection, GivesBackWhatTheLastRepositoryDrops) {
  const test::TempDir dir;
  DirectoryStorage storage(dir / "r");
  const auto digest = test::put_blob(storage, "a", "shared");
  EXPECT_TRUE(storage.mount_blob("b/c", "a", digest));
  CollectOptions options;
  options.grace = std::chrono::seconds(0);
  options.dry_run = true;
  EXPECT_EQ(storage.collect(options, {}).bytes, 6U) << "once, though two have it";
  options.dry_run = false;
  test::put_image(storage, "a", {"shared"}, "v1");
  const Collected first = storage.collect(options, {});
  EXPECT_EQ(first.blobs, 1U);
  EXPECT_EQ(first.bytes, 0U) << "the other repository needs it";
  EXPECT_EQ(first.repositories, 1U);
  EXPECT_FALSE(std::filesystem::exists(dir / "r/repositories/b"));
  EXPECT_TRUE(storage.find_blob("a", digest));
  EXPECT_FALSE(storage.has_repository("b/c"));
}

TEST(DirectoryCollection, LeavesARepositoryAloneThatItCanNotRead) {
  const test::TempDir dir;
  std::string logged;
  DirectoryStorage storage(dir / "r", Sync::kNo, [&](std::string_view line) { logged = line; });
  const auto image = test::put_image(storage, "bad", {"kept"}, "v1");
  test::put_blob(storage, "good", "garbage");
  const auto path = dir.path() / "r/repositories/bad/_layout/blobs/sha256" / image.hex();
  test::write_text(path, "{");
  CollectOptions options;
  options.grace = std::chrono::seconds(0);
  options.untagged = true;
  EXPECT_EQ(storage.collect(options, {}).blobs, 1U);
  EXPECT_TRUE(storage.find_blob("bad", oci::Digest::of("kept")));
  EXPECT_THAT(logged, HasSubstr("collecting bad: manifest sha256:"));
}

}  // namespace
}  // namespace tote::testregistry
