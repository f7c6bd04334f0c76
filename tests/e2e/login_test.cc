// login and logout as people type them, and as other tools read what they leave.
#include "base/text.h"
#include "testregistry/http/error_response.h"
#include "tests/support/image_builder.h"
#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_registry.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fcntl.h>
#include <unistd.h>

namespace tote {
namespace {

namespace tr = testregistry;
using testing::HasSubstr;
using testing::Not;
using Strings = std::vector<std::string>;

class Login : public testing::Test {
 protected:
  Login() { test::put_image(registry_.storage(), "app", {"1"}, "v1"); }

  void want_password() {
    registry_.interceptor().replace([](const tr::RequestHead& head) -> std::optional<tr::Response> {
      if (head.header("Authorization") == "Basic " + base64_encode("ann:secret"))
        return std::nullopt;
      tr::Response refused = tr::error_response(401, "UNAUTHORIZED", "log in");
      refused.headers.emplace_back("WWW-Authenticate", "Basic realm=\"r\"");
      return refused;
    });
  }
  std::string host() const { return registry_.address(); }
  std::string config() const { return (dir_ / "docker/config.json").string(); }
  test::ProgramOptions surroundings(const std::string& input) const {
    test::write_text(dir_ / "input", input);
    return {.environment = {{"DOCKER_CONFIG", (dir_ / "docker").string()},
                            {"PATH", (dir_ / "bin").string() + ":/usr/bin:/bin"}},
            .before_exec = [path = (dir_ / "input").string()] {
              ::dup2(::open(path.c_str(), O_RDONLY), STDIN_FILENO);
            }};
  }
  test::ProgramResult login(const Strings& words, const std::string& input = "secret\n") const {
    Strings all = {"login"};
    all.insert(all.end(), words.begin(), words.end());
    return test::tote(all, surroundings(input));
  }
  test::ProgramResult tote(const Strings& words) const {
    return test::tote(words, surroundings(""));
  }

  const test::TempDir dir_;
  mutable test::TestRegistry registry_;
};

TEST_F(Login, IsCheckedStoredAndUsedByOtherCommands) {
  want_password();
  EXPECT_EQ(tote({"tag", "list", "-i", host() + "/app"}).exit_code, 1);
  const auto done = login({host(), "-u", "ann", "--password-stdin"});
  EXPECT_EQ(done.exit_code, 0) << done.err;
  EXPECT_EQ(done.out, "Login succeeded\n");
  EXPECT_EQ(tote({"tag", "list", "-i", host() + "/app"}).out, "v1\n");
  EXPECT_EQ(tote({"logout", host()}).out, "Logout succeeded\n");
  EXPECT_EQ(tote({"tag", "list", "-i", host() + "/app"}).exit_code, 1);
  const auto again = tote({"registry", "logout", host()});
  EXPECT_EQ(again.exit_code, 1);
  EXPECT_THAT(again.err, HasSubstr("has no credentials for"));
}

TEST_F(Login, AWrongPasswordIsNotStored) {
  want_password();
  const auto refused = login({host(), "-u", "ann", "--password-stdin"}, "wrong-one\n");
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, HasSubstr("the user 'ann' or the password is not accepted"));
  EXPECT_THAT(refused.err, Not(HasSubstr("wrong-one")));
  EXPECT_FALSE(std::filesystem::exists(config()));
}

TEST_F(Login, TakesNoOtherCredentialsInstead) {
  want_password();
  test::ProgramOptions options = surroundings("wrong\n");
  options.environment["IMGPKG_REGISTRY_HOSTNAME"] = host();
  options.environment["IMGPKG_REGISTRY_USERNAME"] = "ann";
  options.environment["IMGPKG_REGISTRY_PASSWORD"] = "secret";
  EXPECT_EQ(test::tote({"login", host(), "-u", "ann", "--password-stdin"}, options).exit_code, 1);
}

TEST_F(Login, NeverShowsASecret) {
  want_password();
  for (const char* input : {"secret", "an-other"}) {
    const auto traced = login({host(), "-u", "ann", "--password-stdin", "--debug"}, input);
    for (const std::string& text : {std::string(input), base64_encode("ann:" + std::string(input))})
      EXPECT_THAT(traced.out + traced.err, Not(HasSubstr(text)));
  }
}

TEST_F(Login, SaysWhatIsDoubtful) {
  const auto open = login({"http://" + host() + "/team/app", "-u", "ann", "-p", "secret"});
  EXPECT_EQ(open.exit_code, 0) << open.err;
  EXPECT_THAT(open.err, HasSubstr("the path does not count"));
  EXPECT_THAT(open.err, HasSubstr("others see --password"));
  EXPECT_THAT(open.err, HasSubstr("asks nobody for a password"));
  EXPECT_THAT(open.err, HasSubstr("not encrypted"));
  EXPECT_THAT(test::read_text(config()), HasSubstr("\"" + host() + "\""));
}

TEST_F(Login, SaysForProgramsWhereItIsStored) {
  want_password();
  EXPECT_EQ(login({host(), "-u", "ann", "--password-stdin", "--json"}).out,
            fmt::format(R"({{"registry":"{}","stored":"{}"}})"
                        "\n",
                        host(), config()));
}

TEST_F(Login, UsesTheHelperThatTheConfigurationNames) {
  want_password();
  test::write_text(
      dir_ / "bin/docker-credential-mine",
      fmt::format("#!/bin/sh\ncd {}\ncase $1 in\n"
                  "store) cat > kept ;;\nget) cat > /dev/null; [ -f kept ] && cat kept "
                  "|| {{ echo 'credentials not found in native keychain'; exit 1; }} ;;\n"
                  "erase) rm kept ;;\nesac\n",
                  dir_.path().string()));
  std::filesystem::permissions(dir_ / "bin/docker-credential-mine", std::filesystem::perms(0755));
  test::write_text(config(), R"({"credsStore":"mine"})");
  EXPECT_DONE(login({host(), "-u", "ann", "--password-stdin"}));
  EXPECT_THAT(test::read_text(config()), Not(HasSubstr(base64_encode("ann:secret"))));
  EXPECT_EQ(tote({"tag", "list", "-i", host() + "/app"}).out, "v1\n");
  EXPECT_DONE(tote({"logout", host()}));
  EXPECT_FALSE(std::filesystem::exists(dir_ / "kept"));
}

TEST_F(Login, IsThatOfSkopeoBothWays) {
  want_password();
  const std::string file = (dir_ / "auth.json").string();
  const std::string image = "docker://" + host() + "/app:v1";
  EXPECT_DONE(login({host(), "-u", "ann", "--password-stdin", "--auth-file", file}));
  EXPECT_DONE(
      test::run({"skopeo", "inspect", "--raw", "--tls-verify=false", "--authfile", file, image}));
  EXPECT_DONE(test::run({"skopeo", "logout", "--authfile", file, host()}));
  EXPECT_EQ(tote({"logout", host(), "--auth-file", file}).exit_code, 1);
  EXPECT_DONE(test::run({"skopeo", "login", "--tls-verify=false", "--authfile", file, "-u", "ann",
                         "-p", "secret", host()}));
  test::ProgramOptions options = surroundings("");
  options.environment["REGISTRY_AUTH_FILE"] = file;
  EXPECT_EQ(test::tote({"tag", "list", "-i", host() + "/app"}, options).out, "v1\n");
  EXPECT_DONE(tote({"logout", host(), "--auth-file", file}));
  EXPECT_NE(
      test::run({"skopeo", "inspect", "--raw", "--tls-verify=false", "--authfile", file, image})
          .exit_code,
      0);
}

TEST_F(Login, SaysWhatIsWrong) {
  test::write_text(dir_ / "broken.json", "{");
  struct Row {
    Strings words;
    std::string input;
    const char* complaint;
  };
  for (const Row& row : {
           Row{{host(), "-u", "ann"}, "", "Expected --password-stdin"},
           Row{{host(), "-u", "ann", "--password-stdin"}, "\n", "the password is empty"},
           Row{{host(), "--password-stdin"}, "", "the token is empty"},
           Row{{host(), "-u", "a:b", "--password-stdin"}, "x", "can not have a ':'"},
           Row{{host(), "-u", "ann", "-p", "x", "--password-stdin"}, "x", "--password-stdin"},
           Row{{"localhost", "-u", "ann", "--password-stdin"}, "x", "is no registry"},
           Row{{"", "-u", "ann", "--password-stdin"}, "x", ""},
           Row{{host(), "--registry-username", "ann", "--password-stdin"}, "x", "--username (-u)"},
           Row{{host(), "-u", "ann", "--password-stdin", "--auth-file",
                (dir_ / "broken.json").string()},
               "x",
               "broken.json"},
       }) {
    const auto refused = login(row.words, row.input);
    EXPECT_EQ(refused.exit_code, 1) << row.complaint;
    EXPECT_THAT(refused.err, HasSubstr(row.complaint));
  }
}

}  // namespace
}  // namespace tote
