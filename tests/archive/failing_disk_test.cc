// Archives and layouts on a disk that fails: whatever the step, what was there stays, nothing
// half-written has a final name, and another try succeeds.
#include "tests/support/failing_disk.h"

#include "archive/archive_reader.h"
#include "archive/archive_writer.h"
#include "archive/layout_writer.h"
#include "base/json.h"
#include "tests/support/matchers.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>

namespace tote::archive {
namespace {

using test::TempDir;

// An image with two layers, from an archive that imgpkg has made.
class FailingDisk : public testing::Test {
 protected:
  FailingDisk() {
    contents_ = from_.contents();
    std::erase_if(contents_.layers,
                  [&](const auto& layer) { return !from_.has_blob(layer.blob.digest); });
  }

  void put_layers(oci::BlobWriter& writer) const {
    for (const oci::CarriedLayer& layer : contents_.layers) put(writer, layer.blob);
  }
  void put_all(oci::BlobWriter& writer) const {
    put_layers(writer);
    for (const oci::CarriedConfig& config : contents_.configs)
      put(writer, config.blob, config.bytes);
    for (const oci::ManifestPtr& manifest : contents_.manifests)
      put(writer, manifest->descriptor(), manifest->bytes());
  }

  void write_archive(const std::filesystem::path& path, bool resume = false,
                     SplitOptions volumes = {}) const {
    ArchiveWriter writer(path, contents_,
                         {.resume = resume, .keep_part = resume, .volumes = volumes});
    ThreadPool pool(1);
    if (resume) writer.reuse_layers(pool, {});
    for (const oci::CarriedLayer& layer : contents_.layers)
      if (!writer.has_blob(layer.blob, {})) put(writer, layer.blob);
    writer.finish();
  }
  void write_layout(const std::filesystem::path& path) const {
    LayoutWriter writer(path);
    put_all(writer);
    writer.finish(contents_);
  }

  const TempDir dir_;
  const ArchiveReader from_{std::filesystem::path(TOTE_TEST_DATA) / "imgpkg" / "outer.tar"};
  oci::Contents contents_;

 private:
  using Open = std::function<std::unique_ptr<Source>(std::uint64_t offset)>;

  void put(oci::BlobWriter& writer, const oci::Descriptor& blob) const {
    send(writer, blob, [&](std::uint64_t offset) { return from_.open_blob(blob, offset); });
  }
  static void put(oci::BlobWriter& writer, const oci::Descriptor& blob, const std::string& bytes) {
    send(writer, blob, [&](std::uint64_t offset) {
      return std::make_unique<BytesSource>(std::string_view(bytes).substr(offset));
    });
  }
  // From where an earlier try has left it.
  static void send(oci::BlobWriter& writer, const oci::Descriptor& blob, const Open& open) {
    const auto upload = writer.begin_upload(blob, {});
    const std::uint64_t offset = upload->offset();
    upload->append(*open(offset), blob.size - offset);
    upload->commit();
  }
};

TEST_F(FailingDisk, AnArchiveIsTheOldOneOrTheNewOne) {
  write_archive(dir_ / "good.tar");
  const std::string good = test::read_text(dir_ / "good.tar");
  const int steps = test::fail_at_every_step(
      [&] {
        test::write_text(dir_ / "a.tar", "old");
        write_archive(dir_ / "a.tar");
      },
      [&](bool failed) {
        const std::string there = test::read_text(dir_ / "a.tar");
        EXPECT_TRUE(there == good || (failed && there == "old"));
        EXPECT_FALSE(std::filesystem::exists(dir_ / "a.tar.part"));
      });
  EXPECT_GT(steps, 10);
}

TEST_F(FailingDisk, AnArchiveThatIsResumedIsTheSame) {
  write_archive(dir_ / "good.tar");
  const std::string good = test::read_text(dir_ / "good.tar");
  test::fail_at_every_step(
      [&] {
        std::filesystem::remove(dir_ / "a.tar");
        write_archive(dir_ / "a.tar", true);
      },
      [&](bool) {
        write_archive(dir_ / "a.tar", true);
        EXPECT_EQ(test::read_text(dir_ / "a.tar"), good);
        EXPECT_FALSE(std::filesystem::exists(dir_ / "a.tar.part"));
      });
}

// Also when the disk fails between two of the renames at the end.
TEST_F(FailingDisk, VolumesHaveTheirNamesWhenTheyAreWholeAndAreFinishedByTheNextRun) {
  constexpr SplitOptions kVolumes{16'384, 1};
  std::filesystem::create_directory(dir_ / "v");
  write_archive(dir_ / "v" / "a.tar", true, kVolumes);
  const auto good = test::read_tree(dir_ / "v");
  EXPECT_GT(good.size(), 2U);
  const int steps = test::fail_at_every_step(
      [&] {
        for (const auto& entry : std::filesystem::directory_iterator(dir_ / "v"))
          std::filesystem::remove(entry.path());
        write_archive(dir_ / "v" / "a.tar", true, kVolumes);
      },
      [&](bool) {
        for (const auto& [name, content] : test::read_tree(dir_ / "v"))
          EXPECT_TRUE(name.ends_with(".part") || content == good.at(name)) << name;
        write_archive(dir_ / "v" / "a.tar", true, kVolumes);
        EXPECT_EQ(test::read_tree(dir_ / "v"), good);
      });
  EXPECT_GT(steps, 30);
}

TEST_F(FailingDisk, ALayoutNamesWhatItHasAndNoMore) {
  const int steps = test::fail_at_every_step(
      [&] {
        std::filesystem::remove_all(dir_ / "l");
        write_layout(dir_ / "l");
      },
      [&](bool failed) {
        if (std::filesystem::exists(dir_ / "l" / "index.json")) {
          const ArchiveReader reader(dir_ / "l");
          for (const oci::CarriedLayer& layer : reader.contents().layers)
            EXPECT_EQ(reader.has_blob(layer.blob.digest), from_.has_blob(layer.blob.digest));
        } else {
          EXPECT_TRUE(failed);
        }
        write_layout(dir_ / "l");
        EXPECT_EQ(ArchiveReader(dir_ / "l").contents().images.size(), contents_.images.size());
      });
  EXPECT_GT(steps, 20);
}

TEST_F(FailingDisk, AnArchiveThatCanNotBeReadIsNoOther) {
  const int steps = test::fail_at_every_step(
      [&] {
        const ArchiveReader reader(std::filesystem::path(TOTE_TEST_DATA) / "imgpkg" / "outer.tar");
        EXPECT_EQ(reader.contents().images.size(), contents_.images.size());
      },
      [](bool) {});
  EXPECT_GT(steps, 3);
}

}  // namespace
}  // namespace tote::archive
