#include "testregistry/api/route.h"

#include "testregistry/values/names.h"

#include <gtest/gtest.h>

namespace tote::testregistry {
namespace {

struct Row {
  const char* path;
  Endpoint endpoint;
  const char* repository;
  const char* reference;
};
class ParseRoute : public testing::TestWithParam<Row> {};

TEST_P(ParseRoute, FindsTheEndpoint) {
  const Route route = parse_route(GetParam().path);
  EXPECT_EQ(route.endpoint, GetParam().endpoint);
  EXPECT_EQ(route.repository, GetParam().repository);
  EXPECT_EQ(route.reference, GetParam().reference);
}

INSTANTIATE_TEST_SUITE_P(
    All, ParseRoute,
    testing::Values(Row{"/v2/", Endpoint::kBase, "", ""}, Row{"/v2", Endpoint::kBase, "", ""},
                    Row{"/v2/a/b/blobs/sha256:x", Endpoint::kBlob, "a/b", "sha256:x"},
                    Row{"/v2/a/blobs/uploads/", Endpoint::kUploads, "a", ""},
                    Row{"/v2/a/blobs/uploads", Endpoint::kUploads, "a", "uploads"},
                    Row{"/v2/a/blobs/uploads/id", Endpoint::kUpload, "a", "id"},
                    Row{"/v2/a/manifests/v1", Endpoint::kManifest, "a", "v1"},
                    Row{"/v2/a/tags/list", Endpoint::kTags, "a", "list"},
                    Row{"/v2/manifests/manifests/manifests/x", Endpoint::kManifest,
                        "manifests/manifests", "x"},
                    Row{"/", Endpoint::kNone, "", ""}, Row{"/v2/a", Endpoint::kNone, "", ""},
                    Row{"/v2/manifests/x", Endpoint::kNone, "", ""},
                    Row{"/v1/a/manifests/x", Endpoint::kNone, "", ""},
                    Row{"/v2/../manifests/x", Endpoint::kInvalidName, "", ""},
                    Row{"/v2/A/manifests/x", Endpoint::kInvalidName, "", ""},
                    Row{"/v2/a//b/manifests/x", Endpoint::kInvalidName, "", ""},
                    Row{"/v2/_blobs/manifests/x", Endpoint::kInvalidName, "", ""}));

TEST(IsRepositoryName, KeepsTheGrammarOfTheSpecification) {
  for (const char* name : {"a", "a/b", "a.b", "a_b", "a__b", "a-b", "a---b", "0/1", "lib/x.y_z-0"})
    EXPECT_TRUE(is_repository_name(name)) << name;
  for (const char* name : {"", "/", "a/", "/a", "a//b", ".a", "a.", "a..b", "a___b", "a._b", "-a",
                           "A", "a b", "\xc3\xa9", "a/../b"})
    EXPECT_FALSE(is_repository_name(name)) << name;
  EXPECT_TRUE(is_repository_name(std::string(255, 'a')));
  EXPECT_FALSE(is_repository_name(std::string(256, 'a')));
}

TEST(IsTagName, KeepsTheGrammarOfTheSpecification) {
  for (const char* tag : {"latest", "1.0", "_x", "sha256-a.imgpkg", "A-b_c.d"})
    EXPECT_TRUE(is_tag_name(tag)) << tag;
  for (const char* tag : {"", ".x", "-x", "a/b", "a:b", "..", "a b"})
    EXPECT_FALSE(is_tag_name(tag)) << tag;
  EXPECT_FALSE(is_tag_name(std::string(129, 'a')));
}

}  // namespace
}  // namespace tote::testregistry
