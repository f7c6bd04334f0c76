#include "bundle/discover/image_name.h"

#include <gmock/gmock.h>

namespace tote::bundle::discover {
namespace {

struct NameCase {
  const char* text;
  const char* registry;
  const char* repository;
  const char* tag;
  const char* digest;
};

constexpr const char* kDigest =
    "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const std::string kAll = std::string("r.io:5000/a/b:1.2@") + kDigest;

class ImageNames : public testing::TestWithParam<NameCase> {};

TEST_P(ImageNames, AreTakenApartAsContainerdDoes) {
  const NameCase& param = GetParam();
  const std::optional<ImageName> name = ImageName::parse(param.text);
  ASSERT_TRUE(name) << param.text;
  EXPECT_EQ(*name, (ImageName{param.registry, param.repository, param.tag, param.digest}));
}

INSTANTIATE_TEST_SUITE_P(
    Names, ImageNames,
    testing::Values(NameCase{"nginx", "docker.io", "library/nginx", "", ""},
                    NameCase{"nginx:1.10", "docker.io", "library/nginx", "1.10", ""},
                    NameCase{"grafana/loki:3", "docker.io", "grafana/loki", "3", ""},
                    NameCase{"index.docker.io/x/y", "docker.io", "x/y", "", ""},
                    NameCase{"docker.io/nginx", "docker.io", "library/nginx", "", ""},
                    NameCase{"localhost/x:1", "localhost", "x", "1", ""},
                    NameCase{"localhost:5000/a/b", "localhost:5000", "a/b", "", ""},
                    NameCase{"host:5000/a:b", "host:5000", "a", "b", ""},
                    NameCase{"quay.io/a/b/c:v1", "quay.io", "a/b/c", "v1", ""},
                    NameCase{kAll.c_str(), "r.io:5000", "a/b", "1.2", kDigest}));

class NoNames : public testing::TestWithParam<const char*> {};

TEST_P(NoNames, AreRefused) {
  EXPECT_FALSE(ImageName::parse(GetParam())) << GetParam();
}

INSTANTIATE_TEST_SUITE_P(Texts, NoNames,
                         testing::Values("", " ", "a b", "{{ .Values.image }}", "https://x.io/a:1",
                                         "UPPER/case", "a/b:", "a/b:t t", "a@sha256:12", "r.io/",
                                         "/a", "a//b", "r.io/a/../b", ":tag", "@", "quay.io/a/b@"));

TEST(ImageNameText, SaysEverything) {
  EXPECT_EQ(ImageName::parse(kAll)->str(), kAll);
  EXPECT_EQ(ImageName::parse("nginx")->str(), "docker.io/library/nginx");
}

}  // namespace
}  // namespace tote::bundle::discover
