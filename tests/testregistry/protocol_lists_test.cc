// The base, lists of tags, referrers and repositories, and errors, over each kind of storage.
#include "tests/testregistry/protocol_fixture.h"

#include <fmt/format.h>

namespace tote::testregistry {
namespace {

using ListProtocol = ProtocolTest;
INSTANTIATE_TEST_SUITE_P(Storage, ListProtocol, testing::Values("Memory", "Directory", "Layouts"),
                         [](const auto& row) { return row.param; });

TEST_P(ListProtocol, SaysThatItIsARegistry) {
  EXPECT_EQ(call("GET", "/v2/").status, 200);
  EXPECT_EQ(header(call("GET", "/v2/"), "Docker-Distribution-API-Version"), "registry/2.0");
  EXPECT_EQ(call("GET", "/elsewhere").status, 404);
  EXPECT_EQ(call("POST", "/v2/").status, 405);
}

TEST_P(ListProtocol, SaysWhatIsUnknown) {
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

TEST_P(ListProtocol, WarnsWithEveryAnswer) {
  RegistryOptions options;
  options.warning = "It moves \"soon\"";
  use_options(options);
  for (const char* target : {"/v2/", "/v2/app/manifests/v1", "/elsewhere"})
    EXPECT_EQ(header(call("GET", target), "Warning"), R"(299 - "It moves \"soon\"")") << target;
}

TEST_P(ListProtocol, ListsTagsInPages) {
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

TEST_P(ListProtocol, ListsNoTagsForNAskedZero) {
  push_hello();
  put_manifest("a", image_manifest());
  const Response none = call("GET", "/v2/app/tags/list", {{"n", "0"}});
  EXPECT_EQ(body_of(none), R"({"name":"app","tags":[]})");
  EXPECT_EQ(header(none, "Link"), "");
  EXPECT_EQ(call("GET", "/v2/app/tags/list", {{"n", "few"}}).status, 400);
  EXPECT_EQ(body_of(call("GET", "/v2/app/tags/list", {{"last", "0"}})),
            R"({"name":"app","tags":["a"]})")
      << "without n";
}

TEST_P(ListProtocol, ListsRepositoriesInPages) {
  EXPECT_EQ(body_of(call("GET", "/v2/_catalog")), R"({"repositories":[]})");
  for (const char* repository : {"b/c", "a", "b-c", "b"}) push_blob("x", repository);
  EXPECT_EQ(body_of(call("GET", "/v2/_catalog")), R"({"repositories":["a","b","b-c","b/c"]})");
  const Response page = call("GET", "/v2/_catalog", {{"n", "2"}});
  EXPECT_EQ(body_of(page), R"({"repositories":["a","b"]})");
  EXPECT_EQ(header(page, "Link"), "</v2/_catalog?n=2&last=b>; rel=\"next\"");
  const Response last = call("GET", "/v2/_catalog", {{"n", "2"}, {"last", "b"}});
  EXPECT_EQ(body_of(last), R"({"repositories":["b-c","b/c"]})");
  EXPECT_EQ(header(last, "Link"), "");
}

class ReferrersProtocol : public ProtocolTest {
 protected:
  static std::string subject(const std::string& of) {
    return fmt::format(R"(,"subject":{})", descriptor(kManifestType, sha256_of(of), of.size()));
  }

  Response referrers(NameValues query = {}) {
    return call("GET", "/v2/app/referrers/" + sha256_of(image_manifest()), std::move(query));
  }
};

INSTANTIATE_TEST_SUITE_P(Storage, ReferrersProtocol,
                         testing::Values("Memory", "Directory", "Layouts"),
                         [](const auto& row) { return row.param; });

TEST_P(ReferrersProtocol, AreNoneWhereNothingRefers) {
  const Response none = referrers();
  EXPECT_EQ(none.status, 200) << "never 404, not even for an unknown repository";
  EXPECT_EQ(header(none, "Content-Type"), kIndexType);
  EXPECT_EQ(
      body_of(none),
      R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]})");
  EXPECT_EQ(call("GET", "/v2/app/referrers/sha256:zz").status, 400);
}

TEST_P(ReferrersProtocol, AreListedWithTypeAndAnnotations) {
  push_hello();
  const std::string typed = image_manifest(
      R"(,"artifactType":"application/vnd.sbom","annotations":{"a":"1","b":"\"<2>"})" +
      subject(image_manifest()));
  const std::string plain = image_manifest(subject(image_manifest()));
  const std::string index = index_manifest("", subject(image_manifest()));
  for (const std::string& manifest : {typed, plain}) {
    const Response put = put_manifest(sha256_of(manifest), manifest);
    EXPECT_EQ(put.status, 201) << "the subject may come later";
    EXPECT_EQ(header(put, "OCI-Subject"), sha256_of(image_manifest()));
  }
  EXPECT_EQ(header(put_manifest("index", index, kIndexType), "OCI-Subject"),
            sha256_of(image_manifest()));
  EXPECT_EQ(put_manifest("v1", image_manifest()).status, 201);

  const std::string list = body_of(referrers());
  EXPECT_THAT(
      list,
      HasSubstr(fmt::format(
          R"({{"mediaType":"{}","digest":"{}","size":{},"artifactType":"application/vnd.sbom","annotations":{{"a":"1","b":"\"\u003c2\u003e"}}}})",
          kManifestType, sha256_of(typed), typed.size())));
  EXPECT_THAT(
      list,
      HasSubstr(fmt::format(
          R"("digest":"{}","size":{},"artifactType":"application/vnd.oci.image.config.v1+json"}})",
          sha256_of(plain), plain.size())))
      << "the type of its config";
  EXPECT_THAT(list, HasSubstr(fmt::format(R"({{"mediaType":"{}","digest":"{}","size":{}}})",
                                          kIndexType, sha256_of(index), index.size())))
      << "an index has no config to take a type from";
}

TEST_P(ReferrersProtocol, AreFilteredByType) {
  push_hello();
  for (const char* type : {"application/a", "application/b"})
    put_manifest(type + 12, image_manifest(fmt::format(R"(,"artifactType":"{}")", type) +
                                           subject(image_manifest())));
  const Response filtered = referrers({{"artifactType", "application/b"}});
  EXPECT_EQ(header(filtered, "OCI-Filters-Applied"), "artifactType");
  EXPECT_THAT(body_of(filtered), HasSubstr("application/b"));
  EXPECT_THAT(body_of(filtered), Not(HasSubstr("application/a")));
  EXPECT_EQ(header(referrers(), "OCI-Filters-Applied"), "");
}

TEST_P(ReferrersProtocol, ComeInPages) {
  push_hello();
  for (int i = 0; i < 5; ++i) {
    const std::string manifest = image_manifest(fmt::format(R"(,"annotations":{{"n":"{}"}})", i) +
                                                subject(image_manifest()));
    put_manifest(sha256_of(manifest), manifest);
  }
  NameValues query{{"n", "2"}};
  std::string seen;
  int pages = 0;
  for (bool more = true; more; ++pages) {
    const Response page = referrers(query);
    seen += body_of(page);
    const std::string link = header(page, "Link");
    more = !link.empty();
    if (!more) continue;
    const std::string path =
        "</v2/app/referrers/" + sha256_of(image_manifest()) + "?last=sha256%3A";
    ASSERT_EQ(link.substr(0, path.size()), path);
    ASSERT_THAT(link, testing::EndsWith("&n=2>; rel=\"next\""));
    query = {{"n", "2"}, {"last", "sha256:" + link.substr(path.size(), 64)}};
  }
  EXPECT_EQ(pages, 3);
  for (int i = 0; i < 5; ++i) EXPECT_THAT(seen, HasSubstr(fmt::format(R"("n":"{}")", i)));
}

TEST_P(ReferrersProtocol, StayUnderTheSizeOfAManifest) {
  push_hello();
  for (int i = 0; i < 60; ++i)
    put_manifest(fmt::format("r{}", i),
                 image_manifest(
                     fmt::format(R"(,"annotations":{{"n{}":"{}"}})", i, std::string(60'000, 'x')) +
                     subject(image_manifest())));
  const Response first = referrers();
  EXPECT_LT(first.body_length(), 4U << 20U);
  EXPECT_NE(header(first, "Link"), "");
}

TEST_P(ReferrersProtocol, GoWithTheirManifest) {
  push_hello();
  const std::string referrer = image_manifest(subject(image_manifest()));
  put_manifest("r", referrer);
  put_manifest("v1", image_manifest());
  EXPECT_THAT(body_of(referrers()), HasSubstr(sha256_of(referrer)));
  EXPECT_EQ(call("DELETE", "/v2/app/manifests/v1").status, 202);
  EXPECT_THAT(body_of(referrers()), HasSubstr(sha256_of(referrer)));
  EXPECT_EQ(call("DELETE", "/v2/app/manifests/" + sha256_of(referrer)).status, 202);
  EXPECT_THAT(body_of(referrers()), Not(HasSubstr(sha256_of(referrer))));
}

// A list of them would be many times as large as the manifests.
TEST_P(ReferrersProtocol, LeaveLargeAnnotationsOut) {
  push_hello();
  for (const auto& [size, is_shown] :
       {std::pair<std::size_t, bool>{60'000, true}, {70'000, false}}) {
    const std::string with_annotation =
        image_manifest(subject(image_manifest()) +
                       fmt::format(R"(,"annotations":{{"a":"{}"}})", std::string(size, 'x')));
    ASSERT_EQ(put_manifest(sha256_of(with_annotation), with_annotation).status, 201);
    const std::string list = body_of(referrers());
    EXPECT_THAT(list, HasSubstr(sha256_of(with_annotation)));
    EXPECT_EQ(list.find(std::string(size, 'x')) != std::string::npos, is_shown) << size;
  }
}

}  // namespace
}  // namespace tote::testregistry
