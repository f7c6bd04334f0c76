// What has to work with any registry: the one that TOTE_E2E_REGISTRY names
// (hack/test-all-local-registry.sh), or one of our own. Nothing is expected of it but what the
// distribution specification says; what is pushed stays there, under names of this run's own.
#include "base/json.h"
#include "base/text.h"
#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <random>

namespace tote {
namespace {

using testing::HasSubstr;
using Strings = std::vector<std::string>;

class AnyRegistry : public testing::Test {
 protected:
  AnyRegistry() {
    if (address_.empty()) {
      server_ = std::make_unique<test::Child>(
          Strings{test::program_path(), "registry", "serve", "--listen", "127.0.0.1:0"},
          test::ProgramOptions{});
      address_ = Json::parse(server_->read_line(), "ready line").at("address").string();
    }
    test::write_text(dir_ / "app/greeting.txt", "hello\n");
    test::write_text(dir_ / "bundle/config.yml", "level: info\n");
  }

  test::ProgramResult run(const Strings& arguments) const {
    test::ProgramOptions options{.directory = dir_.path()};
    for (const char* name : {"IMGPKG_USERNAME", "IMGPKG_PASSWORD", "DOCKER_CONFIG"})
      if (const std::string value = test::environment(name); !value.empty())
        options.environment[name] = value;
    return test::tote(arguments, options);
  }
  Json result_of(Strings arguments) const {
    arguments.push_back("--json");
    const auto result = run(arguments);
    EXPECT_DONE(result);
    return Json::parse(result.exit_code == 0 ? result.out : "{}", "result");
  }
  std::string at(const std::string& name) const {
    return fmt::format("{}/local-tests/{:08x}/{}", address_, run_, name);
  }
  // A bundle that names an image of another repository; both are pushed. Its digest.
  std::string push_bundle() const {
    const std::string image =
        result_of({"push", "-i", at("app:v1"), "-f", "app"}).at("image").string();
    test::write_text(dir_ / "bundle/.imgpkg/images.yml",
                     fmt::format("apiVersion: imgpkg.carvel.dev/v1alpha1\nkind: ImagesLock\n"
                                 "images:\n- image: {}\n",
                                 image));
    return result_of({"push", "-b", at("bundle:v1"), "-f", "bundle"}).at("digest").string();
  }

  test::TempDir dir_;
  std::string address_ = test::environment("TOTE_E2E_REGISTRY");
  std::unique_ptr<test::Child> server_;
  unsigned run_ = std::random_device()();
};

TEST_F(AnyRegistry, CarriesABundleThroughAnArchive) {
  const std::string digest = push_bundle();
  EXPECT_EQ(
      result_of({"copy", "-b", at("bundle:v1"), "--to-tar", "bundle.tar"}).at("digest").string(),
      digest);
  const Json copied = result_of(
      {"copy", "--tar", "bundle.tar", "--to-repo", at("far"), "--lock-output", "lock.yml"});
  EXPECT_EQ(copied.at("bundle").string(), at("far@") + digest);
  EXPECT_THAT(test::read_text(dir_ / "lock.yml"), HasSubstr(at("far@") + digest));
  EXPECT_EQ(result_of({"tag", "resolve", "-i", at("far:v1")}).at("digest").string(), digest);
  EXPECT_EQ(result_of({"pull", "--lock", "lock.yml", "-o", "pulled"}).at("digest").string(),
            digest);
  EXPECT_EQ(test::read_text(dir_ / "pulled/config.yml"), "level: info\n");
  EXPECT_THAT(test::read_text(dir_ / "pulled/.imgpkg/images.yml"), HasSubstr(at("far@sha256:")))
      << "the lock names the far side";
}

TEST_F(AnyRegistry, CopiesABundleFromRepositoryToRepositoryAndAgain) {
  const std::string digest = push_bundle();
  for (int i = 0; i < 2; ++i)
    EXPECT_EQ(
        result_of({"copy", "-b", at("bundle:v1"), "--to-repo", at("two")}).at("digest").string(),
        digest);
  EXPECT_EQ(run({"tag", "list", "-i", at("two")}).out, "v1\n");
  EXPECT_THAT(run({"describe", "-b", at("two:v1"), "-o", "json"}).out, HasSubstr(digest.substr(7)));
}

TEST_F(AnyRegistry, PullsAnImageAsItWasPushed) {
  test::write_text(dir_ / "app/large", std::string(3'000'000, 'x'));
  const std::string digest =
      result_of({"push", "-i", at("app:large"), "-f", "app"}).at("digest").string();
  EXPECT_EQ(result_of({"pull", "-i", at("app:large"), "-o", "out"}).at("digest").string(), digest);
  EXPECT_EQ(test::read_tree(dir_ / "out"), test::read_tree(dir_ / "app"));
}

TEST_F(AnyRegistry, SaysWhatIsNotThere) {
  const auto missing = run({"tag", "resolve", "-i", at("nothing:v1")});
  EXPECT_EQ(missing.exit_code, 1);
  EXPECT_THAT(missing.err, HasSubstr("/nothing/manifests/v1"));
}

TEST_F(AnyRegistry, CopiesFromDockerHubThroughItsProxy) {
  const std::string proxy = test::environment("DOCKERHUB_PROXY");
  if (proxy.empty()) GTEST_SKIP() << "DOCKERHUB_PROXY names no proxy of Docker Hub";
  const Json copied =
      result_of({"copy", "-i", proxy + "/library/hello-world:latest", "--to-repo", at("hello")});
  EXPECT_EQ(result_of({"tag", "resolve", "-i", at("hello@") + copied.at("digest").string()})
                .at("digest")
                .string(),
            copied.at("digest").string());
}

}  // namespace
}  // namespace tote
