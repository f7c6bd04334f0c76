#include "oci/manifest.h"

#include "oci/media_types.h"
#include "tests/support/matchers.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace tote::oci {
namespace {

using test::ThrowsError;

const std::string kDigest = "sha256:" + std::string(64, 'a');

TEST(MakeRawManifest, KeepsTheBytesAndTheirDigest) {
  const std::string bytes = "{ \"schemaVersion\" : 2, \"config\":{} }";
  const RawManifest raw = make_raw_manifest(bytes, kOciManifest);
  EXPECT_EQ(raw.bytes, bytes);
  EXPECT_EQ(raw.descriptor.digest, Digest::of(bytes));
  EXPECT_EQ(raw.descriptor.size, bytes.size());
  EXPECT_EQ(raw.descriptor.media_type, kOciManifest);
}

TEST(MakeRawManifest, FindsTheTypeInTheBytesWhenTheHeaderSaysNothing) {
  EXPECT_EQ(make_raw_manifest(R"({"manifests":[]})", "").descriptor.media_type, kOciIndex);
  EXPECT_EQ(make_raw_manifest(R"({"layers":[]})", "application/json").descriptor.media_type,
            kOciManifest);
  EXPECT_EQ(make_raw_manifest(
                R"({"mediaType":"application/vnd.docker.distribution.manifest.v2+json"})", "")
                .descriptor.media_type,
            kDockerManifest);
}

TEST(MakeRawManifest, RefusesTwoMeanings) {
  EXPECT_THAT(
      [] {
        make_raw_manifest(R"({"mediaType":"application/vnd.oci.image.index.v1+json"})",
                          kOciManifest);
      },
      ThrowsError(ErrorKind::kParse, "but calls itself"));
}

TEST(MakeRawManifest, RefusesSchema1AndUnknownTypes) {
  EXPECT_THAT(
      [] { make_raw_manifest("{}", "application/vnd.docker.distribution.manifest.v1+prettyjws"); },
      ThrowsError(ErrorKind::kParse, "schema 1"));
  EXPECT_THAT([] { make_raw_manifest(R"({"mediaType":"text/html"})", "text/html"); },
              ThrowsError(ErrorKind::kParse, "unsupported media type 'text/html'"));
  EXPECT_THAT([] { make_raw_manifest("<html>", "text/html"); },
              ThrowsError(ErrorKind::kParse, "not valid JSON"));
}

TEST(MakeRawManifest, BelievesTheBytesBeforeAHeaderOfTheSameKind) {
  const auto type_of = [](std::string_view own, std::string_view header) {
    return make_raw_manifest(fmt::format(R"({{"mediaType":"{}"}})", own), header)
        .descriptor.media_type;
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
    check_acceptable(make_raw_manifest(bytes, kOciManifest));
  };
  EXPECT_NO_THROW(check("{}"));
  EXPECT_NO_THROW(check(R"({"mediaType":"application/vnd.oci.image.manifest.v1+json"})"));
  EXPECT_THAT([&] { check(R"({"mediaType":"application/x"})"); },
              ThrowsError(ErrorKind::kParse, "calls itself 'application/x'"));
}

TEST(ParseImageManifest, ReadsDescriptors) {
  const RawManifest raw =
      make_raw_manifest(R"({"config":{"mediaType":"c","digest":")" + kDigest +
                            R"(","size":3},"layers":[{"mediaType":"l","digest":")" + kDigest +
                            R"(","size":4,"urls":["https://x/y"],"annotations":{"k":"v"}}]})",
                        kOciManifest);
  const ImageManifest image = parse_image_manifest(raw);
  EXPECT_EQ(image.config.size, 3U);
  ASSERT_EQ(image.layers.size(), 1U);
  EXPECT_EQ(image.layers[0].urls, std::vector<std::string>{"https://x/y"});
  EXPECT_EQ(image.layers[0].annotations.at("k"), "v");
}

TEST(ParseImageManifest, SaysWhereItIsWrong) {
  const RawManifest raw =
      make_raw_manifest(R"({"config":{"digest":")" + kDigest + R"(","size":-3}})", kOciManifest);
  EXPECT_THAT([&] { parse_image_manifest(raw); },
              ThrowsError(ErrorKind::kParse, "$.config.size: expected a non-negative"));
}

TEST(ParseImageConfig, ReadsLabelsAndDiffIds) {
  const ImageConfig config = parse_image_config(
      R"({"config":{"Labels":{"a":"b"}},"rootfs":{"diff_ids":["x"]}})", Digest::of(""));
  EXPECT_EQ(config.labels.at("a"), "b");
  EXPECT_EQ(config.diff_ids, std::vector<std::string>{"x"});
  EXPECT_TRUE(parse_image_config("{}", Digest::of("")).labels.empty());
}

TEST(ParseIndex, TellsManifestsFromWhatIsOnlyCarried) {
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
    const RawManifest index = make_raw_manifest(
        R"({"schemaVersion":2,"manifests":[{"mediaType":")" + std::string(child.media_type) +
            R"(","size":1,"digest":")" + digest + R"(","annotations":{"a":null}}]})",
        "application/vnd.oci.image.index.v1+json");
    EXPECT_EQ(parse_index(index).manifests.size(), child.is_manifest ? 1U : 0U) << child.media_type;
    EXPECT_EQ(parse_index(index).blobs.size(), child.is_manifest ? 0U : 1U) << child.media_type;
    EXPECT_EQ(blobs_of(index).size(), child.is_manifest ? 0U : 1U) << child.media_type;
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
