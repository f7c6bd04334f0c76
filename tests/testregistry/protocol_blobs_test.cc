// Blobs: pulling, pushing, mounting, over each kind of storage.
#include "tests/testregistry/protocol_fixture.h"

#include <fmt/format.h>

namespace tote::testregistry {
namespace {

using BlobProtocol = ProtocolTest;
INSTANTIATE_TEST_SUITE_P(Storage, BlobProtocol, testing::Values("Memory", "Directory", "Layouts"),
                         [](const auto& row) { return row.param; });

TEST_P(BlobProtocol, TakesABlobInOneRequest) {
  const Response put =
      call("POST", "/v2/app/blobs/uploads/", {{"digest", kHelloDigest}}, {}, kHello);
  EXPECT_EQ(put.status, 201);
  EXPECT_EQ(header(put, "Location"), "/v2/app/blobs/" + kHelloDigest);
  EXPECT_EQ(header(put, "Docker-Content-Digest"), kHelloDigest);
  EXPECT_EQ(body_of(call("GET", "/v2/app/blobs/" + kHelloDigest)), kHello);
}

TEST_P(BlobProtocol, TakesABlobInChunks) {
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

TEST_P(BlobProtocol, RefusesChunksOutOfOrder) {
  const std::string location = begin_upload();
  call("PATCH", location, {}, {{"Content-Range", "0-1"}}, "he");
  for (const char* range : {"0-1", "3-4", "1-2", "2-1", "2-9", "nonsense"}) {
    const Response refused = call("PATCH", location, {}, {{"Content-Range", range}}, "ll");
    EXPECT_EQ(refused.status, 416) << range;
    EXPECT_EQ(header(refused, "Range"), "0-1");
  }
  EXPECT_EQ(call("PUT", location, {{"digest", kHelloDigest}}, {}, "llo").status, 201);
}

TEST_P(BlobProtocol, RefusesAChunkOfUnknownLengthThatIsNotWhatItsRangeSays) {
  const std::string location = begin_upload();
  Begun begun = handler_->begin({"PATCH", location, {}, {{"Content-Range", "0-3"}}, {}});
  auto& exchange = std::get<std::unique_ptr<Exchange>>(begun);
  exchange->on_body(as_bytes("he"));
  const Response refused = exchange->finish();
  EXPECT_EQ(refused.status, 416);
  EXPECT_EQ(header(refused, "Range"), "0-1");
  exchange.reset();
  EXPECT_EQ(call("PUT", location, {{"digest", kHelloDigest}}, {}, "llo").status, 201);
}

TEST_P(BlobProtocol, RefusesContentOfAnotherDigest) {
  const Response put = call("PUT", begin_upload(), {{"digest", kHelloDigest}}, {}, "other");
  EXPECT_EQ(put.status, 400);
  EXPECT_NE(body_of(put).find("\"code\":\"DIGEST_INVALID\""), std::string::npos);
  EXPECT_EQ(call("GET", "/v2/app/blobs/" + kHelloDigest).status, 404);
  EXPECT_EQ(call("PUT", begin_upload(), {{"digest", "sha256:zz"}}, {}, kHello).status, 400);
  EXPECT_EQ(call("PUT", begin_upload(), {}, {}, kHello).status, 400);
}

TEST_P(BlobProtocol, AnswersHeadLikeGet) {
  push_hello();
  const Response head = call("HEAD", "/v2/app/blobs/" + kHelloDigest);
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.body_length(), 5U) << "the server makes Content-Length of it";
  EXPECT_EQ(header(head, "Docker-Content-Digest"), kHelloDigest);
  EXPECT_EQ(call("HEAD", "/v2/app/blobs/sha256:" + std::string(64, '0')).status, 404);
  EXPECT_EQ(call("HEAD", "/v2/app/blobs/" + kHelloDigest, {}, {{"Range", "bytes=9-"}}).status, 200)
      << "a range means nothing here";
  EXPECT_EQ(header(call("POST", "/v2/app/blobs/" + kHelloDigest), "Allow"), "GET, HEAD, DELETE");
}

TEST_P(BlobProtocol, TakesABlobInAStream) {
  const std::string location = begin_upload();
  const Response streamed = call("PATCH", location, {}, {}, kHello);
  EXPECT_EQ(streamed.status, 202);
  EXPECT_EQ(header(streamed, "Range"), "0-4");
  EXPECT_EQ(call("PUT", location, {{"digest", kHelloDigest}}).status, 201);
  EXPECT_EQ(body_of(call("GET", "/v2/app/blobs/" + kHelloDigest)), kHello);
}

TEST_P(BlobProtocol, RefusesALastChunkOutOfOrder) {
  const std::string location = begin_upload();
  call("PATCH", location, {}, {{"Content-Range", "0-1"}}, "he");
  const Response refused =
      call("PUT", location, {{"digest", kHelloDigest}}, {{"Content-Range", "3-5"}}, "llo");
  EXPECT_EQ(refused.status, 416);
  EXPECT_EQ(header(refused, "Range"), "0-1");
  EXPECT_EQ(header(refused, "Location"), location);
  EXPECT_EQ(
      call("PUT", location, {{"digest", kHelloDigest}}, {{"Content-Range", "2-4"}}, "llo").status,
      201);
}

TEST_P(BlobProtocol, BeginsAnUploadForAnAlgorithm) {
  const auto begin = [&](const std::string& algorithm) {
    return call("POST", "/v2/app/blobs/uploads/", {{"digest-algorithm", algorithm}});
  };
  const Response begun = begin("sha512");
  EXPECT_EQ(begun.status, 202);
  EXPECT_EQ(call("PUT", header(begun, "Location"), {{"digest", kHelloSha512}}, {}, kHello).status,
            201);
  EXPECT_EQ(call("PUT", header(begin("sha512"), "Location"), {{"digest", kHelloDigest}}, {}, kHello)
                .status,
            201)
      << "the client may think again";
  EXPECT_EQ(begin("md5").status, 400);
  EXPECT_EQ(call("POST", "/v2/app/blobs/uploads/", {{"digest", kHelloSha512}}, {}, kHello).status,
            201);
}

TEST_P(BlobProtocol, MountsFromAnywhereIfAllowed) {
  push_hello();
  const auto mount = [&](const std::string& repository) {
    return call("POST", "/v2/" + repository + "/blobs/uploads/", {{"mount", kHelloDigest}});
  };
  EXPECT_EQ(mount("other").status, 201);
  EXPECT_EQ(body_of(call("GET", "/v2/other/blobs/" + kHelloDigest)), kHello);
  RegistryOptions strict;
  strict.allow_anonymous_mount = false;
  use_options(strict);
  EXPECT_EQ(mount("third").status, 202);
}

TEST_P(BlobProtocol, RefusesBlobsOverTheLimit) {
  RegistryOptions small;
  small.max_blob_size = 4;
  use_options(small);
  const Response put =
      call("POST", "/v2/app/blobs/uploads/", {{"digest", kHelloDigest}}, {}, kHello);
  EXPECT_EQ(put.status, 413);
  EXPECT_THAT(body_of(put), HasSubstr("SIZE_INVALID"));
  const std::string location = begin_upload();
  EXPECT_EQ(call("PATCH", location, {}, {}, "hell").status, 202);
  EXPECT_EQ(call("PATCH", location, {}, {}, "o").status, 413);
}

TEST_P(BlobProtocol, RefusesWhatIsOverAQuota) {
  if (std::string_view(GetParam()) == "Layouts") GTEST_SKIP() << "quotas are not for layouts";
  Quotas quotas;
  quotas.set_limit("team", 12);
  quotas.watch(*storage_);
  RegistryOptions limited;
  limited.quotas = &quotas;
  use_options(limited);
  push_blob(kHello, "team/a");
  push_blob(kHello, "team/a");  // is there already
  push_blob(kHello, "team/b");
  push_blob(kHello, "teamwork");
  const Response refused =
      call("POST", "/v2/team/a/blobs/uploads/", {{"digest", sha256_of("abc")}}, {}, "abc");
  EXPECT_EQ(refused.status, 403);
  EXPECT_THAT(body_of(refused),
              HasSubstr("the quota of 'team' is 12 bytes: 10 are used, 3 more were asked for"));
  push_blob(kHello, "team/b");  // what is there takes no more
  EXPECT_EQ(call("POST", "/v2/team/c/blobs/uploads/", {{"mount", kHelloDigest}}).status, 202);
  EXPECT_EQ(
      call("POST", "/v2/team/c/blobs/uploads/", {{"mount", kHelloDigest}, {"from", "teamwork"}})
          .status,
      403);
  EXPECT_EQ(call("DELETE", "/v2/team/a/blobs/" + kHelloDigest).status, 202);
  push_blob("abc", "team/a");
}

TEST_P(BlobProtocol, DeletesNothingIfForbidden) {
  push_hello();
  RegistryOptions options;
  options.allow_delete = false;
  use_options(options);
  EXPECT_EQ(call("DELETE", "/v2/app/blobs/" + kHelloDigest).status, 405);
  EXPECT_EQ(call("DELETE", "/v2/app/manifests/v1").status, 405);
}

TEST_P(BlobProtocol, ChangesNothingThatIsReadOnly) {
  push_hello();
  put_manifest("v1", image_manifest());
  handler_ = std::make_unique<RegistryHandler>(StorageReader(*storage_));
  EXPECT_EQ(call("GET", "/v2/app/manifests/v1").status, 200);
  EXPECT_EQ(call("GET", "/v2/app/blobs/" + kHelloDigest).status, 200);
  EXPECT_EQ(call("POST", "/v2/app/blobs/uploads/").status, 405);
  EXPECT_EQ(put_manifest("v2", image_manifest()).status, 405);
  EXPECT_EQ(call("DELETE", "/v2/app/manifests/v1").status, 405);
  EXPECT_EQ(call("DELETE", "/v2/app/blobs/" + kHelloDigest).status, 405);
}

TEST_P(BlobProtocol, KnowsSha512AndTheEmptyBlob) {
  EXPECT_EQ(call("PUT", begin_upload(), {{"digest", kHelloSha512}}, {}, kHello).status, 201);
  EXPECT_EQ(body_of(call("GET", "/v2/app/blobs/" + kHelloSha512)), kHello);
  EXPECT_EQ(header(call("GET", "/v2/app/blobs/" + kHelloSha512), "Docker-Content-Digest"),
            kHelloSha512);
  const std::string empty =
      "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  EXPECT_EQ(call("PUT", begin_upload(), {{"digest", empty}}).status, 201);
  EXPECT_EQ(body_of(call("GET", "/v2/app/blobs/" + empty)), "");
}

TEST_P(BlobProtocol, CancelsAnUpload) {
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

TEST_P(BlobProtocol, ServesRanges) {
  push_hello();
  for (const RangeRow& row :
       {RangeRow{"bytes=1-3", 206, "ell", "bytes 1-3/5"},
        RangeRow{"bytes=3-", 206, "lo", "bytes 3-4/5"},
        RangeRow{"bytes=-2", 206, "lo", "bytes 3-4/5"},
        RangeRow{"bytes=-9", 206, "hello", "bytes 0-4/5"},
        RangeRow{"bytes=0-99", 206, "hello", "bytes 0-4/5"},
        RangeRow{"bytes=5-", 416, nullptr, "bytes */5"},
        RangeRow{"bytes=-0", 416, nullptr, "bytes */5"},
        RangeRow{"bytes=2-1", 416, nullptr, "bytes */5"},
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

TEST_P(BlobProtocol, MountsOrBeginsAnUpload) {
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

}  // namespace
}  // namespace tote::testregistry
