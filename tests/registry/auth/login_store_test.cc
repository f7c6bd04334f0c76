// What is stored of logins, and what of the file is not touched.
#include "registry/auth/login_store.h"

#include "base/text.h"
#include "tests/support/failing_disk.h"
#include "tests/support/matchers.h"
#include "tests/support/temp_dir.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <sys/stat.h>
#include <thread>

namespace tote::registry {
namespace {

using test::ThrowsError;
using testing::HasSubstr;
using testing::Not;

class LoginStoreTest : public testing::Test {
 protected:
  std::filesystem::path file() const { return dir_ / "docker/config.json"; }
  LoginStore store() const {
    return {
        file(),
        {{"PATH", (dir_ / "bin").string() + ":/usr/bin:/bin"}, {"LOG", (dir_ / "log").string()}}};
  }
  void write(const std::string& text) const { test::write_text(file(), text); }
  std::string text() const { return test::read_text(file()); }
  // Keeps one secret in a file, and writes down what it was called with.
  void install_helper(const std::string& ending = "") const {
    test::write_text(
        dir_ / "bin/docker-credential-mine",
        "#!/bin/sh\necho \"$0 $*\" >> \"$LOG\"\ncat >> \"$LOG\"\necho >> \"$LOG\"\n" + ending);
    std::filesystem::permissions(dir_ / "bin/docker-credential-mine", std::filesystem::perms(0755));
  }
  static mode_t mode_of(const std::filesystem::path& path) {
    struct stat info {};
    ::stat(path.c_str(), &info);
    return info.st_mode & 0777U;
  }

  const test::TempDir dir_;
  const Credentials ann_{.username = "ann", .password = "secret"};
};

TEST_F(LoginStoreTest, ANewFileIsAsDockerWritesOne) {
  EXPECT_EQ(store().store("r.example:5000", ann_), "");
  EXPECT_EQ(text(), fmt::format("{{\n\t\"auths\": {{\n\t\t\"r.example:5000\": "
                                "{{\"auth\":\"{}\"}}\n\t}}\n}}",
                                base64_encode("ann:secret")));
  EXPECT_EQ(mode_of(file()), 0600U);
  EXPECT_EQ(mode_of(dir_ / "docker"), 0700U);
}

// As docker and podman write them, and as people do.
TEST_F(LoginStoreTest, NothingElseOfAFileIsChanged) {
  for (const std::string& before : {
           std::string(
               "{\n\t\"auths\": {\n\t\t\"ghcr.io\": {\n\t\t\t\"auth\": \"dTpw\"\n\t\t}\n\t},"
               "\n\t\"HttpHeaders\": {\n\t\t\"A\": \"\\u0062\"\n\t}\n}"),
           std::string("{ \"x\":1e3 ,\"auths\":{\"quay.io\":{\"auth\":\"dTpw\"}}}\n\n"),
           std::string("{\"auths\": {\"quay.io/team\": {}}, \"currentContext\": \"c\", \"z\":[ ]}"),
       }) {
    write(before);
    store().store("r.example", ann_);
    EXPECT_THAT(text(), HasSubstr(base64_encode("ann:secret")));
    EXPECT_TRUE(store().erase("r.example").was_there);
    EXPECT_EQ(text(), before);
  }
}

TEST_F(LoginStoreTest, DockerHubHasItsOldKey) {
  store().store("index.docker.io", ann_);
  EXPECT_THAT(text(), HasSubstr("\"https://index.docker.io/v1/\""));
  write(R"({"auths":{"docker.io":{"auth":"x"},"https://index.docker.io/v1/":{"auth":"y"}}})");
  EXPECT_TRUE(store().erase("index.docker.io").was_there);
  EXPECT_EQ(text(), R"({"auths":{}})");
}

TEST_F(LoginStoreTest, ATokenIsNoPassword) {
  store().store("r.example", {.identity_token = "token"});
  EXPECT_THAT(text(), HasSubstr(R"("r.example": {"identitytoken":"token"})"));
}

TEST_F(LoginStoreTest, AHelperGetsTheSecretOnItsInputAlone) {
  install_helper();
  for (const char* config :
       {R"({"credsStore":"mine"})", R"({"credsStore":"no","credHelpers":{"r.example":"mine"}})",
        R"({"credsStore":"mine","auths":{"r.example":{"auth":"old"}}})"}) {
    std::filesystem::remove(dir_ / "log");
    write(config);
    EXPECT_EQ(store().store("r.example", ann_), "docker-credential-mine");
    EXPECT_EQ(test::read_text(dir_ / "log"),
              (dir_ / "bin/docker-credential-mine").string() +
                  " store\n"
                  R"({"ServerURL":"r.example","Username":"ann","Secret":"secret"})"
                  "\n");
    EXPECT_THAT(text(), HasSubstr(R"("r.example":{})"));
    EXPECT_THAT(text(), Not(HasSubstr("old")));
  }
  EXPECT_TRUE(store().erase("r.example").was_there);
  EXPECT_THAT(test::read_text(dir_ / "log"), HasSubstr("docker-credential-mine erase\nr.example"));
}

TEST_F(LoginStoreTest, AHelperThatFailsStoresNothingAndTellsNoSecret) {
  const std::string config = R"({"credsStore":"mine"})";
  write(config);
  EXPECT_THAT([&] { store().store("r.example", ann_); },
              ThrowsError(ErrorKind::kUnauthorized, "is not in PATH"));
  install_helper("echo secret; exit 3\n");
  try {
    store().store("r.example", ann_);
    FAIL() << "it was stored";
  } catch (const Error& error) {
    EXPECT_EQ(error.message(), "docker-credential-mine store ended with 3");
  }
  EXPECT_EQ(text(), config);
}

TEST_F(LoginStoreTest, WhatIsNoConfigurationIsLeftAlone) {
  for (const char* config : {"{", "[]", "password", R"({"auths":[]})", R"({"auths":{)"}) {
    write(config);
    EXPECT_THAT([&] { store().store("r.example", ann_); }, ThrowsError(ErrorKind::kParse, ""))
        << config;
    EXPECT_EQ(text(), config);
  }
  write(" \n");
  EXPECT_NO_THROW(store().store("r.example", ann_));
}

TEST_F(LoginStoreTest, ALinkStaysOneWhereverItLeads) {
  std::filesystem::create_directories(dir_ / "docker");
  std::filesystem::create_symlink(dir_ / "elsewhere/config", file());
  for (int i = 0; i < 2; ++i) {
    store().store("r.example", ann_);
    EXPECT_TRUE(std::filesystem::is_symlink(file()));
    EXPECT_THAT(test::read_text(dir_ / "elsewhere/config"), HasSubstr("r.example"));
  }
}

TEST_F(LoginStoreTest, AnExistingFileKeepsItsMode) {
  write("{}");
  std::filesystem::permissions(file(), std::filesystem::perms(0640));
  store().store("r.example", ann_);
  EXPECT_EQ(mode_of(file()), 0640U);
  EXPECT_TRUE(store().is_open_to_others());
}

TEST_F(LoginStoreTest, LoginsAtTheSameTimeLoseNothing) {
  constexpr int kLogins = 24;
  {
    std::vector<std::jthread> logins;
    for (int i = 0; i < kLogins; ++i)
      logins.emplace_back([&, i] { store().store(fmt::format("r{}.example", i), ann_); });
  }
  for (int i = 0; i < kLogins; ++i)
    EXPECT_THAT(text(), HasSubstr(fmt::format("\"r{}.example\"", i)));
}

TEST_F(LoginStoreTest, AFailingDiskLeavesTheOldFileOrTheNewOne) {
  const std::string before = R"({"auths":{"other.example":{"auth":"x"}}})";
  std::string after;
  const int steps = test::fail_at_every_step(
      [&] {
        write(before);
        store().store("r.example", ann_);
      },
      [&](bool failed) {
        if (!failed) after = text();
        EXPECT_THAT(text(), testing::AnyOf(before, HasSubstr(base64_encode("ann:secret"))));
      });
  EXPECT_GT(steps, 4);
  EXPECT_THAT(after, HasSubstr("other.example"));
}

TEST_F(LoginStoreTest, LogoutSaysWhatIsNotThereAndWhatStays) {
  EXPECT_FALSE(store().erase("r.example").was_there);
  write(R"({"auths":{"r.example/team":{"auth":"x"},"other.example":{"auth":"y"}}})");
  const auto erased = store().erase("r.example");
  EXPECT_FALSE(erased.was_there);
  EXPECT_EQ(erased.others, (std::vector<std::string>{"r.example/team"}));
}

TEST(LoginFile, IsDockers) {
  EXPECT_EQ(login_file({{"DOCKER_CONFIG", "/d"}, {"HOME", "/h"}}), "/d/config.json");
  EXPECT_EQ(login_file({{"HOME", "/h"}}), "/h/.docker/config.json");
  EXPECT_THAT([] { login_file({}); }, ThrowsError(ErrorKind::kUsage, "DOCKER_CONFIG"));
}

}  // namespace
}  // namespace tote::registry
