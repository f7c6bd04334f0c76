#include "registry/auth/cloud_keychain.h"

#include "tests/support/matchers.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <filesystem>

namespace tote::registry {
namespace {

using testing::HasSubstr;

oci::Repository repository(const std::string& name) {
  return oci::Repository::parse(name);
}

Environment clouds(const std::string& active, const std::string& enable_all) {
  return {{"IMGPKG_ACTIVE_KEYCHAINS", active}, {"IMGPKG_ENABLE_IAAS_AUTH", enable_all}};
}

class CloudKeychainTest : public testing::Test {
 protected:
  // A helper that answers for whatever it is asked.
  void install(const std::string& name, const std::string& script) {
    const auto path = dir_ / ("docker-credential-" + name);
    test::write_text(path, "#!/bin/sh\n" + script + "\n");
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  }

  test::TempDir dir_;
  CredentialHelpers helpers_{{{"PATH", dir_.path().string() + ":/usr/bin:/bin"}}};
};

TEST_F(CloudKeychainTest, AsksTheHelperOfTheCloudThatOwnsTheRegistry) {
  install("ecr-login", R"(read key; echo "{\"Username\":\"AWS\",\"Secret\":\"for $key\"}")");
  const CloudKeychains keychains(clouds("gke, ecr", ""));
  const auto found =
      keychains.find(repository("123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/app"), helpers_,
                     std::stop_token());
  ASSERT_TRUE(found);
  EXPECT_EQ(found->username, "AWS");
  EXPECT_EQ(found->password, "for 123456789012.dkr.ecr.eu-west-1.amazonaws.com");
  EXPECT_FALSE(keychains.find(repository("example.com/team/app"), helpers_, std::stop_token()));
  EXPECT_FALSE(CloudKeychains(clouds("", ""))
                   .find(repository("123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/app"),
                         helpers_, std::stop_token()));
}

TEST_F(CloudKeychainTest, TakesAHelperThatFailsForNone) {
  install("gcloud", "exit 1");
  const CloudKeychains keychains(clouds("gke,aks", ""));
  EXPECT_FALSE(keychains.find(repository("eu.gcr.io/team/app"), helpers_, std::stop_token()));
  EXPECT_FALSE(keychains.find(repository("team.azurecr.io/app"), helpers_, std::stop_token()))
      << "is not installed";
}

TEST_F(CloudKeychainTest, KnowsGithubByItsVariables) {
  const CloudKeychains keychains({{"IMGPKG_ENABLE_IAAS_AUTH", "TRUE"}, {"GITHUB_TOKEN", "secret"}});
  const auto found = keychains.find(repository("ghcr.io/team/app"), helpers_, {});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->username, "unset");
  EXPECT_EQ(found->password, "secret");
}

TEST_F(CloudKeychainTest, AreAllActiveIfTheOldVariableSaysSo) {
  install("gcloud", R"(echo '{"Username":"_token","Secret":"s"}')");
  install("ecr-login", R"(echo '{"Username":"AWS","Secret":"s"}')");
  for (const char* spelling : {"true", "TRUE"}) {
    const CloudKeychains keychains(clouds("github", spelling));
    EXPECT_TRUE(keychains.find(repository("eu.gcr.io/team/app"), helpers_, std::stop_token()));
    EXPECT_TRUE(keychains.find(repository("public.ecr.aws/team/app"), helpers_, std::stop_token()));
  }
  EXPECT_FALSE(
      CloudKeychains(clouds("github", "false")).find(repository("eu.gcr.io/t/a"), helpers_, {}));
}

TEST_F(CloudKeychainTest, RefusesWhatItDoesNotKnow) {
  EXPECT_THAT([] { CloudKeychains(clouds("ecr,random-name", "")); },
              test::ThrowsError(ErrorKind::kUsage,
                                "Unable to load keychain for random-name, available keychains "
                                "[aks, ecr, gke, github]"));
}

TEST_F(CloudKeychainTest, NamesTheHelperToThoseWhoCanNotLogIn) {
  EXPECT_THAT(cloud_login_hint("eu.gcr.io"), HasSubstr("docker-credential-gcloud"));
  EXPECT_THAT(cloud_login_hint("public.ecr.aws"), HasSubstr("docker-credential-ecr-login"));
  EXPECT_THAT(cloud_login_hint("team.azurecr.io:443"), HasSubstr("docker-credential-acr-env"));
  EXPECT_THAT(cloud_login_hint("ghcr.io"), HasSubstr("GITHUB_TOKEN"));
  EXPECT_EQ(cloud_login_hint("example.com"), "");
}

}  // namespace
}  // namespace tote::registry
