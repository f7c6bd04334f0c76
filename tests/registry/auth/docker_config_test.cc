#include "registry/auth/docker_config.h"

#include "base/text.h"
#include "registry/auth/config_key.h"
#include "tests/support/matchers.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace tote::registry {
namespace {

Credentials find(const std::string& config, const std::string& repository) {
  CredentialHelpers helpers({});
  return credentials_in_config(config, "config.json", oci::Repository::parse(repository), helpers);
}

std::string entry(const std::string& key, const std::string& password) {
  return fmt::format(R"("{}":{{"auth":"{}"}})", key, base64_encode("user:" + password));
}

struct Choice {
  const char* name;
  std::vector<std::string> keys;  // of the file, in this order; each one's password is its key
  const char* repository;
  const char* chosen;  // empty: anonymous
};
class ChoiceOfEntry : public testing::TestWithParam<Choice> {};

TEST_P(ChoiceOfEntry, IsTheLongestThatIsForTheRepository) {
  std::string entries;
  for (const std::string& key : GetParam().keys)
    entries += (entries.empty() ? "" : ",") + entry(key, key);
  EXPECT_EQ(find(R"({"auths":{)" + entries + "}}", GetParam().repository).password,
            GetParam().chosen);
}

constexpr const char* kHub = "https://index.docker.io/v1/";

INSTANTIATE_TEST_SUITE_P(
    All, ChoiceOfEntry,
    testing::Values(
        Choice{"OfTheHost", {"reg.io"}, "reg.io/team/app", "reg.io"},
        Choice{
            "OfARepository", {"reg.io", "reg.io/team/app"}, "reg.io/team/app", "reg.io/team/app"},
        Choice{"OfANamespace", {"reg.io", "reg.io/team"}, "reg.io/team/app", "reg.io/team"},
        Choice{"OfTheLongerOfTwo",
               {"reg.io/team", "reg.io/team/sub", "reg.io"},
               "reg.io/team/sub/app",
               "reg.io/team/sub"},
        Choice{"NotOfAnotherNamespace", {"reg.io/blue"}, "reg.io/red/app", ""},
        Choice{"NotOfANameThatBeginsAlike", {"reg.io/team"}, "reg.io/teamwork/app", ""},
        Choice{"NotOfANamespaceBehindAScheme", {"https://reg.io/blue"}, "reg.io/red/app", ""},
        Choice{"NotOfAnotherPort", {"reg.io:5000"}, "reg.io/app", ""},
        Choice{"NotOfASubdomain", {"io"}, "reg.io/app", ""},
        Choice{"WithSchemeAndVersion",
               {"http://localhost:5361/v2/"},
               "localhost:5361/app",
               "http://localhost:5361/v2/"},
        Choice{"WithScheme",
               {"https://localhost:5361"},
               "localhost:5361/app",
               "https://localhost:5361"},
        Choice{"WithASlash", {"localhost:5361/"}, "localhost:5361/app", "localhost:5361/"},
        Choice{"WithANamespaceBehindTheVersion",
               {"https://reg.io/v2/team/"},
               "reg.io/team/app",
               "https://reg.io/v2/team/"},
        Choice{"InOtherCase", {"Reg.IO"}, "reg.io/app", "Reg.IO"},
        Choice{"CalledAsTheRegistryIs", {"https://reg.io", "reg.io"}, "reg.io/app", "reg.io"},
        Choice{"DockerHubByItsKey", {kHub}, "ubuntu", kHub},
        Choice{"DockerHubAsPodmanCallsIt", {"docker.io"}, "ubuntu", "docker.io"},
        Choice{"DockerHubByItsIndex", {"index.docker.io"}, "ubuntu", "index.docker.io"},
        Choice{"DockerHubByBoth", {"docker.io", kHub}, "ubuntu", kHub},
        Choice{"ANamespaceOfDockerHub", {kHub, "docker.io/me"}, "me/app", "docker.io/me"},
        Choice{"NotANamespaceOfDockerHub", {"docker.io/me"}, "you/app", ""},
        Choice{"NotDockerHubForOthers", {kHub, "docker.io"}, "reg.io/app", ""}),
    [](const auto& row) { return row.param.name; });

struct Entry {
  const char* name;
  const char* config;  // all of the file
  const char* user;
  const char* password;
};
class EntryOfDockerConfig : public testing::TestWithParam<Entry> {};

TEST_P(EntryOfDockerConfig, IsReadAsDockerReadsIt) {
  const Credentials found = find(GetParam().config, "reg.io/app");
  EXPECT_EQ(found.username, GetParam().user);
  EXPECT_EQ(found.password, GetParam().password);
}

INSTANTIATE_TEST_SUITE_P(
    All, EntryOfDockerConfig,
    testing::Values(
        Entry{"Base64", R"({"auths":{"reg.io":{"auth":"dXNlcjpwYTpzcw=="}}})", "user", "pa:ss"},
        Entry{"Base64WithLineBreaks", R"({"auths":{"reg.io":{"auth":"dXNl\ncjpw\r\nYTpzcw==\n"}}})",
              "user", "pa:ss"},
        Entry{"Base64WithoutPadding", R"({"auths":{"reg.io":{"auth":"dXNlcjpwYTpzcw"}}})", "user",
              "pa:ss"},
        Entry{"Names", R"({"auths":{"reg.io":{"username":"u","password":"p"}}})", "u", "p"},
        Entry{"EmptyAuth", R"({"auths":{"reg.io":{"auth":"","username":"u","password":"p"}}})", "u",
              "p"},
        Entry{"AnEmptyEntryBesideAFullOne",
              R"({"auths":{"reg.io":{},"https://reg.io":{"username":"u","password":"p"}}})", "u",
              "p"},
        Entry{"NoHelperForThisHost",
              R"({"credsStore":"tote-none","credHelpers":{"reg.io":""},)"
              R"("auths":{"reg.io":{"username":"u","password":"p"}}})",
              "u", "p"},
        Entry{"AHelperThatIsNotInstalled",
              R"({"credsStore":"tote-none","auths":{"reg.io":{"username":"u","password":"p"}}})",
              "u", "p"},
        Entry{"AHelperOfAnotherHost",
              R"({"credHelpers":{"other.io":"tote-none"},)"
              R"("auths":{"reg.io":{"username":"u","password":"p"}}})",
              "u", "p"},
        Entry{"Nothing", "{}", "", ""}, Entry{"AnEmptyFile", " \n", "", ""},
        Entry{"Nulls", R"({"auths":null,"credHelpers":null,"credsStore":null})", "", ""},
        Entry{"ANullEntry", R"({"auths":{"reg.io":null},"credHelpers":{"reg.io":null}})", "", ""},
        Entry{"ABrokenEntryOfAnotherHost", R"({"auths":{"other.io":{"auth":"?"}}})", "", ""}),
    [](const auto& row) { return row.param.name; });

TEST(DockerConfig, TakesTokens) {
  const Credentials found =
      find(R"({"auths":{"reg.io":{"identitytoken":"i","registrytoken":"r"}}})", "reg.io/app");
  EXPECT_EQ(found.identity_token, "i");
  EXPECT_EQ(found.registry_token, "r");
}

TEST(DockerConfig, NamesTheHelperThatIsNotInstalled) {
  EXPECT_EQ(find(R"({"credsStore":"tote-none"})", "reg.io/app").missing_helper, "tote-none");
  EXPECT_EQ(find(R"({"credHelpers":{"reg.io":"tote-none"}})", "reg.io/app").missing_helper,
            "tote-none");
}

TEST(DockerConfig, SaysWhatIsWrongWithoutTheSecret) {
  EXPECT_THAT([] { find(R"({"auths":{"reg.io":{"auth":"bm9jb2xvbg=="}}})", "reg.io/app"); },
              test::ThrowsError(ErrorKind::kParse, "not base64 of 'user:password'"));
  for (const char* broken :
       {"{", "[]", "\"x\"", R"({"auths":5})", R"({"auths":{"reg.io":{"auth":5}}})"})
    EXPECT_THAT([&] { find(broken, "reg.io/app"); },
                test::ThrowsError(ErrorKind::kParse, "config.json"))
        << broken;
  EXPECT_THAT([] { find(R"({"credsStore":"../../evil"})", "reg.io/app"); },
              test::ThrowsError(ErrorKind::kParse, "can not be a credential helper"));
}

}  // namespace
}  // namespace tote::registry
