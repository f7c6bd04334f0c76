// Tars as old and new versions of docker save and other tools write them.
#include "archive/archive_reader.h"
#include "tests/support/image_builder.h"
#include "tests/support/matchers.h"
#include "tests/support/temp_dir.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace tote::archive {
namespace {

using test::make_tar;
using test::TempDir;
using test::ThrowsError;
using test::write_text;

class DockerSave : public testing::Test {
 protected:
  static std::string config(const std::vector<std::string>& layers) {
    std::string ids;
    for (const std::string& layer : layers)
      ids += fmt::format("{}\"{}\"", ids.empty() ? "" : ",", oci::Digest::of(layer).str());
    return fmt::format(R"({{"rootfs":{{"type":"layers","diff_ids":[{}]}},"config":{{}}}})", ids);
  }
  ArchiveReader read(const std::vector<test::TarMember>& members) {
    write_text(dir_ / "save.tar", make_tar(members));
    return ArchiveReader(dir_ / "save.tar");
  }
  static std::string content(ArchiveReader& archive, const oci::Descriptor& blob) {
    return read_all(*archive.open_blob(blob, 0, {}), 1 << 20, "blob");
  }

  TempDir dir_;
};

TEST_F(DockerSave, HasItsLayersAsTheyLieThere) {
  ArchiveReader archive =
      read({{"1/layer.tar", "one"},
            {"2/layer.tar", "", '2', 0777, "../1/layer.tar"},
            {"c.json", config({"one", "one"})},
            {"manifest.json", R"([{"Config":"c.json","RepoTags":["app:v1","some.io/app:v2"],)"
                              R"("Layers":["1/layer.tar","2/layer.tar"]}])"}});
  const oci::Contents& contents = archive.contents();
  ASSERT_EQ(contents.images.size(), 2U);
  EXPECT_EQ(contents.images[0].repository.name(), "index.docker.io/library/app");
  EXPECT_EQ(contents.images[0].tag, "v1");
  EXPECT_EQ(contents.images[1].repository.name(), "some.io/app");
  const auto image = oci::parse_image_manifest(contents.manifests[0]);
  ASSERT_EQ(image.layers.size(), 2U);
  EXPECT_EQ(image.layers[0].media_type, "application/vnd.oci.image.layer.v1.tar");
  EXPECT_EQ(content(archive, image.layers[1]), "one");
  EXPECT_EQ(image.config.digest, oci::Digest::of(config({"one", "one"}))) << "the image's ID";
}

TEST_F(DockerSave, KnowsCompressedLayers) {
  const std::string compressed = "\x1f\x8b, or so it seems";
  ArchiveReader archive =
      read({{"l.tar.gz", compressed},
            {"c.json", config({"something else"})},
            {"manifest.json", R"([{"Config":"c.json","Layers":["l.tar.gz"]}])"}});
  EXPECT_EQ(archive.contents().images[0].repository.name(), "layout.invalid/save");
  const auto image = oci::parse_image_manifest(archive.contents().manifests[0]);
  EXPECT_EQ(image.layers[0].media_type, "application/vnd.oci.image.layer.v1.tar+gzip");
  EXPECT_EQ(image.layers[0].digest, oci::Digest::of(compressed));
  EXPECT_EQ(content(archive, image.layers[0]), compressed);
}

TEST_F(DockerSave, ChecksALayerWhenItIsRead) {
  ArchiveReader archive = read({{"l.tar", "other"},
                                {"c.json", config({"layer"})},
                                {"manifest.json", R"([{"Config":"c.json","Layers":["l.tar"]}])"}});
  const auto image = oci::parse_image_manifest(archive.contents().manifests[0]);
  EXPECT_THAT([&] { content(archive, image.layers[0]); },
              ThrowsError(ErrorKind::kDigestMismatch, "error verifying sha256 checksum"));
}

TEST_F(DockerSave, RefusesWhatDoesNotFit) {
  const std::string one = config({"one"});
  for (const char* manifest :
       {R"([{"Config":"c.json","Layers":[]}])", R"([{"Config":"c.json","Layers":["none"]}])",
        R"([{"Config":"none","Layers":["l.tar"]}])", R"([{"Config":1,"Layers":["l.tar"]}])",
        R"([{"Config":"../c.json","Layers":["l.tar"]}])",
        R"([{"Config":"l.tar","Layers":["l.tar"]}])",
        R"([{"Config":"c.json","RepoTags":["UPPER CASE"],"Layers":["l.tar"]}])"})
    EXPECT_THAT(
        [&] {
          read({{"l.tar", "one"}, {"c.json", one}, {"manifest.json", manifest}});
        },
        ThrowsError(ErrorKind::kParse, "Reading archive '"))
        << manifest;
}

TEST_F(DockerSave, TakesWhatWasSavedOfAnIndex) {
  const std::string index = R"({"schemaVersion":2,"manifests":[{"mediaType":)"
                            R"("application/vnd.oci.image.manifest.v1+json","size":1,"digest":)"
                            R"("sha256:)" +
                            std::string(64, 'a') + "\"}]}";
  ArchiveReader archive = read(
      {{"oci-layout", "{}"},
       {"index.json", index},
       {"l.tar", "one"},
       {"c.json", config({"one"})},
       {"manifest.json", R"([{"Config":"c.json","RepoTags":["app:v1"],"Layers":["l.tar"]}])"}});
  ASSERT_EQ(archive.contents().images.size(), 1U);
  EXPECT_EQ(archive.contents().images[0].tag, "v1");
}

}  // namespace
}  // namespace tote::archive
