#include "testregistry/snapshot.h"

#include "archive/archive_reader.h"
#include "testregistry/storage/memory_storage.h"
#include "tests/support/image_builder.h"
#include "tests/support/temp_dir.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace tote::testregistry {
namespace {

constexpr const char* kForeign = "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip";
constexpr const char* kOrdinary = "application/vnd.oci.image.layer.v1.tar";

class SnapshotTest : public testing::TestWithParam<const char*> {
 protected:
  // An image with one layer, which the repository may lack.
  void put(const std::string& repository, const std::string& type, bool has_layer) {
    const std::string config = R"({"rootfs":{"type":"layers","diff_ids":[]}})";
    test::put_blob(storage_, repository, config);
    if (has_layer) test::put_blob(storage_, repository, "layer");
    test::put_manifest(
        storage_, repository, "application/vnd.oci.image.manifest.v1+json",
        fmt::format(
            R"({{"schemaVersion":2,"config":{{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{}","size":{}}},"layers":[{{"mediaType":"{}","digest":"{}","size":5}}]}})",
            oci::Digest::of(config).str(), config.size(), type, oci::Digest::of("layer").str()),
        "v1");
  }

  MemoryStorage storage_;
  test::TempDir dir_;
};

// The first of two images names a layer that nobody has to have, and lacks it.
TEST_P(SnapshotTest, TakesALayerFromWhereItIs) {
  put("aa/img", kForeign, false);
  put("bb/img", GetParam(), true);
  ThreadPool pool(2);
  const Snapshot snapshot =
      write_snapshot(storage_, {}, "127.0.0.1:5000", dir_ / "s.tar", pool, {});
  EXPECT_EQ(snapshot.images, 2U);
  EXPECT_TRUE(snapshot.left_out.empty());
  EXPECT_TRUE(archive::ArchiveReader(dir_ / "s.tar").has_blob(oci::Digest::of("layer")));
}

INSTANTIATE_TEST_SUITE_P(Layers, SnapshotTest, testing::Values(kForeign, kOrdinary),
                         [](const auto& row) {
                           return row.param == kForeign ? "Foreign" : "Ordinary";
                         });

}  // namespace
}  // namespace tote::testregistry
