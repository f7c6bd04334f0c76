// Logging in as people and CI jobs do: helpers, token services by name, and what is said meanwhile.
#include "base/text.h"
#include "testregistry/http/error_response.h"
#include "tests/support/image_builder.h"
#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_registry.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

namespace tote {
namespace {

namespace tr = testregistry;
using test::TestRegistry;
using testing::HasSubstr;
using testing::Not;

class ClientLogin : public testing::Test {
 protected:
  ClientLogin() { test::put_image(registry_.storage(), "src/app", {"1"}, "v1"); }

  void want_password() {
    registry_.interceptor().replace([](const tr::RequestHead& head) -> std::optional<tr::Response> {
      if (head.header("Authorization") == "Basic " + base64_encode("user:secret"))
        return std::nullopt;
      tr::Response refused = tr::error_response(401, "UNAUTHORIZED", "log in");
      refused.headers.emplace_back("WWW-Authenticate", "Basic");
      return refused;
    });
  }
  void install_helper(const std::string& script) {
    test::write_text(dir_ / "bin/docker-credential-mine", "#!/bin/sh\n" + script);
    std::filesystem::permissions(dir_ / "bin/docker-credential-mine", std::filesystem::perms(0755));
  }
  test::ProgramResult list_tags(const std::string& config, std::vector<std::string> more = {}) {
    test::write_text(dir_ / "docker/config.json", config);
    std::vector<std::string> command = {"tag", "list", "-i", registry_.address() + "/src/app"};
    command.insert(command.end(), more.begin(), more.end());
    return test::tote(command,
                      {.environment = {{"DOCKER_CONFIG", (dir_ / "docker").string()},
                                       {"PATH", (dir_ / "bin").string() + ":/usr/bin:/bin"}}});
  }

  const test::TempDir dir_;
  TestRegistry registry_;
};

TEST_F(ClientLogin, AHelperMayWarn) {
  want_password();
  install_helper(
      "echo 'warning: {your keyring} is old' >&2\n"
      "echo '{\"Username\":\"user\",\"Secret\":\"secret\"}'\n"
      "echo 'bye' >&2\n");
  const auto listed = list_tags(R"({"credsStore":"mine"})");
  EXPECT_EQ(listed.out, "v1\n") << listed.err;
  EXPECT_EQ(listed.err, "");
  const auto traced = list_tags(R"({"credsStore":"mine"})", {"--debug"});
  EXPECT_THAT(traced.err, HasSubstr("docker-credential-mine: warning: {your keyring} is old"));
  EXPECT_THAT(traced.err, Not(HasSubstr("secret")));
}

// As `podman login docker.io` has it keep them.
TEST_F(ClientLogin, AHelperIsAskedUnderTheNameThatTheConfigurationHas) {
  want_password();
  install_helper(fmt::format(
      "read host; [ \"$host\" = 'http://{}/' ] || {{ echo 'credentials not found in native "
      "keychain'; exit 1; }}\n"
      "echo '{{\"Username\":\"user\",\"Secret\":\"secret\"}}'\n",
      registry_.address()));
  const auto listed =
      list_tags(fmt::format(R"({{"credHelpers":{{"http://{}/":"mine"}}}})", registry_.address()));
  EXPECT_EQ(listed.out, "v1\n") << listed.err;
}

TEST_F(ClientLogin, AHelperThatIsNotInstalledMattersOnlyWhereAPasswordIsWanted) {
  const std::string config = R"({"credsStore":"not-there"})";
  const auto open = list_tags(config);
  EXPECT_EQ(open.out, "v1\n") << open.err;
  want_password();
  const auto closed = list_tags(config);
  EXPECT_EQ(closed.exit_code, 1);
  EXPECT_THAT(closed.err, HasSubstr("hint: docker-credential-not-there, which the docker"));
}

TEST_F(ClientLogin, AHelperMayBeSwitchedOffForAHost) {
  want_password();
  install_helper("echo broken; exit 1\n");
  const auto listed = list_tags(fmt::format(
      R"({{"credsStore":"mine","credHelpers":{{"{0}":""}},"auths":{{"{0}":{{"auth":"{1}"}}}}}})",
      registry_.address(), base64_encode("user:secret")));
  EXPECT_EQ(listed.out, "v1\n") << listed.err;
}

TEST_F(ClientLogin, PodmansFileIsReadWhereDockersSaysNothing) {
  want_password();
  test::write_text(dir_ / "config/containers/auth.json",
                   fmt::format(R"({{"auths":{{"{}":{{"auth":"{}"}}}}}})", registry_.address(),
                               base64_encode("user:secret")));
  test::write_text(dir_ / "docker/config.json", R"({"auths":{}})");
  const auto listed =
      test::tote({"tag", "list", "-i", registry_.address() + "/src/app"},
                 {.environment = {{"DOCKER_CONFIG", (dir_ / "docker").string()},
                                  {"XDG_CONFIG_HOME", (dir_ / "config").string()}}});
  EXPECT_EQ(listed.out, "v1\n") << listed.err;
}

TEST_F(ClientLogin, EveryRetryIsTold) {
  std::atomic<int> refusals = 1;
  registry_.interceptor().replace([&](const tr::RequestHead& head) -> std::optional<tr::Response> {
    if (head.path == "/v2/" || refusals-- <= 0) return std::nullopt;
    return tr::error_response(503, "UNAVAILABLE", "in a moment");
  });
  const auto listed = list_tags("{}");
  EXPECT_EQ(listed.out, "v1\n");
  EXPECT_THAT(listed.err, testing::MatchesRegex("tote: retrying in 0\\.. s: GET http://.*: "
                                                "UNAVAILABLE: in a moment\n"));
}

// In namespaces of its own, where an address of the internet is this machine's, and a name that
// looks like this machine's leads there.
constexpr const char* kScript = R"(
ip link set lo up
ip addr add 203.0.113.7/32 dev lo
echo '203.0.113.7 auth.127.0.0.1.example' > hosts
echo '127.0.0.1 auth.example' >> hosts
mount --bind hosts /etc/hosts
"$TOTE" registry serve --listen 203.0.113.7:5001 --access-log text > public.log 2>&1 & public=$!
"$TOTE" registry serve --listen 127.0.0.1:5002 --access-log text > private.log 2>&1 & private=$!
for realm in auth.127.0.0.1.example:5001 203.0.113.7:5001 auth.example:5002; do
  cat > registry.yml <<END
version: 0.1
log: {level: error}
storage: {inmemory: {}}
http: {addr: "127.0.0.1:5000"}
auth: {token: {realm: "http://$realm/token", service: s, issuer: i, rootcertbundle: cert.pem}}
END
  docker-registry serve registry.yml > /dev/null 2>&1 & registry=$!
  curl -s -o /dev/null --retry 50 --retry-connrefused --retry-delay 0 http://127.0.0.1:5000/v2/
  "$TOTE" tag list -i 127.0.0.1:5000/some/app --registry-username user --registry-password pw \
    > "$realm.txt" 2>&1 || true
  [ $realm != 203.0.113.7:5001 ] ||
    "$TOTE" tag list -i 127.0.0.1:5000/some/app --registry-username user --registry-password pw \
      --registry-insecure > insecure.txt 2>&1 || true
  kill $registry; wait $registry || true
done
kill $public $private; wait || true
)";

TEST(ClientSecurity, SendsPasswordsInPlainTextToPrivateAddressesOnlyWhateverTheyAreCalled) {
  const test::TempDir dir;
  ASSERT_EQ(test::run({"openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                       "-subj", "/CN=x", "-keyout", (dir / "key.pem").string(), "-out",
                       (dir / "cert.pem").string()})
                .exit_code,
            0);
  const auto ran =
      test::run({"unshare", "-rmn", "sh", "-ec", kScript},
                {.directory = dir.path(), .environment = {{"TOTE", test::program_path()}}});
  ASSERT_EQ(ran.exit_code, 0) << ran.err << ran.out;
  for (const char* realm : {"auth.127.0.0.1.example:5001", "203.0.113.7:5001"})
    EXPECT_THAT(test::read_text(dir / (std::string(realm) + ".txt")),
                HasSubstr("credentials are not sent there"));
  EXPECT_THAT(test::read_text(dir / "insecure.txt"), Not(HasSubstr("credentials are not sent")));
  const std::string asked = test::read_text(dir / "public.log");
  EXPECT_EQ(asked.find("/token"), asked.rfind("/token")) << "only where that was allowed\n"
                                                         << asked;
  EXPECT_THAT(test::read_text(dir / "private.log"), HasSubstr("/token"));
}

}  // namespace
}  // namespace tote
