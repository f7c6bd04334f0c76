#include "oci/manifest.h"

#include "oci/media_types.h"
#include "tests/support/matchers.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace tote::oci {
namespace {

using test::ThrowsError;

const std::string kDigest = "sha256:" + std::string(64, 'a');

TEST(ParseManifest, KeepsTheBytesAndTheirDigest) {
  const std::string bytes = "{ \"schemaVersion\" : 2, \"layers\":[] }";
  const ManifestPtr manifest = Manifest::parse(bytes, kOciManifest);
  EXPECT_EQ(manifest->bytes(), bytes);
  EXPECT_EQ(manifest->digest(), Digest::of(bytes));
  EXPECT_EQ(manifest->descriptor().size, bytes.size());
  EXPECT_EQ(manifest->media_type(), kOciManifest);
}

TEST(ParseManifest, FindsTheTypeInTheBytesWhenTheHeaderSaysNothing) {
  EXPECT_EQ(Manifest::parse(R"({"manifests":[]})", "")->media_type(), kOciIndex);
  EXPECT_EQ(Manifest::parse(R"({"layers":[]})", "application/json")->media_type(), kOciManifest);
  EXPECT_EQ(
      Manifest::parse(R"({"mediaType":"application/vnd.docker.distribution.manifest.v2+json"})", "")
          ->media_type(),
      kDockerManifest);
}

TEST(ParseManifest, RefusesTwoMeanings) {
  EXPECT_THAT(
      [] {
        Manifest::parse(R"({"mediaType":"application/vnd.oci.image.index.v1+json"})", kOciManifest);
      },
      ThrowsError(ErrorKind::kParse, "but calls itself"));
}

TEST(ParseManifest, RefusesSchema1AndUnknownTypes) {
  EXPECT_THAT(
      [] { Manifest::parse("{}", "application/vnd.docker.distribution.manifest.v1+prettyjws"); },
      ThrowsError(ErrorKind::kParse, "schema 1"));
  EXPECT_THAT([] { Manifest::parse(R"({"mediaType":"text/html"})", "text/html"); },
              ThrowsError(ErrorKind::kParse, "unsupported media type 'text/html'"));
  EXPECT_THAT([] { Manifest::parse("<html>", "text/html"); },
              ThrowsError(ErrorKind::kParse, "not valid JSON"));
}

TEST(ParseManifest, BelievesTheBytesBeforeAHeaderOfTheSameKind) {
  const auto type_of = [](std::string_view own, std::string_view header) {
    return Manifest::parse(fmt::format(R"({{"mediaType":"{}"}})", own), header)->media_type();
  };
  EXPECT_EQ(type_of(kOciManifest, kDockerManifest), kOciManifest);
  EXPECT_EQ(type_of(kDockerManifest, kOciManifest), kDockerManifest);
  EXPECT_EQ(type_of(kOciIndex, kDockerManifestList), kOciIndex);
  EXPECT_EQ(type_of(kDockerManifestList, kOciIndex), kDockerManifestList);
  EXPECT_EQ(type_of(kOciIndex, "application/json"), kOciIndex);
  EXPECT_EQ(type_of("", kDockerManifest), kDockerManifest);
  EXPECT_THROW(type_of(kOciIndex, kDockerManifest), Error);
}

TEST(CheckAcceptable, RefusesWhatRegistriesWould) {
  const auto check = [](const std::string& bytes) {
    check_acceptable(*Manifest::parse(bytes, kOciManifest));
  };
  EXPECT_NO_THROW(check("{}"));
  EXPECT_NO_THROW(check(R"({"mediaType":"application/vnd.oci.image.manifest.v1+json"})"));
  EXPECT_THAT([&] { check(R"({"mediaType":"application/x"})"); },
              ThrowsError(ErrorKind::kParse, "calls itself 'application/x'"));
}

TEST(ParseManifest, ReadsDescriptors) {
  const ManifestPtr image =
      Manifest::parse(R"({"config":{"mediaType":"c","digest":")" + kDigest +
                          R"(","size":3},"layers":[{"mediaType":"l","digest":")" + kDigest +
                          R"(","size":4,"urls":["https://x/y"],"annotations":{"k":"v"}}]})",
                      kOciManifest);
  EXPECT_EQ(image->config().size, 3U);
  ASSERT_EQ(image->layers().size(), 1U);
  EXPECT_EQ(image->layers()[0].urls, std::vector<std::string>{"https://x/y"});
  EXPECT_EQ(image->layers()[0].annotations.at("k"), "v");
  EXPECT_EQ(image->blobs().size(), 2U);
  EXPECT_TRUE(image->children().empty());
}

TEST(ParseManifest, SaysWhereItIsWrong) {
  EXPECT_THAT(
      [] {
        Manifest::parse(R"({"config":{"digest":")" + kDigest + R"(","size":-3}})", kOciManifest);
      },
      ThrowsError(ErrorKind::kParse, "$.config.size: expected a non-negative"));
  EXPECT_THAT([] { Manifest::parse("{}", kOciManifest)->config(); },
              ThrowsError(ErrorKind::kParse, "$.config: missing"));
}

TEST(ParseManifest, ReadsWhatItIsAbout) {
  const ManifestPtr manifest = Manifest::parse(
      R"({"artifactType":"a/b","annotations":{"k":"v"},"subject":{"mediaType":"m","size":1,"digest":")" +
          kDigest + R"("}})",
      kOciManifest);
  EXPECT_EQ(manifest->artifact_type(), "a/b");
  EXPECT_EQ(manifest->annotations().at("k"), "v");
  EXPECT_EQ(manifest->subject()->digest.str(), kDigest);
  EXPECT_FALSE(Manifest::parse(R"({"subject":null})", kOciManifest)->subject());
}

TEST(ParseManifest, ReadsWhichPlatformAChildIsFor) {
  const ManifestPtr index = Manifest::parse(
      R"({"manifests":[{"size":1,"digest":")" + kDigest +
          R"(","platform":{"os":"linux","architecture":"arm64","variant":"v8"}},{"size":1,"digest":")" +
          kDigest + R"("}]})",
      kOciIndex);
  EXPECT_EQ(index->children()[0].platform->name(), "linux/arm64/v8");
  EXPECT_FALSE(index->children()[1].platform);
}

TEST(ParseImageConfig, ReadsLabelsAndDiffIds) {
  const ImageConfig config = parse_image_config(
      R"({"config":{"Labels":{"a":"b"}},"rootfs":{"diff_ids":["x"]}})", Digest::of(""));
  EXPECT_EQ(config.labels.at("a"), "b");
  EXPECT_EQ(config.diff_ids, std::vector<std::string>{"x"});
  EXPECT_TRUE(parse_image_config("{}", Digest::of("")).labels.empty());
}

TEST(ParseManifest, TellsManifestsFromWhatIsOnlyCarried) {
  const std::string digest = "sha256:" + std::string(64, 'a');
  struct Child {
    const char* media_type;
    bool is_manifest;
  };
  for (const Child& child :
       std::vector<Child>{{"", true},
                          {"application/vnd.oci.image.manifest.v1+json", true},
                          {"application/vnd.oci.image.index.v1+json", true},
                          {"application/vnd.docker.distribution.manifest.v2+json", true},
                          {"application/vnd.docker.distribution.manifest.list.v2+json", true},
                          {"application/vnd.docker.distribution.manifest.v1+prettyjws", true},
                          {"application/vnd.oci.image.layer.v1.tar+gzip", false},
                          {"application/vnd.docker.image.rootfs.diff.tar.gzip", false},
                          {"application/vnd.buildkit.cacheconfig.v0", false},
                          {"application/vnd.in-toto+json", false},
                          {"application/xml", false}}) {
    const ManifestPtr index = Manifest::parse(
        R"({"schemaVersion":2,"manifests":[{"mediaType":")" + std::string(child.media_type) +
            R"(","size":1,"digest":")" + digest + R"(","annotations":{"a":null}}]})",
        "application/vnd.oci.image.index.v1+json");
    EXPECT_EQ(index->children().size(), child.is_manifest ? 1U : 0U) << child.media_type;
    EXPECT_EQ(index->blobs().size(), child.is_manifest ? 0U : 1U) << child.media_type;
  }
}

TEST(ParseImageConfig, TakesOtherEncodingsAndNullsAsGoDoes) {
  const ImageConfig config = parse_image_config(
      "{\"author\":\"Andr\xe9\",\"config\":{\"Labels\":{\"a\":\"\xff\",\"b\":null}}}",
      Digest::of("x"));
  EXPECT_EQ(config.labels, (std::map<std::string, std::string>{{"a", "\xef\xbf\xbd"}, {"b", ""}}));
}

}  // namespace
}  // namespace tote::oci
