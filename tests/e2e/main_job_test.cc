// The main job by the real program: push, copy to an archive and back, pull elsewhere.
#include "tests/support/image_builder.h"
#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_registry.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <csignal>
#include <set>

namespace tote {
namespace {

using test::random_bytes;
using test::read_text;
using test::TempDir;
using test::TestRegistry;
using test::tote;
using test::write_text;

class MainJob : public testing::Test {
 protected:
  MainJob() {
    auto& storage = source_.storage();
    const auto image = test::put_image(storage, "src/app", {random_bytes(700'000, 1), "small"});
    const auto amd64 = test::put_image(storage, "src/multi", {"a"}, "", {.architecture = "amd64"});
    const auto arm64 =
        test::put_image(storage, "src/multi", {"b"}, "", {.oci = false, .architecture = "arm64"});
    const auto index = test::put_index(storage, "src/multi", {{amd64, "amd64"}, {arm64, "arm64"}});
    const auto inner =
        test::put_bundle(storage, "src/inner", test::images_lock({reference("src/app", image)}));
    digests_ = {image.str(), amd64.str(), arm64.str(), index.str(), inner.str()};
    write_text(dir_ / "bundle/.imgpkg/images.yml",
               test::images_lock({reference("src/app", image), reference("src/multi", index),
                                  reference("src/inner", inner)}));
    write_text(dir_ / "bundle/config.yml", "setting: 1\n");
  }

  std::string reference(const std::string& path, const oci::Digest& digest) const {
    return fmt::format("{}/{}@{}", source_.address(), path, digest.str());
  }
  std::string at(const TestRegistry& registry, const std::string& path) const {
    return registry.address() + "/" + path;
  }
  std::string path(const std::string& name) const { return (dir_ / name).string(); }

  // The digest that push printed.
  std::string push() {
    const auto pushed = tote({"push", "-b", at(source_, "src/bundle:v1"), "-f", path("bundle")});
    EXPECT_DONE(pushed);
    const std::size_t digest = pushed.out.find("@sha256:");
    return pushed.out.substr(digest + 1, 71);
  }

  void expect_all_there(TestRegistry& registry, const std::string& repository,
                        const std::string& bundle) {
    std::set<std::string> wanted = digests_;
    wanted.insert(bundle);
    for (const std::string& digest : wanted)
      EXPECT_TRUE(registry.storage().find_manifest(repository, oci::Digest::parse(digest)))
          << digest;
    const auto layer =
        registry.storage().find_blob(repository, oci::Digest::of(random_bytes(700'000, 1)));
    ASSERT_TRUE(layer);
    EXPECT_EQ(testregistry::content_length(*layer), 700'000U);
  }

  TempDir dir_;
  TestRegistry source_;
  TestRegistry destination_;
  std::set<std::string> digests_;
};

TEST_F(MainJob, CarriesABundleThroughAnArchiveWithEveryDigestEqual) {
  const std::string bundle = push();
  EXPECT_DONE(tote({"copy", "-b", at(source_, "src/bundle:v1"), "--to-tar", path("b.tar")}));
  source_.interceptor().forget_requests();
  EXPECT_DONE(tote({"copy", "--from-tar", path("b.tar"), "--to-repo", at(destination_, "dst/all"),
                    "--lock-output", path("lock.yml")}));
  EXPECT_TRUE(source_.interceptor().requests().empty()) << "an import asks nobody else";
  expect_all_there(destination_, "dst/all", bundle);
  EXPECT_EQ(destination_.interceptor().requests().back(), "PUT /v2/dst/all/manifests/v1");
  EXPECT_EQ(read_text(dir_ / "lock.yml"),
            fmt::format("---\napiVersion: imgpkg.carvel.dev/v1alpha1\nbundle:\n  image: "
                        "{}@{}\n  tag: v1\nkind: BundleLock\n",
                        at(destination_, "dst/all"), bundle));

  EXPECT_DONE(tote({"pull", "-b", at(destination_, "dst/all:v1"), "-o", path("out")}));
  EXPECT_EQ(read_text(dir_ / "out/config.yml"), "setting: 1\n");
  const std::string lock = read_text(dir_ / "out/.imgpkg/images.yml");
  EXPECT_EQ(lock.find(source_.address()), std::string::npos);
  EXPECT_NE(lock.find(at(destination_, "dst/all@sha256:")), std::string::npos);
}

TEST_F(MainJob, WritesTheSameArchiveEveryTime) {
  push();
  for (const char* name : {"a.tar", "b.tar"})
    EXPECT_DONE(tote({"copy", "-b", at(source_, "src/bundle:v1"), "--to-tar", path(name),
                      "--concurrency", name[0] == 'a' ? "1" : "8"}));
  EXPECT_TRUE(read_text(dir_ / "a.tar") == read_text(dir_ / "b.tar"));
  EXPECT_FALSE(std::filesystem::exists(dir_ / "a.tar.part"));
}

TEST_F(MainJob, CopiesFromRegistryToRegistryAndNothingTheSecondTime) {
  const std::string bundle = push();
  const std::vector<std::string> copy = {"copy", "-b", at(source_, "src/bundle:v1"), "--to-repo",
                                         at(destination_, "dst/all")};
  EXPECT_DONE(tote(copy));
  expect_all_there(destination_, "dst/all", bundle);
  destination_.interceptor().forget_requests();
  EXPECT_DONE(tote(copy));
  for (const char* method : {"POST", "PATCH", "PUT"})
    EXPECT_EQ(destination_.interceptor().count(method), 0U) << method;
}

TEST_F(MainJob, MountsWithinARegistry) {
  const std::string bundle = push();
  source_.interceptor().forget_requests();
  EXPECT_DONE(
      tote({"copy", "-b", at(source_, "src/bundle:v1"), "--to-repo", at(source_, "dst/all")}));
  expect_all_there(source_, "dst/all", bundle);
  EXPECT_EQ(source_.interceptor().count("PATCH"), 0U);
}

TEST_F(MainJob, CopiesOnwardFromACopyWhenTheOriginIsGone) {
  const std::string bundle = push();
  EXPECT_DONE(
      tote({"copy", "-b", at(source_, "src/bundle:v1"), "--to-repo", at(destination_, "dst/all")}));
  source_.interceptor().forget_requests();
  EXPECT_DONE(tote({"copy", "-b", at(destination_, "dst/all:v1"), "--to-tar", path("again.tar")}));
  EXPECT_DONE(
      tote({"copy", "--tar", path("again.tar"), "--to-repo", at(destination_, "third/place")}));
  EXPECT_TRUE(source_.interceptor().requests().empty());
  expect_all_there(destination_, "third/place", bundle);
}

TEST_F(MainJob, PullsNestedBundlesWithTheirLocks) {
  push();
  EXPECT_DONE(
      tote({"copy", "-b", at(source_, "src/bundle:v1"), "--to-repo", at(destination_, "dst/all")}));
  EXPECT_DONE(tote({"pull", "-r", "-b", at(destination_, "dst/all:v1"), "-o", path("out")}));
  int nested = 0;
  for (const auto& [name, text] : test::read_tree(dir_ / "out/.imgpkg/bundles"))
    if (name.ends_with(".imgpkg/images.yml")) {
      EXPECT_NE(text.find(at(destination_, "dst/all@sha256:")), std::string::npos);
      ++nested;
    }
  EXPECT_EQ(nested, 1);
}

TEST_F(MainJob, LeavesTheLockAloneWhereImagesAreElsewhere) {
  push();
  EXPECT_DONE(tote({"pull", "-b", at(source_, "src/bundle:v1"), "-o", path("out")}));
  EXPECT_EQ(read_text(dir_ / "out/.imgpkg/images.yml"),
            read_text(dir_ / "bundle/.imgpkg/images.yml"));
}

TEST_F(MainJob, CopiesByLock) {
  const std::string bundle = push();
  EXPECT_DONE(tote({"push", "-b", at(source_, "src/bundle:v1"), "-f", path("bundle"),
                    "--lock-output", path("bundle.lock")}));
  EXPECT_DONE(
      tote({"copy", "--lock", path("bundle.lock"), "--to-repo", at(destination_, "by/bundle")}));
  expect_all_there(destination_, "by/bundle", bundle);
  EXPECT_EQ(destination_.storage().find_tag("by/bundle", "v1")->str(), bundle);

  write_text(dir_ / "images.lock",
             "apiVersion: imgpkg.carvel.dev/v1alpha1\nkind: ImagesLock\nimages:\n- image: " +
                 reference("src/app", test::put_image(source_.storage(), "src/app", {"other"})) +
                 "\n  annotations:\n    key: value\n");
  EXPECT_DONE(tote({"copy", "--lock", path("images.lock"), "--to-repo",
                    at(destination_, "by/images"), "--lock-output", path("new.lock")}));
  const std::string lock = read_text(dir_ / "new.lock");
  EXPECT_NE(lock.find("- annotations:\n    key: value\n  image: " + at(destination_, "by/images@")),
            std::string::npos)
      << lock;
  EXPECT_DONE(tote({"pull", "--lock", path("bundle.lock"), "-o", path("from-lock")}));
}

TEST_F(MainJob, CopiesAnImageWithItsTag) {
  const auto index = test::put_image(source_.storage(), "src/one", {"x"}, "v9");
  EXPECT_DONE(
      tote({"copy", "-i", at(source_, "src/one:v9"), "--to-repo", at(destination_, "dst/one")}));
  EXPECT_EQ(destination_.storage().find_tag("dst/one", "v9"), index);
  EXPECT_EQ(destination_.storage().find_tag("dst/one", "sha256-" + index.hex() + ".imgpkg"), index);
  EXPECT_DONE(tote({"copy", "-i", at(source_, "src/one:v9"), "--to-repo",
                    at(destination_, "dst/two"), "--repo-based-tags"}));
  EXPECT_TRUE(
      destination_.storage().find_tag("dst/two", "src-one-sha256-" + index.hex() + ".imgpkg"));
}

TEST_F(MainJob, ListsAndResolvesTags) {
  const std::string bundle = push();
  const auto list = tote({"tag", "list", "-i", at(source_, "src/bundle")});
  EXPECT_EQ(list.out, "v1\n");
  const auto digests =
      tote({"tag", "ls", "-i", at(source_, "src/bundle"), "--digests", "--imgpkg-internal-tags"});
  EXPECT_EQ(digests.out,
            fmt::format("sha256-{0}.imgpkg\tsha256:{0}\nv1\tsha256:{0}\n", bundle.substr(7)));
  const auto resolved = tote({"tag", "resolve", "-i", at(source_, "src/bundle:v1")});
  EXPECT_EQ(resolved.out, at(source_, "src/bundle@") + bundle + "\n");
}

TEST_F(MainJob, PullsAPlainImage) {
  test::put_image(source_.storage(), "src/files",
                  {test::make_tar({{"low", "1"}, {"both", "low"}}),
                   test::make_tar({{"both", "high"}, {"link", "", '2', 0777, "low"}})},
                  "v1");
  const auto pulled = tote({"pull", "-q", "-i", at(source_, "src/files:v1"), "-o", path("out")});
  EXPECT_DONE(pulled);
  EXPECT_EQ(test::read_tree(dir_ / "out"),
            (std::map<std::string, std::string>{{"low", "1"}, {"both", "high"}}));
  EXPECT_EQ(pulled.err, fmt::format("tote: left out of '{}': 1 symbolic link\n", path("out")));
}

TEST_F(MainJob, WorksAgainstTheProgramsOwnRegistryWithADirectory) {
  const std::string bundle = push();
  test::Child server(
      {test::program_path(), "registry", "serve", "--listen", "127.0.0.1:0", "--dir", path("reg")},
      {});
  const std::string ready = server.read_line();
  const std::size_t begin = ready.find("127.0.0.1:");
  const std::string address = ready.substr(begin, ready.find('"', begin) - begin);
  EXPECT_DONE(
      tote({"copy", "-b", at(source_, "src/bundle:v1"), "--to-repo", address + "/dst/all"}));
  EXPECT_DONE(tote({"pull", "-b", address + "/dst/all:v1", "-o", path("out")}));
  server.signal(SIGTERM);
  EXPECT_DONE(server.wait());
}

}  // namespace
}  // namespace tote
