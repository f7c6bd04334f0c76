#include "oci/artifact.h"

#include "base/error.h"
#include "oci/media_types.h"
#include "tests/support/matchers.h"

#include <gtest/gtest.h>

namespace tote::oci {
namespace {

using test::ThrowsError;

ArtifactLayer layer(const std::string& bytes, const std::string& type = "text/plain") {
  ArtifactLayer made{type, Digest::of(bytes), {}};
  made.content.write(as_bytes(bytes));
  return made;
}

ArtifactParts parts_of_two_layers() {
  ArtifactParts parts{.media_type = std::string(kOciManifest),
                      .config_type = "application/vnd.example.config+json",
                      .config = R"({"a":1})",
                      .layers = {},
                      .order = DescriptorOrder::kDigestFirst};
  parts.layers.push_back(layer("first"));
  parts.layers.push_back(layer("second", "text/other"));
  return parts;
}

class ArtifactTest : public testing::Test {
 protected:
  std::string read(const Descriptor& blob, std::uint64_t offset = 0) {
    return read_all(*artifact_.open_blob(blob, offset, {}), 100, "blob");
  }

  Artifact artifact_{parts_of_two_layers()};
};

TEST_F(ArtifactTest, HasTheManifestOfItsParts) {
  const std::string config = Digest::of(R"({"a":1})").str();
  EXPECT_EQ(
      artifact_.manifest()->bytes(),
      R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.example.config+json","digest":")" +
          config + R"(","size":7},"layers":[{"mediaType":"text/plain","digest":")" +
          Digest::of("first").str() + R"(","size":5},{"mediaType":"text/other","digest":")" +
          Digest::of("second").str() + R"(","size":6}]})");
  EXPECT_EQ(artifact_.fetch_manifest(artifact_.digest().str(), {}), artifact_.manifest());
  EXPECT_EQ(artifact_.resolve(artifact_.digest().str(), {})->digest, artifact_.digest());
}

TEST_F(ArtifactTest, HasNothingElse) {
  EXPECT_FALSE(artifact_.resolve("latest", {}));
  EXPECT_THAT([&] { artifact_.fetch_manifest("latest", {}); },
              ThrowsError(ErrorKind::kNotFound, "no 'latest' was made"));
  const Descriptor other{"text/plain", Digest::of("other"), 5};
  EXPECT_FALSE(artifact_.has_blob(other, {}));
  EXPECT_THAT([&] { artifact_.open_blob(other, 0, {}); },
              ThrowsError(ErrorKind::kNotFound, "no '" + other.digest.str() + "' was made"));
}

TEST_F(ArtifactTest, IsReadFromAnyOffset) {
  const auto& layers = artifact_.manifest()->layers();
  EXPECT_TRUE(artifact_.has_blob(layers[1], {}));
  EXPECT_EQ(read(layers[0]), "first");
  EXPECT_EQ(read(layers[1]), "second");
  EXPECT_EQ(read(layers[1], 3), "ond");
  EXPECT_EQ(read(artifact_.manifest()->config(), 5), "1}");
}

TEST_F(ArtifactTest, IsCarriedUnderEachOfItsTags) {
  const Repository place{"reg.example", "app"};
  const Contents contents = artifact_.contents(place, {"v2", "latest"});
  ASSERT_EQ(contents.images.size(), 2U);
  EXPECT_EQ(contents.images[0].tag, "v2");  // in the order in which they were given
  EXPECT_EQ(contents.images[1].tag, "latest");
  EXPECT_EQ(contents.images[1].reference(), "reg.example/app@" + artifact_.digest().str());
  EXPECT_TRUE(contents.carries_layer(Digest::of("first")));
  EXPECT_TRUE(contents.carries_layer(Digest::of("second")));
  EXPECT_EQ(contents.find_config(artifact_.manifest()->config().digest)->bytes, R"({"a":1})");
}

// A layer that is there twice is carried once.
TEST(Artifact, MayNameALayerTwice) {
  ArtifactParts parts = parts_of_two_layers();
  parts.layers.push_back(layer("first"));
  Artifact artifact(std::move(parts));
  EXPECT_EQ(artifact.manifest()->layers().size(), 3U);
  EXPECT_EQ(artifact.contents({"reg.example", "app"}, {""}).layers.size(), 2U);
}

}  // namespace
}  // namespace tote::oci
