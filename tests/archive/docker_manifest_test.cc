#include "archive/docker_manifest.h"

#include "archive/archive_reader.h"
#include "oci/image_graph.h"
#include "tests/archive/damage.h"
#include "tests/archive/small_archive.h"
#include "tests/support/matchers.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace tote::archive {
namespace {

using test::ThrowsError;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kImage = "application/vnd.oci.image.manifest.v1+json";
constexpr const char* kIndex = "application/vnd.oci.image.index.v1+json";

// What is carried of images and indexes, as a plan would have it.
class DockerManifest : public testing::Test {
 protected:
  static std::string config(const std::string& os, const std::string& layer) {
    return fmt::format(R"({{"os":"{}","rootfs":{{"type":"layers","diff_ids":["{}"]}}}})", os,
                       oci::Digest::of(layer).str());
  }
  oci::Digest add_image(const std::string& config, const std::string& layer,
                        const std::string& tag) {
    const oci::Descriptor blob{"application/vnd.oci.image.layer.v1.tar", oci::Digest::of(layer),
                               layer.size()};
    whole_.configs.push_back(
        {{"application/vnd.oci.image.config.v1+json", oci::Digest::of(config), config.size()},
         config,
         kHome});
    whole_.layers.push_back({blob, kHome});
    return add(
        fmt::format(
            R"({{"schemaVersion":2,"config":{{"mediaType":"application/vnd.oci.image.config.v1+json",)"
            R"("digest":"{}","size":{}}},"layers":[{{"mediaType":"{}","digest":"{}","size":{}}}]}})",
            oci::Digest::of(config).str(), config.size(), blob.media_type, blob.digest.str(),
            blob.size),
        kImage, tag);
  }
  oci::Digest add_index(const std::vector<oci::Digest>& children, const std::string& tag) {
    std::string list;
    for (const oci::Digest& child : children)
      list +=
          fmt::format(R"({}{{"mediaType":"{}","digest":"{}","size":{}}})", list.empty() ? "" : ",",
                      kImage, child.str(), whole_.find_manifest(child)->bytes().size());
    return add(fmt::format(R"({{"schemaVersion":2,"manifests":[{}]}})", list), kIndex, tag);
  }
  std::string list() const {
    oci::Contents contents = whole_;
    const auto less = [](const auto& a, const auto& b) { return a.blob.digest < b.blob.digest; };
    std::sort(contents.configs.begin(), contents.configs.end(), less);
    std::sort(contents.layers.begin(), contents.layers.end(), less);
    return encode_docker_manifest(contents);
  }
  static std::string blob(const std::string& content) {
    return "blobs/sha256/" + oci::Digest::of(content).hex();
  }
  static std::string entry(const std::string& config, const std::string& tags,
                           const std::string& layer) {
    return fmt::format(R"({{"Config":"{}","RepoTags":[{}],"Layers":["{}"]}})", blob(config), tags,
                       blob(layer));
  }

  oci::Contents whole_;

 private:
  oci::Digest add(const std::string& bytes, const char* media_type, const std::string& tag) {
    const oci::ManifestPtr manifest = oci::Manifest::parse(bytes, media_type);
    whole_.manifests.add(manifest);
    if (tag != "-") whole_.images.push_back({kHome, manifest->descriptor(), tag, {}, {}});
    return manifest->digest();
  }

  const oci::Repository kHome{"some.io:5000", "app"};
};

TEST_F(DockerManifest, ListsImagesWithTheirNames) {
  add_image(config("linux", "a"), "a", "v1");
  whole_.images.push_back(whole_.images.front());
  whole_.images.back().tag = "latest";
  add_image(config("linux", "b"), "b", "");
  EXPECT_EQ(
      list(),
      "[" + entry(config("linux", "a"), R"("some.io:5000/app:latest","some.io:5000/app:v1")", "a") +
          "," + entry(config("linux", "b"), "", "b") + "]\n");
}

TEST_F(DockerManifest, LeavesOutWhatCanNotBeRun) {
  add_image(config("linux", "a"), "a", "v1");
  const std::string only = list();
  add_image(config("", "bundle"), "bundle", "v2");
  add_image(R"({"os":"linux"})", "fewer layers than it says", "v3");
  add_image("no JSON", "model", "v4");
  EXPECT_EQ(list(), only);
}

TEST_F(DockerManifest, HasOfAnIndexTheImageThatIsCarried) {
  const oci::Digest image = add_image(config("linux", "a"), "a", "-");
  const oci::Digest attestation = add_image(config("unknown", "b"), "b", "-");
  add_index({image, attestation}, "v1");
  EXPECT_EQ(list(), "[" + entry(config("linux", "a"), R"("some.io:5000/app:v1")", "a") + "]\n");
  const oci::Digest other = add_image(config("windows", "c"), "c", "-");
  add_index({image, other}, "v2");
  EXPECT_THAT([&] { list(); }, ThrowsError(ErrorKind::kUsage, "is carried for 2 platforms"));
}

TEST_F(DockerManifest, NeedsEveryLayerAndAnImage) {
  add_image(config("linux", "a"), "a", "v1");
  whole_.layers.clear();
  EXPECT_THAT([&] { list(); },
              ThrowsError(ErrorKind::kUsage, "'" + oci::Digest::of("a").str() + "' of '"));
  whole_ = {};
  add_image(config("", "bundle"), "bundle", "v1");
  EXPECT_THAT([&] { list(); }, ThrowsError(ErrorKind::kUsage, "no image among what is copied"));
}

}  // namespace
}  // namespace tote::archive
