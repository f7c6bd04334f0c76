// The registry's answers, request by request, over each kind of storage. JSON is literal here: a
// mistake that client and server share would not be seen otherwise.
#include "testregistry/directory_storage.h"
#include "testregistry/memory_storage.h"
#include "testregistry/registry_handler.h"
#include "tests/support/image_builder.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_registry.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace tote::testregistry {
namespace {

using test::body_of;

const std::string kHello = "hello";
const std::string kHelloDigest =
    "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
const std::string kHelloSha512 =
    "sha512:"
    "9b71d224bd62f3785d96d46ad3ea3d73319bfbc2890caadae2dff72519673ca72323c3d99ba5c11d7c7acc6e"
    "14b8c5da0c4663475c2e5c3adef46f73bcdec043";
const std::string kManifestType = "application/vnd.oci.image.manifest.v1+json";

class ProtocolTest : public testing::TestWithParam<const char*> {
 protected:
  ProtocolTest() {
    if (std::string_view(GetParam()) == "Memory")
      storage_ = std::make_unique<MemoryStorage>();
    else
      storage_ = std::make_unique<DirectoryStorage>(dir_ / "registry");
    handler_ = std::make_unique<RegistryHandler>(*storage_);
  }

  Response call(const std::string& method, const std::string& path, NameValues query = {},
                NameValues headers = {}, const std::string& body = {}) {
    RequestHead head{method, path, std::move(query), std::move(headers), {}};
    return test::call(*handler_, std::move(head), body);
  }

  static std::string header(const Response& response, const std::string& name) {
    for (const auto& [key, value] : response.headers)
      if (key == name) return value;
    return {};
  }

  std::string begin_upload() {
    const Response begun = call("POST", "/v2/app/blobs/uploads/");
    EXPECT_EQ(begun.status, 202);
    return header(begun, "Location");
  }

  void push_hello() {
    const Response put = call("PUT", begin_upload(), {{"digest", kHelloDigest}}, {}, kHello);
    ASSERT_EQ(put.status, 201);
  }

  std::string image_manifest() const {
    return fmt::format(
        R"({{"schemaVersion":2,"mediaType":"{}","config":{{"mediaType":"c","size":5,"digest":"{}"}},"layers":[{{"mediaType":"l","size":5,"digest":"{}"}}]}})",
        kManifestType, kHelloDigest, kHelloDigest);
  }

  Response put_manifest(const std::string& reference, const std::string& body,
                        const std::string& type = kManifestType) {
    return call("PUT", "/v2/app/manifests/" + reference, {}, {{"Content-Type", type}}, body);
  }

  test::TempDir dir_;
  std::unique_ptr<Storage> storage_;
  std::unique_ptr<RegistryHandler> handler_;
};

INSTANTIATE_TEST_SUITE_P(Storage, ProtocolTest, testing::Values("Memory", "Directory"),
                         [](const auto& row) { return row.param; });

TEST_P(ProtocolTest, SaysThatItIsARegistry) {
  EXPECT_EQ(call("GET", "/v2/").status, 200);
  EXPECT_EQ(header(call("GET", "/v2/"), "Docker-Distribution-API-Version"), "registry/2.0");
  EXPECT_EQ(call("GET", "/elsewhere").status, 404);
  EXPECT_EQ(call("POST", "/v2/").status, 405);
}

TEST_P(ProtocolTest, TakesABlobInOneRequest) {
  const Response put =
      call("POST", "/v2/app/blobs/uploads/", {{"digest", kHelloDigest}}, {}, kHello);
  EXPECT_EQ(put.status, 201);
  EXPECT_EQ(header(put, "Location"), "/v2/app/blobs/" + kHelloDigest);
  EXPECT_EQ(header(put, "Docker-Content-Digest"), kHelloDigest);
  EXPECT_EQ(body_of(call("GET", "/v2/app/blobs/" + kHelloDigest)), kHello);
}

TEST_P(ProtocolTest, TakesABlobInChunks) {
  const std::string location = begin_upload();
  const Response first = call("PATCH", location, {}, {{"Content-Range", "0-1"}}, "he");
  EXPECT_EQ(first.status, 202);
  EXPECT_EQ(header(first, "Range"), "0-1");
  EXPECT_EQ(call("PATCH", location, {}, {{"Content-Range", "2-3"}}, "ll").status, 202);
  const Response status = call("GET", location);
  EXPECT_EQ(status.status, 204);
  EXPECT_EQ(header(status, "Range"), "0-3");
  EXPECT_EQ(call("PUT", location, {{"digest", kHelloDigest}}, {}, "o").status, 201);
  EXPECT_EQ(call("GET", location).status, 404) << "the session is over";
}

TEST_P(ProtocolTest, RefusesChunksOutOfOrder) {
  const std::string location = begin_upload();
  call("PATCH", location, {}, {{"Content-Range", "0-1"}}, "he");
  for (const char* range : {"0-1", "3-4", "1-2", "2-1", "2-9", "nonsense"}) {
    const Response refused = call("PATCH", location, {}, {{"Content-Range", range}}, "ll");
    EXPECT_EQ(refused.status, 416) << range;
    EXPECT_EQ(header(refused, "Range"), "0-1");
  }
  EXPECT_EQ(call("PUT", location, {{"digest", kHelloDigest}}, {}, "llo").status, 201);
}

TEST_P(ProtocolTest, RefusesContentOfAnotherDigest) {
  const Response put = call("PUT", begin_upload(), {{"digest", kHelloDigest}}, {}, "other");
  EXPECT_EQ(put.status, 400);
  EXPECT_NE(body_of(put).find("\"code\":\"DIGEST_INVALID\""), std::string::npos);
  EXPECT_EQ(call("GET", "/v2/app/blobs/" + kHelloDigest).status, 404);
  EXPECT_EQ(call("PUT", begin_upload(), {{"digest", "sha256:zz"}}, {}, kHello).status, 400);
  EXPECT_EQ(call("PUT", begin_upload(), {}, {}, kHello).status, 400);
}

TEST_P(ProtocolTest, KnowsSha512AndTheEmptyBlob) {
  EXPECT_EQ(call("PUT", begin_upload(), {{"digest", kHelloSha512}}, {}, kHello).status, 201);
  EXPECT_EQ(body_of(call("GET", "/v2/app/blobs/" + kHelloSha512)), kHello);
  const std::string empty =
      "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  EXPECT_EQ(call("PUT", begin_upload(), {{"digest", empty}}).status, 201);
  EXPECT_EQ(body_of(call("GET", "/v2/app/blobs/" + empty)), "");
}

TEST_P(ProtocolTest, CancelsAnUpload) {
  const std::string location = begin_upload();
  EXPECT_EQ(call("DELETE", location).status, 204);
  EXPECT_EQ(call("DELETE", location).status, 404);
  EXPECT_EQ(call("PATCH", location, {}, {}, "x").status, 404);
  for (const char* session : {"..", "../../../etc/passwd", "0123", ""})
    EXPECT_EQ(call("GET", std::string("/v2/app/blobs/uploads/") + session + "x").status / 100, 4);
}

struct RangeRow {
  const char* range;
  int status;
  const char* body;
  const char* content_range;
};

TEST_P(ProtocolTest, ServesRanges) {
  push_hello();
  for (const RangeRow& row :
       {RangeRow{"bytes=1-3", 206, "ell", "bytes 1-3/5"},
        RangeRow{"bytes=3-", 206, "lo", "bytes 3-4/5"},
        RangeRow{"bytes=-2", 206, "lo", "bytes 3-4/5"},
        RangeRow{"bytes=-9", 206, "hello", "bytes 0-4/5"},
        RangeRow{"bytes=0-99", 206, "hello", "bytes 0-4/5"},
        RangeRow{"bytes=5-", 416, nullptr, "bytes */5"},
        RangeRow{"bytes=-0", 416, nullptr, "bytes */5"}, RangeRow{"bytes=2-1", 200, "hello", ""},
        RangeRow{"bytes=0-1,3-4", 200, "hello", ""}, RangeRow{"lines=1-2", 200, "hello", ""},
        RangeRow{"bytes=-", 200, "hello", ""},
        RangeRow{"bytes=18446744073709551616-", 200, "hello", ""}}) {
    const Response got = call("GET", "/v2/app/blobs/" + kHelloDigest, {}, {{"Range", row.range}});
    EXPECT_EQ(got.status, row.status) << row.range;
    if (row.body != nullptr) {
      EXPECT_EQ(body_of(got), row.body) << row.range;
    }
    EXPECT_EQ(header(got, "Content-Range"), row.content_range) << row.range;
  }
}

TEST_P(ProtocolTest, MountsOrBeginsAnUpload) {
  push_hello();
  const Response mounted =
      call("POST", "/v2/other/app/blobs/uploads/", {{"mount", kHelloDigest}, {"from", "app"}});
  EXPECT_EQ(mounted.status, 201);
  EXPECT_EQ(body_of(call("GET", "/v2/other/app/blobs/" + kHelloDigest)), kHello);
  for (const char* from : {"nowhere", "../app", "app/"})
    EXPECT_EQ(
        call("POST", "/v2/third/blobs/uploads/", {{"mount", kHelloDigest}, {"from", from}}).status,
        202);
}

TEST_P(ProtocolTest, KeepsManifestsByteForByte) {
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

TEST_P(ProtocolTest, RefusesBadManifests) {
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

TEST_P(ProtocolTest, WantsAnIndexsChildren) {
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

TEST_P(ProtocolTest, SaysWhatIsUnknown) {
  EXPECT_NE(body_of(call("GET", "/v2/app/manifests/latest"))
                .find(R"("code":"NAME_UNKNOWN","message":"Unknown name")"),
            std::string::npos);
  push_hello();
  EXPECT_NE(body_of(call("GET", "/v2/app/manifests/latest")).find("MANIFEST_UNKNOWN"),
            std::string::npos);
  EXPECT_NE(
      body_of(call("GET", "/v2/app/blobs/sha256:" + std::string(64, '0'))).find("BLOB_UNKNOWN"),
      std::string::npos);
  EXPECT_EQ(call("GET", "/v2/app/blobs/sha256:0").status, 400);
  EXPECT_EQ(call("GET", "/v2/UPPER/manifests/x").status, 400);
}

TEST_P(ProtocolTest, ListsTagsInPages) {
  push_hello();
  for (const char* tag : {"c", "a", "b", "B"}) put_manifest(tag, image_manifest());
  EXPECT_EQ(body_of(call("GET", "/v2/app/tags/list")),
            R"({"name":"app","tags":["B","a","b","c"]})");
  const Response page = call("GET", "/v2/app/tags/list", {{"n", "2"}});
  EXPECT_EQ(body_of(page), R"({"name":"app","tags":["B","a"]})");
  EXPECT_EQ(header(page, "Link"), "</v2/app/tags/list?n=2&last=a>; rel=\"next\"");
  EXPECT_EQ(body_of(call("GET", "/v2/app/tags/list", {{"n", "2"}, {"last", "a"}})),
            R"({"name":"app","tags":["b","c"]})");
  EXPECT_EQ(call("GET", "/v2/none/tags/list").status, 404);
}

TEST_P(ProtocolTest, DeletesTagsManifestsAndBlobs) {
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

}  // namespace
}  // namespace tote::testregistry
