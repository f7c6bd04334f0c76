#include "oci/reference.h"

#include "tests/support/matchers.h"

#include <gtest/gtest.h>

namespace tote::oci {
namespace {

using test::ThrowsError;

const std::string kDigest = "sha256:" + std::string(64, 'a');

struct Case {
  const char* name;
  std::string text;
  std::string want;
};
class ReferenceParse : public testing::TestWithParam<Case> {};

TEST_P(ReferenceParse, Normalises) {
  EXPECT_EQ(Reference::parse(GetParam().text).name(), GetParam().want);
}

INSTANTIATE_TEST_SUITE_P(
    All, ReferenceParse,
    testing::Values(Case{"TagWithPort", "localhost:5000/app:v1", "localhost:5000/app:v1"},
                    Case{"NoTagIsLatest", "reg.io/a/b", "reg.io/a/b:latest"},
                    Case{"DigestDropsTag", "reg.io/app:v1@" + kDigest, "reg.io/app@" + kDigest},
                    Case{"OfficialImage", "ubuntu", "index.docker.io/library/ubuntu:latest"},
                    Case{"HubUser", "user/app@" + kDigest, "index.docker.io/user/app@" + kDigest},
                    Case{"HubAlias", "docker.io/app:1", "index.docker.io/library/app:1"},
                    Case{"NoDotIsHub", "localhost/xy", "index.docker.io/localhost/xy:latest"}),
    [](const auto& row) { return row.param.name; });

TEST(ReferenceParseTag, RefusesInPlainWords) {
  EXPECT_THAT([] { Reference::parse_tag("host:5000/p:1"); },
              ThrowsError(ErrorKind::kParse,
                          "repository must be between 2 and 255 characters in length: p"));
  EXPECT_THAT([] { Reference::parse_tag("host:5000/app:Bad_Tag!"); },
              ThrowsError(ErrorKind::kParse, "tag can only contain the characters `"));
  EXPECT_THAT([] { Reference::parse_tag("host:5000/APP"); },
              ThrowsError(ErrorKind::kParse, "repository can only contain the characters `"));
  EXPECT_THAT([] { Reference::parse_tag("host:5000/app@" + kDigest); },
              ThrowsError(ErrorKind::kParse, "repository can only contain"));
  EXPECT_THAT([] { Reference::parse_tag(""); },
              ThrowsError(ErrorKind::kParse, "a repository name must be specified"));
}

TEST(ReferenceParse, RefusesNamesThatWouldLeadElsewhere) {
  for (const char* text : {"host:5000/a/../b", "host:5000//app", "host:5000/app/", "ho?st:1/app",
                           "user:pw@host:1/app", "https://host/app"})
    EXPECT_THAT([&] { Reference::parse(text); },
                ThrowsError(ErrorKind::kParse, "could not parse reference: "))
        << text;
}

TEST(Repository, TakesNoTag) {
  EXPECT_EQ(Repository::parse("h:1/app").name(), "h:1/app");
  EXPECT_THROW(Repository::parse("h:1/app:v1"), Error);
}

TEST(IsTag, KnowsTheAlphabetAndTheLength) {
  EXPECT_TRUE(is_tag("sha256-a.imgpkg"));
  EXPECT_TRUE(is_tag(std::string(128, 'x')));
  EXPECT_FALSE(is_tag(std::string(129, 'x')));
  EXPECT_FALSE(is_tag(""));
  EXPECT_FALSE(is_tag("a/b"));
}

}  // namespace
}  // namespace tote::oci
