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
    return read_all(*archive.open_blob(blob), 1 << 20, "blob");
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
  const oci::ManifestPtr image = contents.manifests[0];
  ASSERT_EQ(image->layers().size(), 2U);
  EXPECT_EQ(image->layers()[0].media_type, "application/vnd.oci.image.layer.v1.tar");
  EXPECT_EQ(content(archive, image->layers()[1]), "one");
  EXPECT_EQ(image->config().digest, oci::Digest::of(config({"one", "one"}))) << "the image's ID";
}

TEST_F(DockerSave, KnowsCompressedLayers) {
  const std::string compressed = "\x1f\x8b, or so it seems";
  ArchiveReader archive =
      read({{"l.tar.gz", compressed},
            {"c.json", config({"something else"})},
            {"manifest.json", R"([{"Config":"c.json","Layers":["l.tar.gz"]}])"}});
  EXPECT_EQ(archive.contents().images[0].repository.name(), "layout.invalid/save");
  const oci::ManifestPtr image = archive.contents().manifests[0];
  EXPECT_EQ(image->layers()[0].media_type, "application/vnd.oci.image.layer.v1.tar+gzip");
  EXPECT_EQ(image->layers()[0].digest, oci::Digest::of(compressed));
  EXPECT_EQ(content(archive, image->layers()[0]), compressed);
}

TEST_F(DockerSave, ChecksALayerWhenItIsRead) {
  ArchiveReader archive = read({{"l.tar", "other"},
                                {"c.json", config({"layer"})},
                                {"manifest.json", R"([{"Config":"c.json","Layers":["l.tar"]}])"}});
  const oci::ManifestPtr image = archive.contents().manifests[0];
  EXPECT_THAT([&] { content(archive, image->layers()[0]); },
              ThrowsError(ErrorKind::kDigestMismatch, "error verifying sha256 checksum"));
}

TEST_F(DockerSave, RefusesWhatDoesNotFit) {
  const std::string one = config({"one"});
  for (const char* manifest :
       {R"([{"Config":"c.json","Layers":[]}])", R"([{"Config":"c.json","Layers":["none"]}])",
        R"([{"Config":"none","Layers":["l.tar"]}])", R"([{"Config":1,"Layers":["l.tar"]}])",
        R"([{"Config":"../c.json","Layers":["l.tar"]}])",
        R"([{"Config":"l.tar","Layers":["l.tar"]}])"})
    EXPECT_THAT(
        [&] {
          read({{"l.tar", "one"}, {"c.json", one}, {"manifest.json", manifest}});
        },
        ThrowsError(ErrorKind::kParse, "Reading archive '"))
        << manifest;
}

struct RepoTag {
  const char* text;        // as JSON
  const char* repository;  // "layout.invalid/save": it names nothing
  const char* tag;
};

TEST_F(DockerSave, KeepsImagesWhoseTagsNameNothing) {
  const std::string hex(64, 'a');
  const std::string by_digest = "\"some.io/app@sha256:" + hex + "\"";
  const std::string id = "\"sha256:" + hex + "\"";
  for (const RepoTag& row :
       std::vector<RepoTag>{{R"("<none>:<none>")", "layout.invalid/save", ""},
                            {R"("app:<none>")", "layout.invalid/save", ""},
                            {by_digest.c_str(), "layout.invalid/save", ""},
                            {id.c_str(), "layout.invalid/save", ""},
                            {R"("")", "layout.invalid/save", ""},
                            {R"("some.io/a:1")", "layout.invalid/save", ""},
                            {R"("UPPER CASE")", "layout.invalid/save", ""},
                            {R"("some.io/App:1")", "layout.invalid/save", ""},
                            {R"(":v1")", "layout.invalid/save", ""},
                            {R"("some.io/../app:1")", "layout.invalid/save", ""},
                            {R"(null)", "layout.invalid/save", ""},
                            {R"(7)", "layout.invalid/save", ""},
                            {R"("localhost/app:1")", "index.docker.io/localhost/app", "1"},
                            {R"("a:1")", "layout.invalid/save", ""},
                            {R"("host:5000/app")", "host:5000/app", "latest"},
                            {R"("app:v1")", "index.docker.io/library/app", "v1"}}) {
    const ArchiveReader archive = read(
        {{"l.tar", "one"},
         {"c.json", config({"one"})},
         {"manifest.json",
          fmt::format(R"([{{"Config":"c.json","RepoTags":[{}],"Layers":["l.tar"]}}])", row.text)}});
    ASSERT_EQ(archive.contents().images.size(), 1U) << row.text;
    EXPECT_EQ(archive.contents().images[0].repository.name(), row.repository) << row.text;
    EXPECT_EQ(archive.contents().images[0].tag, row.tag) << row.text;
  }
}

TEST_F(DockerSave, KeepsTheNamesBesideOneThatNamesNothing) {
  const ArchiveReader archive =
      read({{"l.tar", "one"},
            {"c.json", config({"one"})},
            {"manifest.json",
             R"([{"Config":"c.json","RepoTags":["<none>:<none>","app:v1"],"Layers":["l.tar"]}])"}});
  ASSERT_EQ(archive.contents().images.size(), 1U);
  EXPECT_EQ(archive.contents().images[0].tag, "v1");
}

TEST_F(DockerSave, FindsFilesHoweverTheirNamesAreSpelled) {
  for (const char* name :
       {"a/l.tar", "./a/l.tar", "a//l.tar", "a/./l.tar", "././a/l.tar", "b/../a/l.tar"})
    for (const char* entry : {"a/l.tar", "./a/l.tar", ".//a/./l.tar"}) {
      ArchiveReader archive = read(
          {{entry, "one"},
           {"c.json", config({"one"})},
           {"manifest.json", fmt::format(R"([{{"Config":"./c.json","Layers":["{}"]}}])", name)}});
      const oci::ManifestPtr image = archive.contents().manifests[0];
      EXPECT_EQ(content(archive, image->layers()[0]), "one") << name << " " << entry;
    }
}

TEST_F(DockerSave, TakesConfigsThatAreNoUtf8) {
  std::string text = config({"one"});
  text.insert(1, "\"author\":\"Andr\xe9\",");
  ArchiveReader archive = read({{"l.tar", "one"},
                                {"c.json", text},
                                {"manifest.json", R"([{"Config":"c.json","Layers":["l.tar"]}])"}});
  EXPECT_EQ(archive.contents().configs[0].bytes, text);
}

TEST_F(DockerSave, KnowsZstdLayers) {
  const std::string compressed = "\x28\xb5\x2f\xfd, or so it seems";
  ArchiveReader archive = read({{"l", compressed},
                                {"c.json", config({"something else"})},
                                {"manifest.json", R"([{"Config":"c.json","Layers":["l"]}])"}});
  const oci::ManifestPtr image = archive.contents().manifests[0];
  EXPECT_EQ(image->layers()[0].media_type, "application/vnd.oci.image.layer.v1.tar+zstd");
  EXPECT_EQ(content(archive, image->layers()[0]), compressed);
}

TEST_F(DockerSave, ChecksAConfigAgainstTheDigestInItsName) {
  const std::string text = config({"one"});
  const std::string right = oci::Digest::of(text).hex();
  const std::string wrong(64, 'b');
  for (const char* form : {"{}.json", "sha256:{}", "blobs/sha256/{}", "{}", "some/{}.json"}) {
    const auto read_called = [&](const std::string& hex) {
      const std::string name = fmt::format(fmt::runtime(form), hex);
      return read(
          {{"l.tar", "one"},
           {name, text},
           {"manifest.json", fmt::format(R"([{{"Config":"{}","Layers":["l.tar"]}}])", name)}});
    };
    EXPECT_EQ(read_called(right).contents().images.size(), 1U) << form;
    EXPECT_THAT([&] { read_called(wrong); },
                ThrowsError(ErrorKind::kDigestMismatch, "has digest 'sha256:" + right))
        << form;
  }
}

TEST_F(DockerSave, TakesWhatWasSavedOfAnIndex) {
  const std::string index = R"({"schemaVersion":2,"manifests":[{"mediaType":)"
                            R"("application/vnd.oci.image.manifest.v1+json","size":1,"digest":)"
                            R"("sha256:)" +
                            std::string(64, 'a') + "\"}]}";
  ArchiveReader archive = read(
      {{"oci-layout", R"({"imageLayoutVersion":"1.0.0"})"},
       {"index.json", index},
       {"l.tar", "one"},
       {"c.json", config({"one"})},
       {"manifest.json", R"([{"Config":"c.json","RepoTags":["app:v1"],"Layers":["l.tar"]}])"}});
  ASSERT_EQ(archive.contents().images.size(), 1U);
  EXPECT_EQ(archive.contents().images[0].tag, "v1");
}

}  // namespace
}  // namespace tote::archive
