#include "registry/auth/registry_env.h"

#include "tests/support/matchers.h"

#include <gtest/gtest.h>

namespace tote::registry {
namespace {

oci::Repository repository(const std::string& name) {
  return oci::Repository::parse(name);
}

TEST(RegistryEnvironment, GroupsBySuffix) {
  const auto entries = parse_registry_environment({{"IMGPKG_REGISTRY_HOSTNAME_0", "a.io"},
                                                   {"IMGPKG_REGISTRY_USERNAME_0", "u0"},
                                                   {"IMGPKG_REGISTRY_PASSWORD_0", "p0"},
                                                   {"IMGPKG_REGISTRY_HOSTNAME", "b.io:5000"},
                                                   {"IMGPKG_REGISTRY_REGISTRY_TOKEN", "t"},
                                                   {"IMGPKG_REGISTRY_IDENTITY_TOKEN_x_y", "i"},
                                                   {"IMGPKG_REGISTRY_HOSTNAME_x_y", "c.io"},
                                                   {"IMGPKG_REGISTRY_AZURE_CR_CONFIG", "z"},
                                                   {"PATH", "/bin"}});
  ASSERT_EQ(entries.size(), 3U);
  EXPECT_EQ(entries[0].credentials.identity_token, "i");
  EXPECT_EQ(entries[1].credentials.registry_token, "t");
  EXPECT_EQ(entries[2].credentials.username, "u0");
  EXPECT_TRUE(entries[1].matches(repository("b.io:5000/app")));
  EXPECT_FALSE(entries[1].matches(repository("b.io/app")));
}

TEST(RegistryEnvironment, RefusesAnUnknownVariable) {
  EXPECT_THAT(
      [] {
        parse_registry_environment({{"IMGPKG_REGISTRY_FOO", "x"}});
      },
      test::ThrowsError(ErrorKind::kUsage, "Unknown env variable 'IMGPKG_REGISTRY_FOO'"));
  EXPECT_THROW(parse_registry_environment({{"IMGPKG_REGISTRY_USERNAMES", "x"}}), Error);
}

TEST(RegistryEnvironment, MatchesGlobsPathsAndPorts) {
  const auto matches = [](const std::string& host, const std::string& name) {
    return parse_registry_environment({{"IMGPKG_REGISTRY_HOSTNAME", host}})[0].matches(
        repository(name));
  };
  EXPECT_TRUE(matches("*.corp.io", "a.corp.io/app"));
  EXPECT_FALSE(matches("*.corp.io", "a.b.corp.io/app"));
  EXPECT_FALSE(matches("*.corp.io", "corp.io/app"));
  EXPECT_TRUE(matches("https://a.io/v2/team", "a.io/team/app"));
  EXPECT_FALSE(matches("a.io/team", "a.io/other/app"));
  EXPECT_TRUE(matches("*:5361", "localhost:5361/app"));
}

TEST(RegistryEnvironment, TriesLongerPathsFirst) {
  const auto entries = parse_registry_environment({{"IMGPKG_REGISTRY_HOSTNAME_1", "a.io"},
                                                   {"IMGPKG_REGISTRY_HOSTNAME_2", "a.io/x/y"},
                                                   {"IMGPKG_REGISTRY_HOSTNAME_3", "a.io/x"}});
  EXPECT_EQ(entries[0].path, "/x/y");
  EXPECT_EQ(entries[2].path, "");
}

}  // namespace
}  // namespace tote::registry
