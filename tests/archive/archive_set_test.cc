#include "archive/archive_set.h"

#include "tests/archive/damage.h"
#include "tests/archive/small_archive.h"
#include "tests/support/matchers.h"

#include <gmock/gmock.h>

namespace tote::archive {
namespace {

using test::TempDir;
using test::ThrowsError;

oci::Descriptor blob_of(const std::string& layer) {
  return {"", oci::Digest::of(layer), layer.size()};
}

class SeveralArchives : public testing::Test {
 protected:
  // An archive of an image, without the layers that are left out.
  void write(const std::string& name, const std::vector<std::string>& layers,
             const std::string& tag, const std::vector<std::string>& left_out = {}) const {
    oci::Contents contents = test::contents_with(layers);
    contents.images.front().tag = tag;
    ArchiveWriterOptions options;
    for (const std::string& layer : left_out) {
      std::erase_if(contents.layers, [&](const auto& carried) {
        return carried.blob.digest == oci::Digest::of(layer);
      });
      options.delta.needs.push_back(blob_of(layer));
    }
    ArchiveWriter writer(dir_ / name, contents, options);
    for (const std::string& layer : layers)
      if (contents.carries_layer(oci::Digest::of(layer))) test::write_layer(writer, layer);
    writer.finish();
  }
  std::unique_ptr<const Archive> open(const std::vector<std::string>& names) const {
    std::vector<std::filesystem::path> paths;
    for (const std::string& name : names) paths.push_back(dir_ / name);
    return open_archives(paths, {});
  }
  static std::string read(const Archive& archive, const std::string& layer) {
    return read_all(*archive.open_blob(blob_of(layer), 0), 1U << 20U, "layer");
  }

  const TempDir dir_;
};

TEST_F(SeveralArchives, HaveTogetherWhatOneOfThemLeavesOut) {
  write("base.tar", {"old", "shared"}, "v1");
  write("new.tar", {"shared", "new"}, "v2", {"shared"});
  EXPECT_TRUE(open({"new.tar"})->leaves_out(oci::Digest::of("shared")));
  for (const std::vector<std::string>& names :
       std::vector<std::vector<std::string>>{{"base.tar", "new.tar"}, {"new.tar", "base.tar"}}) {
    const auto both = open(names);
    EXPECT_EQ(both->contents().images.size(), 2U);
    EXPECT_EQ(both->contents().manifests.size(), 2U);
    EXPECT_EQ(both->contents().layers.size(), 3U);
    for (const std::string layer : {"old", "shared", "new"}) {
      EXPECT_EQ(read(*both, layer), layer);
      EXPECT_FALSE(both->leaves_out(oci::Digest::of(layer)));
    }
  }
}

TEST_F(SeveralArchives, StillLackWhatAllOfThemLeaveOut) {
  write("a.tar", {"one", "far"}, "v1", {"far"});
  write("b.tar", {"two"}, "v2");
  const auto both = open({"a.tar", "b.tar"});
  EXPECT_FALSE(both->has_blob(oci::Digest::of("far")));
  EXPECT_TRUE(both->leaves_out(oci::Digest::of("far")));
  EXPECT_FALSE(both->leaves_out(oci::Digest::of("one")));
  EXPECT_THAT([&] { both->expect_layer(oci::Digest::of("far")); },
              ThrowsError(ErrorKind::kNotFound, oci::Digest::of("far").hex()));
}

TEST_F(SeveralArchives, AreReadFromTheFirstThatHasIt) {
  const std::string layer = "what they both have";
  write("a.tar", {layer}, "v1");
  write("b.tar", {layer}, "v1");
  std::string damaged = test::read_text(dir_ / "b.tar");
  damaged[damaged.find(layer)] ^= 1;
  test::write_text(dir_ / "b.tar", damaged);
  EXPECT_EQ(read(*open({"a.tar", "b.tar"}), layer), layer);
  EXPECT_EQ(open({"a.tar", "b.tar"})->contents().images.size(), 1U) << "one image is one";
  EXPECT_THROW(read(*open({"b.tar", "a.tar"}), layer), Error);
}

TEST_F(SeveralArchives, DoNotMeanTwoThingsByOneTag) {
  write("a.tar", {"one"}, "v1");
  write("b.tar", {"two"}, "v1");
  EXPECT_THAT(
      [&] {
        open({"a.tar", "b.tar"});
      },
      ThrowsError(ErrorKind::kUsage, "'a.io/app:v1' is 'sha256:"));
  EXPECT_THAT(
      [&] {
        open({"a.tar", "b.tar"});
      },
      ThrowsError(ErrorKind::kUsage, "in archive '" + (dir_ / "a.tar").string() + "'"));
  EXPECT_THAT(
      [&] {
        open({"a.tar", "b.tar"});
      },
      ThrowsError(ErrorKind::kUsage, "in '" + (dir_ / "b.tar").string() + "'"));
}

TEST_F(SeveralArchives, KeepTheLocksOfAll) {
  for (const char* name : {"a.tar", "b.tar"}) {
    oci::Contents contents = test::contents_with({name});
    contents.images.front().tag = name;
    ArchiveWriter writer(dir_ / name, contents, {.images_lock = std::string("lock of ") + name});
    test::write_layer(writer, name);
    writer.finish();
  }
  EXPECT_THAT(open({"a.tar", "b.tar"})->images_locks(),
              testing::ElementsAre("lock of a.tar", "lock of b.tar"));
}

}  // namespace
}  // namespace tote::archive
