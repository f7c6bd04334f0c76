#include "archive/archive_reader.h"
#include "archive/archive_writer.h"
#include "archive/imgpkg_manifest.h"
#include "base/codec/tar_reader.h"
#include "tests/archive/small_archive.h"
#include "tests/support/image_builder.h"
#include "tests/support/matchers.h"
#include "tests/support/temp_dir.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace tote::archive {
namespace {

using test::contents_with;
using test::make_tar;
using test::TempDir;
using test::ThrowsError;
using test::write_layer;
using test::write_text;

std::filesystem::path recorded(const std::string& name) {
  return std::filesystem::path(TOTE_TEST_DATA) / "imgpkg" / name;
}

// Copies an archive into another, layer by layer.
void rewrite(ArchiveReader& from, const std::filesystem::path& to) {
  oci::Contents contents = from.contents();
  std::erase_if(contents.layers,
                [&](const auto& layer) { return !from.has_blob(layer.blob.digest); });
  ArchiveWriter writer(to, contents);
  for (const oci::CarriedLayer& layer : contents.layers) {
    const auto upload = writer.begin_upload(layer.blob, {});
    const auto content = from.open_blob(layer.blob);
    upload->append(*content, layer.blob.size);
    upload->commit();
  }
  writer.finish();
}

TEST(Archive, HoldsWhatImgpkgsHoldsAndIsReadBack) {
  const TempDir dir;
  ArchiveReader from(recorded("outer.tar"));
  rewrite(from, dir / "new.tar");
  ArchiveReader again(dir / "new.tar");
  EXPECT_EQ(encode_imgpkg_manifest(again.contents()), encode_imgpkg_manifest(from.contents()));
  for (const oci::CarriedLayer& layer : from.contents().layers) {
    if (!from.has_blob(layer.blob.digest)) continue;
    const auto a = from.open_blob(layer.blob);
    const auto b = again.open_blob(layer.blob);
    EXPECT_EQ(read_all(*a, 1 << 20, "a"), read_all(*b, 1 << 20, "b"));
  }
}

TEST(Archive, IsTheSameBytesEveryTimeAndLeavesNoPart) {
  const TempDir dir;
  ArchiveReader from(recorded("outer.tar"));
  rewrite(from, dir / "a.tar");
  rewrite(from, dir / "b.tar");
  EXPECT_EQ(test::read_text(dir / "a.tar"), test::read_text(dir / "b.tar"));
  EXPECT_EQ(test::read_tree(dir.path()).size(), 2U);
}

TEST(Archive, IsAnOciLayoutWhoseLinksLeadToTheLayers) {
  const TempDir dir;
  ArchiveReader from(recorded("outer.tar"));
  rewrite(from, dir / "a.tar");
  const FilePtr file = open_for_reading(dir / "a.tar");
  TarReader tar(*file);
  std::vector<std::string> names;
  while (const auto entry = tar.next()) {
    names.push_back(entry->name);
    if (entry->type == TarEntryType::kHardLink) {
      EXPECT_EQ(entry->link_target, names[names.size() - 2]);
    }
  }
  EXPECT_EQ(names.front(), "manifest.json");
  EXPECT_EQ(names[names.size() - 3], "index.json");
  EXPECT_EQ(names[names.size() - 2], "oci-layout");
  EXPECT_EQ(names.back(), "tote.sums");
}

TEST(ArchiveWriter, LeavesNothingWhenAbandonedAndKeepsTheOldFile) {
  const TempDir dir;
  write_text(dir / "a.tar", "old");
  ArchiveReader from(recorded("outer.tar"));
  for (const bool keep_part : {false, true}) {
    const ArchiveWriter writer(dir / "a.tar", from.contents(), {.keep_part = keep_part});
    EXPECT_TRUE(std::filesystem::exists(dir / "a.tar.part"));
  }
  EXPECT_EQ(test::read_tree(dir.path()), (std::map<std::string, std::string>{{"a.tar", "old"}}));
}

TEST(ArchiveWriter, KeepsAPartOfOtherContentsUntilItIsDone) {
  const TempDir dir;
  ThreadPool pool(2);
  const std::string one = test::random_bytes(50'000, 1);
  const std::string two = test::random_bytes(50'000, 2);
  const std::string three = test::random_bytes(50'000, 3);
  {
    ArchiveWriter writer(dir / "a.tar", contents_with({one, two}), {.keep_part = true});
    write_layer(writer, one);
  }
  const oci::Contents changed = contents_with({one, three});
  // Cut short before it has taken anything.
  { const ArchiveWriter writer(dir / "a.tar", changed, {.resume = true, .keep_part = true}); }
  EXPECT_TRUE(std::filesystem::exists(dir / "a.tar.part.old"));
  ArchiveWriter writer(dir / "a.tar", changed, {.resume = true, .keep_part = true});
  EXPECT_EQ(writer.reuse_layers(pool, {}), 1U);
  write_layer(writer, three);
  writer.finish();
  EXPECT_EQ(test::read_tree(dir.path()).size(), 1U) << "nothing but the archive";
}

TEST(ArchiveWriter, LeavesFilesAloneThatAreNoArchives) {
  const TempDir dir;
  write_text(dir / "a.tar.part", "somebody's notes");
  EXPECT_THAT([&] { ArchiveWriter(dir / "a.tar", contents_with({"x"})); },
              ThrowsError(ErrorKind::kIo, "a.tar.part is in the way"));
  EXPECT_EQ(test::read_text(dir / "a.tar.part"), "somebody's notes");
  write_text(dir / "a.tar.part", make_tar({{"notes", "somebody's"}}));
  EXPECT_THAT([&] { ArchiveWriter(dir / "a.tar", contents_with({"x"})); },
              ThrowsError(ErrorKind::kIo, "a.tar.part is in the way"));
  std::filesystem::remove(dir / "a.tar.part");
  write_text(dir / "a.tar.part.old", "more notes");
  ArchiveWriter writer(dir / "a.tar", contents_with({"x"}));
  write_layer(writer, "x");
  writer.finish();
  EXPECT_EQ(test::read_text(dir / "a.tar.part.old"), "more notes");
}

TEST(ArchiveWriter, WritesWhereALinkLeads) {
  const TempDir dir;
  write_text(dir / "real.tar", "old");
  std::filesystem::create_symlink("real.tar", dir / "a.tar");
  ArchiveWriter writer(dir / "a.tar", contents_with({"x"}));
  write_layer(writer, "x");
  writer.finish();
  EXPECT_TRUE(std::filesystem::is_symlink(dir / "a.tar"));
  EXPECT_EQ(ArchiveReader(dir / "real.tar").contents().images.size(), 1U);
}

TEST(LayOut, RefusesAManifestJsonThatNobodyWouldRead) {
  oci::Contents contents;
  const std::string config(4'000'000, 'x');  // an artifact's, which need not be JSON
  const oci::Descriptor blob{"application/vnd.oci.image.config.v1+json", oci::Digest::of(config),
                             config.size()};
  contents.configs = {{blob, config, {"a.io", "app"}}};
  for (int i = 0; i < 40; ++i) {
    const oci::ManifestPtr manifest = oci::Manifest::parse(
        fmt::format(R"({{"schemaVersion":2,"n":{},"config":{{"mediaType":"{}","digest":"{}",)"
                    R"("size":{}}},"layers":[]}})",
                    i, blob.media_type, blob.digest.str(), blob.size),
        "application/vnd.oci.image.manifest.v1+json");
    contents.images.push_back({{"a.io", "app"}, manifest->descriptor(), {}, {}, {}});
    contents.manifests.add(manifest);
  }
  EXPECT_THAT([&] { lay_out(contents, ArchiveFormat::kImgpkg); },
              ThrowsError(ErrorKind::kParse, "do not fit into an archive's manifest.json"));
  EXPECT_NO_THROW(lay_out(contents, ArchiveFormat::kOci));
}

TEST(ArchiveWriter, DoesNotFinishWithoutEveryLayer) {
  const TempDir dir;
  ArchiveReader from(recorded("outer.tar"));
  ArchiveWriter writer(dir / "a.tar", from.contents());
  EXPECT_THAT([&] { writer.finish(); }, ThrowsError(ErrorKind::kInternal, "never written"));
}

TEST(ArchiveWriter, ChecksWhatArrivesInPieces) {
  const TempDir dir;
  ArchiveReader from(recorded("outer.tar"));
  oci::Contents contents = from.contents();
  std::erase_if(contents.layers,
                [&](const auto& layer) { return !from.has_blob(layer.blob.digest); });
  const oci::Descriptor blob = contents.layers.front().blob;
  ArchiveWriter writer(dir / "a.tar", contents);
  const auto upload = writer.begin_upload(blob, {});
  const std::string wrong(blob.size, 'x');
  StringSource first(wrong.substr(0, 10));
  StringSource second(wrong.substr(10));
  upload->append(first, 10);
  EXPECT_EQ(upload->offset(), 10U);
  upload->append(second, blob.size - 10);
  EXPECT_THAT([&] { upload->commit(); },
              ThrowsError(ErrorKind::kDigestMismatch, "error verifying sha256 checksum"));
}

TEST(ArchiveWriter, SaysWhatIsInTheWay) {
  const TempDir dir;
  ArchiveReader from(recorded("outer.tar"));
  std::filesystem::create_directory(dir / "d");
  EXPECT_THAT([&] { ArchiveWriter(dir / "d", from.contents()); },
              ThrowsError(ErrorKind::kIo, "no regular file"));
  EXPECT_THAT([&] { ArchiveWriter(dir / "no" / "a.tar", from.contents()); },
              ThrowsError(ErrorKind::kIo, "Creating file '"));
}

TEST(ArchiveWriter, LetsOneProcessWrite) {
  const TempDir dir;
  ArchiveReader from(recorded("outer.tar"));
  const ArchiveWriter first(dir / "a.tar", from.contents());
  EXPECT_THAT([&] { ArchiveWriter(dir / "a.tar", from.contents()); },
              ThrowsError(ErrorKind::kIo, "another process is writing"));
  EXPECT_TRUE(std::filesystem::exists(dir / "a.tar.part"));
}

TEST(ArchiveReader, RefusesEntriesThatLeadOut) {
  const TempDir dir;
  for (const char* name : {"../x", "a/../../x", "/etc/x"}) {
    write_text(dir / "a.tar", make_tar({{name, "x"}}));
    EXPECT_THAT([&] { ArchiveReader(dir / "a.tar"); },
                ThrowsError(ErrorKind::kParse, "leads out of it"))
        << name;
  }
}

TEST(ArchiveReader, RefusesWhatIsCutShort) {
  const TempDir dir;
  const std::string whole = test::read_text(recorded("outer.tar"));
  for (const std::size_t size : {1UL, 600UL, 5000UL, 13000UL, 17000UL, 19000UL}) {
    write_text(dir / "a.tar", whole.substr(0, size));
    EXPECT_THAT([&] { ArchiveReader(dir / "a.tar"); },
                ThrowsError(ErrorKind::kParse, "Reading archive '"))
        << size;
  }
}

TEST(ArchiveReader, NoticesAnAlteredLayerWhenItIsRead) {
  const TempDir dir;
  std::string tar = test::read_text(recorded("outer.tar"));
  tar[13312 + 100] ^= 1;  // inside the first layer
  write_text(dir / "a.tar", tar);
  ArchiveReader reader(dir / "a.tar");
  int broken = 0;
  for (const oci::CarriedLayer& layer : reader.contents().layers) {
    if (!reader.has_blob(layer.blob.digest)) continue;
    try {
      const auto content = reader.open_blob(layer.blob);
      read_all(*content, 1 << 20, "layer");
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kDigestMismatch);
      ++broken;
    }
  }
  EXPECT_EQ(broken, 1);
}

TEST(ArchiveReader, SaysWhichFileIsMissing) {
  const TempDir dir;
  write_text(dir / "a.tar", make_tar({{"other", "x"}}));
  EXPECT_THAT([&] { ArchiveReader(dir / "a.tar"); },
              ThrowsError(ErrorKind::kParse, "file manifest.json not found in tar"));
  EXPECT_THAT([&] { ArchiveReader(dir / "none.tar"); },
              ThrowsError(ErrorKind::kIo, "no such file or directory"));
}

}  // namespace
}  // namespace tote::archive
