#include "registry/docker_config.h"

#include "tests/support/matchers.h"

#include <gtest/gtest.h>

namespace tote::registry {
namespace {

Credentials find(const std::string& config, const std::string& repository) {
  return credentials_in_config(config, "config.json", oci::Repository::parse(repository));
}

TEST(DockerConfig, FindsAuthsByRepositoryThenByHost) {
  // "user:pa:ss"
  const std::string config =
      R"({"auths":{"reg.io":{"auth":"dXNlcjpwYTpzcw=="},"reg.io/team/app":{"username":"u2","password":"p2"}}})";
  EXPECT_EQ(find(config, "reg.io/other/app").username, "user");
  EXPECT_EQ(find(config, "reg.io/other/app").password, "pa:ss");
  EXPECT_EQ(find(config, "reg.io/team/app").username, "u2");
  EXPECT_EQ(find(config, "other.io/team/app").username, "");
}

TEST(DockerConfig, UnderstandsKeysWithSchemeAndPath) {
  for (const char* key :
       {"http://localhost:5361/v2/", "https://localhost:5361", "localhost:5361/src"})
    EXPECT_EQ(find(R"({"auths":{")" + std::string(key) + R"(":{"username":"u","password":"p"}}})",
                   "localhost:5361/app")
                  .username,
              "u")
        << key;
  EXPECT_EQ(
      find(R"({"auths":{"https://index.docker.io/v1/":{"username":"u","password":"p"}}})", "ubuntu")
          .username,
      "u");
}

TEST(DockerConfig, TakesTokens) {
  const Credentials found =
      find(R"({"auths":{"reg.io":{"identitytoken":"i","registrytoken":"r"}}})", "reg.io/app");
  EXPECT_EQ(found.identity_token, "i");
  EXPECT_EQ(found.registry_token, "r");
}

TEST(DockerConfig, SaysWhatIsWrongWithoutTheSecret) {
  EXPECT_THAT([] { find(R"({"auths":{"reg.io":{"auth":"bm9jb2xvbg=="}}})", "reg.io/app"); },
              test::ThrowsError(ErrorKind::kParse, "not base64 of 'user:password'"));
  EXPECT_THAT([] { find("{", "reg.io/app"); },
              test::ThrowsError(ErrorKind::kParse, "config.json: not valid JSON"));
  EXPECT_THAT([] { find(R"({"credsStore":"../../evil"})", "reg.io/app"); },
              test::ThrowsError(ErrorKind::kParse, "can not be a credential helper"));
}

}  // namespace
}  // namespace tote::registry
