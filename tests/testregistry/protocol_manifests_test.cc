// Manifests: pushing, pulling, deleting, over each kind of storage.
#include "tests/testregistry/protocol_fixture.h"

#include <fmt/format.h>

namespace tote::testregistry {
namespace {

using ManifestProtocol = ProtocolTest;
INSTANTIATE_TEST_SUITE_P(Storage, ManifestProtocol,
                         testing::Values("Memory", "Directory", "Layouts"),
                         [](const auto& row) { return row.param; });

TEST_P(ManifestProtocol, KeepsManifestsByteForByte) {
  push_hello();
  const std::string manifest = image_manifest();
  const std::string digest = oci::Digest::of(manifest).str();
  const Response put = put_manifest("v1", manifest);
  EXPECT_EQ(put.status, 201);
  EXPECT_EQ(header(put, "Docker-Content-Digest"), digest);
  for (const std::string& reference : {std::string("v1"), digest}) {
    const Response got = call("GET", "/v2/app/manifests/" + reference);
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(body_of(got), manifest);
    EXPECT_EQ(header(got, "Content-Type"), kManifestType);
    EXPECT_EQ(header(got, "Docker-Content-Digest"), digest);
  }
  EXPECT_EQ(put_manifest(digest, manifest).status, 201);
}

TEST_P(ManifestProtocol, AnswersHeadLikeGet) {
  push_hello();
  put_manifest("v1", image_manifest());
  for (const std::string& reference : {std::string("v1"), sha256_of(image_manifest())}) {
    const Response head = call("HEAD", "/v2/app/manifests/" + reference);
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.body_length(), image_manifest().size())
        << "the server makes Content-Length of it";
    EXPECT_EQ(header(head, "Docker-Content-Digest"), sha256_of(image_manifest()));
    EXPECT_EQ(header(head, "Content-Type"), kManifestType);
  }
  EXPECT_EQ(call("HEAD", "/v2/app/manifests/v2").status, 404);
}

TEST_P(ManifestProtocol, RefusesBadManifests) {
  const std::string manifest = image_manifest();
  const Response missing = put_manifest("v1", manifest);
  EXPECT_EQ(missing.status, 404);
  EXPECT_NE(body_of(missing).find("MANIFEST_BLOB_UNKNOWN"), std::string::npos);
  push_hello();
  EXPECT_EQ(put_manifest("sha256:" + std::string(64, '0'), manifest).status, 400);
  EXPECT_EQ(put_manifest("v1", "{").status, 400);
  EXPECT_EQ(put_manifest("v1", "[]").status, 400);
  EXPECT_EQ(put_manifest("v1", "{}", "text/plain").status, 400);
  EXPECT_EQ(put_manifest("bad tag", manifest).status, 400);
  EXPECT_EQ(put_manifest("v1", std::string((4U << 20U) + 1, ' ')).status, 413);
  EXPECT_EQ(put_manifest("v1", R"({"mediaType":"application/vnd.oci.image.index.v1+json"})").status,
            400);
}

TEST_P(ManifestProtocol, WantsAnIndexsChildren) {
  push_hello();
  const std::string manifest = image_manifest();
  const std::string type = "application/vnd.oci.image.index.v1+json";
  const std::string index = fmt::format(
      R"({{"schemaVersion":2,"mediaType":"{}","manifests":[{{"mediaType":"{}","size":{},"digest":"{}"}}]}})",
      type, kManifestType, manifest.size(), oci::Digest::of(manifest).str());
  EXPECT_EQ(put_manifest("multi", index, type).status, 404);
  EXPECT_EQ(put_manifest(oci::Digest::of(manifest).str(), manifest).status, 201);
  EXPECT_EQ(put_manifest("multi", index, type).status, 201);
}

TEST_P(ManifestProtocol, DeletesTagsManifestsAndBlobs) {
  push_hello();
  const std::string digest = oci::Digest::of(image_manifest()).str();
  put_manifest("one", image_manifest());
  put_manifest("two", image_manifest());
  EXPECT_EQ(call("DELETE", "/v2/app/manifests/one").status, 202);
  EXPECT_EQ(call("GET", "/v2/app/manifests/one").status, 404);
  EXPECT_EQ(call("GET", "/v2/app/manifests/" + digest).status, 200);
  EXPECT_EQ(call("DELETE", "/v2/app/manifests/" + digest).status, 202);
  EXPECT_EQ(call("GET", "/v2/app/manifests/two").status, 404) << "tags go with their manifest";
  EXPECT_EQ(call("DELETE", "/v2/app/manifests/" + digest).status, 404);
  EXPECT_EQ(call("DELETE", "/v2/app/blobs/" + kHelloDigest).status, 202);
  EXPECT_EQ(call("GET", "/v2/app/blobs/" + kHelloDigest).status, 404);
  EXPECT_EQ(call("DELETE", "/v2/app/blobs/" + kHelloDigest).status, 404);
}

TEST_P(ManifestProtocol, TakesWhatTheMediaTypeAllows) {
  push_hello();
  EXPECT_EQ(put_manifest("v1", image_manifest(), kManifestType + "; charset=utf-8").status, 201);
  EXPECT_EQ(header(call("GET", "/v2/app/manifests/v1"), "Content-Type"), kManifestType);
  EXPECT_EQ(call("PUT", "/v2/app/manifests/v2", {}, {}, image_manifest()).status, 201)
      << "the manifest says itself what it is";
  const Response other =
      put_manifest("v1", image_manifest(), "application/vnd.docker.distribution.manifest.v2+json");
  EXPECT_EQ(other.status, 400);
  EXPECT_THAT(body_of(other), HasSubstr("MANIFEST_INVALID"));
  EXPECT_EQ(put_manifest("v1", R"({"schemaVersion":1,"config":{},"layers":[]})").status, 400);
}

TEST_P(ManifestProtocol, TakesManifestsOfFourMebibytes) {
  push_hello();
  const std::string frame = image_manifest(R"(,"annotations":{"a":""})");
  const std::string filler((4U << 20U) - frame.size(), 'x');
  const std::string manifest =
      image_manifest(fmt::format(R"(,"annotations":{{"a":"{}"}})", filler));
  ASSERT_EQ(manifest.size(), 4U << 20U);
  EXPECT_EQ(put_manifest("large", manifest).status, 201);
  EXPECT_EQ(body_of(call("GET", "/v2/app/manifests/large")), manifest);
}

TEST_P(ManifestProtocol, KnowsSha512) {
  push_hello();
  ASSERT_EQ(call("POST", "/v2/app/blobs/uploads/", {{"digest", kHelloSha512}}, {}, kHello).status,
            201);
  const std::string manifest = image_manifest("", kHelloSha512);
  const std::string digest = sha512_of(manifest);
  const Response put = put_manifest(digest, manifest, kManifestType, {{"tag", "v512"}});
  EXPECT_EQ(put.status, 201);
  EXPECT_EQ(header(put, "Docker-Content-Digest"), digest);
  EXPECT_EQ(header(put, "Location"), "/v2/app/manifests/" + digest);
  for (const std::string& reference : {digest, std::string("v512")}) {
    const Response got = call("GET", "/v2/app/manifests/" + reference);
    EXPECT_EQ(body_of(got), manifest);
    EXPECT_EQ(header(got, "Docker-Content-Digest"), digest);
  }
  EXPECT_EQ(call("DELETE", "/v2/app/manifests/" + digest).status, 202);
  EXPECT_EQ(call("GET", "/v2/app/manifests/v512").status, 404);
}

TEST_P(ManifestProtocol, TagsWithTheManifest) {
  push_hello();
  const std::string digest = sha256_of(image_manifest());
  const Response put = put_manifest(digest, image_manifest(), kManifestType,
                                    {{"tag", "1"}, {"tag", "1.2"}, {"tag", "latest"}});
  EXPECT_EQ(put.status, 201);
  std::vector<std::string> tags;
  for (const auto& [name, value] : put.headers)
    if (name == "OCI-Tag") tags.push_back(value);
  EXPECT_THAT(tags, testing::ElementsAre("1", "1.2", "latest"));
  EXPECT_EQ(header(call("GET", "/v2/app/manifests/1.2"), "Docker-Content-Digest"), digest);
  EXPECT_EQ(put_manifest(digest, image_manifest(), kManifestType, {{"tag", ".bad"}}).status, 400);
  EXPECT_EQ(
      put_manifest(digest, image_manifest(), kManifestType, NameValues(101, {"tag", "a"})).status,
      414);
  const Response by_tag = put_manifest("v9", image_manifest(), kManifestType, {{"tag", "v10"}});
  EXPECT_EQ(by_tag.status, 201);
  EXPECT_EQ(call("GET", "/v2/app/manifests/v10").status, 404) << "only by digest";
}

TEST_P(ManifestProtocol, TakesArtifacts) {
  push_blob("{}");
  const std::string empty = descriptor("application/vnd.oci.empty.v1+json", sha256_of("{}"), 2);
  const std::string artifact = fmt::format(
      R"({{"schemaVersion":2,"mediaType":"{}","artifactType":"application/vnd.example","config":{},"layers":[{}]}})",
      kManifestType, empty, empty);
  EXPECT_EQ(put_manifest("artifact", artifact).status, 201);
  const std::string without_layers = fmt::format(
      R"({{"schemaVersion":2,"mediaType":"{}","artifactType":"application/vnd.example","config":{},"layers":[]}})",
      kManifestType, empty);
  EXPECT_EQ(put_manifest("bare", without_layers).status, 201);
  EXPECT_EQ(put_manifest("none", index_manifest(""), kIndexType).status, 201);
}

TEST_P(ManifestProtocol, TakesNestedIndexes) {
  push_hello();
  put_manifest("image", image_manifest());
  const std::string inner = index_manifest(
      descriptor(kManifestType, sha256_of(image_manifest()), image_manifest().size()));
  EXPECT_EQ(put_manifest(sha256_of(inner), inner, kIndexType).status, 201);
  const std::string outer = index_manifest(descriptor(kIndexType, sha256_of(inner), inner.size()));
  EXPECT_EQ(put_manifest("outer", outer, kIndexType).status, 201);
  EXPECT_EQ(body_of(call("GET", "/v2/app/manifests/outer")), outer);
}

TEST_P(ManifestProtocol, WantsNoNonDistributableLayers) {
  push_hello();
  const std::string manifest = fmt::format(
      R"({{"schemaVersion":2,"mediaType":"{}","config":{},"layers":[{}]}})", kManifestType,
      descriptor("application/vnd.oci.image.config.v1+json", kHelloDigest, 5),
      descriptor("application/vnd.oci.image.layer.nondistributable.v1.tar", sha256_of("elsewhere"),
                 9));
  EXPECT_EQ(put_manifest("v1", manifest).status, 201);
}

TEST_P(ManifestProtocol, TakesSparseIndexesAndImagesIfTold) {
  RegistryOptions sparse;
  sparse.allow_sparse = true;
  use_options(sparse);
  EXPECT_EQ(put_manifest("image", image_manifest()).status, 201);
  const std::string index = index_manifest(descriptor(kManifestType, sha256_of("absent"), 6));
  EXPECT_EQ(put_manifest("index", index, kIndexType).status, 201);
}

TEST_P(ManifestProtocol, RefusesDigestsThatAreNone) {
  push_hello();
  for (const char* reference : {"sha256:baddigeststring", "sha384:00", "sha256:", ":x"}) {
    const Response put = put_manifest(reference, image_manifest());
    EXPECT_EQ(put.status, 400) << reference;
    EXPECT_THAT(body_of(put), HasSubstr("DIGEST_INVALID"));
    EXPECT_EQ(call("GET", std::string("/v2/app/manifests/") + reference).status, 404);
  }
}

TEST_P(ManifestProtocol, IgnoresWhatTheClientAccepts) {
  push_hello();
  put_manifest("v1", image_manifest());
  const Response got =
      call("GET", "/v2/app/manifests/v1", {}, {{"Accept", "application/vnd.other"}});
  EXPECT_EQ(got.status, 200) << "a manifest has one form; the client sees which";
  EXPECT_EQ(header(got, "Content-Type"), kManifestType);
}

TEST_P(ManifestProtocol, RefusesTwoMeaningsAndWrongSizes) {
  push_hello();
  const Response both = put_manifest("v1", image_manifest(R"(,"manifests":[])"));
  EXPECT_EQ(both.status, 400);
  EXPECT_THAT(body_of(both), HasSubstr("both an index and an image"));
  const std::string lying = fmt::format(
      R"({{"schemaVersion":2,"mediaType":"{}","config":{},"layers":[]}})", kManifestType,
      descriptor("application/vnd.oci.image.config.v1+json", kHelloDigest, 99));
  EXPECT_EQ(put_manifest("v1", lying).status, 400);
}

TEST_P(ManifestProtocol, LeavesABlobThatIsAlsoAManifest) {
  if (std::string_view(GetParam()) == "Layouts")
    GTEST_SKIP() << "a layout does not let go of what a manifest needs";
  push_hello();
  push_blob(image_manifest());
  EXPECT_EQ(put_manifest("v1", image_manifest()).status, 201);
  const std::string blob = "/v2/app/blobs/" + sha256_of(image_manifest());
  EXPECT_EQ(call("GET", blob).status, 200);
  EXPECT_EQ(call("DELETE", "/v2/app/manifests/" + sha256_of(image_manifest())).status, 202);
  EXPECT_EQ(call("GET", blob).status, 200);
  put_manifest("v1", image_manifest());
  EXPECT_EQ(call("DELETE", blob).status, 202);
  EXPECT_EQ(call("GET", blob).status, 404);
  EXPECT_EQ(call("GET", "/v2/app/manifests/v1").status, 200);
}

// BuildKit's cache in a registry is such an index.
TEST_P(ManifestProtocol, TakesAnIndexOfBlobs) {
  push_hello();
  const std::string cache =
      index_manifest(descriptor("application/vnd.oci.image.layer.v1.tar+gzip", kHelloDigest, 5) +
                     "," + descriptor("application/vnd.buildkit.cacheconfig.v0", kHelloDigest, 5));
  EXPECT_EQ(put_manifest("cache", cache, kIndexType).status, 201);
  CollectOptions options;
  options.grace = std::chrono::seconds(0);
  storage_->collect(options, {});
  EXPECT_EQ(call("GET", "/v2/app/blobs/" + kHelloDigest).status, 200);
  const std::string missing = index_manifest(
      descriptor("application/vnd.oci.image.layer.v1.tar+gzip", sha256_of("absent"), 6));
  EXPECT_EQ(put_manifest("cache", missing, kIndexType).status, 404);
}

// A manifest of another repository is no blob of it, so it can not come in past a quota.
TEST_P(ManifestProtocol, AreNotMountedAsBlobs) {
  if (std::string_view(GetParam()) == "Layouts") GTEST_SKIP() << "in a layout manifests are blobs";
  push_hello();
  put_manifest("v1", image_manifest());
  const Response mounted = call("POST", "/v2/other/blobs/uploads/",
                                {{"mount", sha256_of(image_manifest())}, {"from", "app"}});
  EXPECT_EQ(mounted.status, 202) << "an upload instead";
}

TEST_P(ManifestProtocol, AllowsAnnotationsThatSayNothing) {
  push_hello();
  for (const char* more : {R"(,"annotations":null)", R"(,"annotations":{"a":null,"b":"c"})"}) {
    const std::string manifest = image_manifest(more);
    EXPECT_EQ(put_manifest("v1", manifest).status, 201) << more;
    EXPECT_EQ(body_of(call("GET", "/v2/app/manifests/v1")), manifest);
  }
}

}  // namespace
}  // namespace tote::testregistry
