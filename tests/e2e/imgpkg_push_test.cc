// push: what is refused, what is made, under which tags.
#include "base/json.h"
#include "tests/e2e/imgpkg.h"

namespace tote {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using Strings = std::vector<std::string>;

class ImgpkgPush : public Imgpkg {
 protected:
  void write_bundle(const std::string& directory) {
    write(directory + "/.imgpkg/images.yml", test::images_lock({}));
    write(directory + "/config.yml", "a: b\n");
  }
  std::string config_of(const std::string& repository, const std::string& tag) {
    const auto digest = registry_.storage().find_tag(repository, tag);
    const auto stored = registry_.storage().find_manifest(repository, *digest);
    const std::string bytes =
        read_all(*testregistry::open_content(stored->content), 1 << 20, "manifest");
    const auto config = oci::Manifest::parse(bytes, "")->config();
    return read_all(
        *testregistry::open_content(*registry_.storage().find_blob(repository, config.digest)),
        1 << 20, "config");
  }
};

TEST_F(ImgpkgPush, ChecksInItsOrder) {
  EXPECT_EQ(complaint({"push", "-b", "a", "-i", "b", "-l", "dev.carvel.imgpkg.bundle=x"}),
            "label 'dev.carvel.imgpkg.bundle' is reserved and cannot be overriden. Please use a "
            "different key");
  EXPECT_EQ(complaint({"push", "-b", "a", "-i", "b", "--lock-output", "l"}),
            "Expected only one of image or bundle");
  EXPECT_EQ(complaint({"push", "--lock-output", "l"}), "Expected either image or bundle");
  EXPECT_EQ(complaint({"push", "-i", "no!", "--lock-output", "l"}),
            "Lock output is not compatible with image, use bundle for lock output");
  EXPECT_THAT(complaint({"push", "-i", "a.io/bb@sha256:" + std::string(64, 'a'), "-f", "none"}),
              StartsWith("Parsing 'a.io/bb@sha256:"));
  EXPECT_THAT(complaint({"push", "-i", "host:5000/p", "-f", "none"}),
              HasSubstr("repository must be between 2 and 255 characters in length: p"));
  EXPECT_THAT(complaint({"push", "-i", "a.io/bb:" + std::string(129, 'x'), "-f", "none"}),
              StartsWith("Parsing 'a.io/bb:xxx"));
}

TEST_F(ImgpkgPush, JudgesBundleDirectories) {
  write("plain/f", "x");
  EXPECT_EQ(complaint({"push", "-b", at("src/b"), "-f", "plain"}),
            "This directory is not a bundle. It is missing .imgpkg/images.yml");
  write_bundle("one");
  write_bundle("two");
  EXPECT_THAT(complaint({"push", "-b", at("src/b"), "-f", "one", "-f", "two"}),
              StartsWith("This directory contains multiple bundle definitions. Only a single "
                         "instance of .imgpkg/images.yml can be provided"));
  write_bundle("deep/er");
  EXPECT_THAT(complaint({"push", "-b", at("src/b"), "-f", "deep"}),
              StartsWith("Expected '.imgpkg' directory, to be a direct child of one of: deep"));
  write("empty/.imgpkg/other", "x");
  EXPECT_THAT(complaint({"push", "-b", at("src/b"), "-f", "empty"}),
              StartsWith("The bundle expected .imgpkg/images.yml to exist, but it wasn't found in "
                         "the path "));
  EXPECT_EQ(complaint({"push", "-i", at("src/b"), "-f", "one"}),
            "Images cannot be pushed with '.imgpkg' directories, consider using --bundle (-b) "
            "option");
  for (const char* allowed : {"deep", "empty"})
    EXPECT_EQ(imgpkg({"push", "-i", at("src/b"), "-f", allowed}).exit_code, 0) << allowed;
  write("broken/.imgpkg/images.yml", "no lock at all");
  EXPECT_EQ(imgpkg({"push", "-b", at("src/b"), "-f", "broken"}).exit_code, 0)
      << "the lock's content is looked at later";
}

TEST_F(ImgpkgPush, ChoosesFiles) {
  write("ex/.git/config", "x");
  write("ex/nested/.git", "x");
  write("ex/excluded-file.txt", "x");
  write("ex/nested-dir/excluded-file.txt", "x");
  write("ex/keep", "x");
  const auto listed = [&](Strings more) {
    more.insert(more.begin(), {"push", "-i", at("src/app"), "-f", "ex"});
    return shown(more);
  };
  const std::string by_default = listed({});
  EXPECT_THAT(by_default, testing::Not(HasSubstr(": .git")));
  EXPECT_THAT(by_default, HasSubstr("file: nested/.git\n"));
  const std::string excluded = listed({"--file-exclusion", "excluded-file.txt"});
  EXPECT_THAT(excluded, testing::Not(HasSubstr("file: excluded-file.txt")));
  EXPECT_THAT(excluded, HasSubstr("file: nested-dir/excluded-file.txt\n"));
  EXPECT_THAT(excluded, HasSubstr("dir: .git\n")) << "the default is gone";
  EXPECT_THAT(listed({"--file-exclusion", "nest*"}), HasSubstr("dir: nested\n")) << "no globs";
  EXPECT_EQ(complaint({"push", "-i", at("src/app"), "-f", "ex/keep", "-f", "ex/keep"}),
            "Found duplicate paths: ex/keep, ex/keep");
  EXPECT_THAT(complaint({"push", "-i", at("src/app"), "-f", "nope"}),
              HasSubstr("lstat nope: no such file or directory"));
  std::filesystem::create_symlink("keep", work() / "ex/link");
  EXPECT_THAT(
      complaint({"push", "-i", at("src/app"), "-f", "ex"}),
      HasSubstr("Adding file 'ex' to tar:\n  Expected file 'ex/link' to be a regular file"));
  EXPECT_EQ(shown({"push", "-i", at("src/app"), "-f", "ex/link"}).substr(0, 11), "file: link\n")
      << "a file argument may be a link";
}

TEST_F(ImgpkgPush, MakesItsConfigAndTags) {
  write_bundle("bundle");
  EXPECT_EQ(imgpkg({"push", "-b", at("src/b:1.0"), "-f", "bundle", "-l", "foo=a=b,b<c=d",
                    "--lock-output", "lock.yml"})
                .exit_code,
            0);
  EXPECT_THAT(config_of("src/b", "1.0"),
              testing::EndsWith(R"("config":{"Labels":{"b\u003cc":"d","dev.carvel.imgpkg.bundle":)"
                                R"("true","foo":"a=b"}}})"));
  const oci::Digest digest = *registry_.storage().find_tag("src/b", "1.0");
  EXPECT_EQ(read("lock.yml"),
            fmt::format("---\napiVersion: imgpkg.carvel.dev/v1alpha1\nbundle:\n  image: {}\n"
                        "  tag: \"1.0\"\nkind: BundleLock\n",
                        at("src/b", digest)));
  EXPECT_EQ(registry_.storage().find_tag("src/b", "sha256-" + digest.hex() + ".imgpkg"), digest);
  EXPECT_EQ(
      imgpkg({"push", "-b", at("src/c"), "-f", "bundle", "--lock-output", "lock.yml"}).exit_code,
      0);
  EXPECT_THAT(read("lock.yml"), HasSubstr("  tag: latest\n"));
  EXPECT_EQ(
      imgpkg({"pull", "-b", at("src/b:sha256-" + digest.hex() + ".imgpkg"), "-o", "out"}).exit_code,
      0);
}

TEST_F(ImgpkgPush, AsksInItsOrder) {
  write("app/f", "content");
  EXPECT_EQ(imgpkg({"push", "-i", at("src/app:1"), "-f", "app"}).exit_code, 0);
  const Strings requests = registry_.interceptor().requests();
  const auto first = [&](const std::string& prefix) {
    return std::find_if(requests.begin(), requests.end(),
                        [&](const std::string& request) { return request.starts_with(prefix); });
  };
  EXPECT_LT(first("HEAD /v2/src/app/manifests/1"), first("HEAD /v2/src/app/blobs/"));
  EXPECT_LT(first("HEAD /v2/src/app/blobs/"), first("POST /v2/src/app/blobs/uploads/"));
  EXPECT_LT(first("POST /v2/src/app/blobs/uploads/"), first("PUT /v2/src/app/manifests/1"));
  EXPECT_EQ(requests[requests.size() - 3], "PUT /v2/src/app/manifests/1");
  EXPECT_THAT(requests[requests.size() - 2], StartsWith("HEAD /v2/src/app/manifests/sha256-"));
  EXPECT_THAT(requests.back(), StartsWith("PUT /v2/src/app/manifests/sha256-"));
  registry_.interceptor().forget_requests();
  EXPECT_EQ(imgpkg({"push", "-i", at("src/app:1"), "-f", "app"}).exit_code, 0);
  EXPECT_EQ(registry_.interceptor().count("POST"), 0U) << "it is there";
  EXPECT_EQ(registry_.interceptor().count("PUT /v2/src/app/manifests/1"), 0U);
  EXPECT_EQ(registry_.interceptor().count("PUT"), 0U)
      << "imgpkg sets the default tag again, which fails where tags may not move";
}

TEST_F(ImgpkgPush, SaysWhatCouldNotBeWritten) {
  registry_.interceptor().replace([](const testregistry::RequestHead& head) {
    return head.method == "PUT" ? std::optional(testregistry::Response{400}) : std::nullopt;
  });
  write("app/f", "content");
  EXPECT_THAT(complaint({"push", "-i", at("src/app:1"), "-f", "app"}),
              StartsWith(fmt::format("Writing '{}':\n  Writing image:\n", at("src/app:1"))));
  registry_.interceptor().replace([](const testregistry::RequestHead& head) {
    return head.method == "PUT" && head.path.ends_with(".imgpkg")
               ? std::optional(testregistry::Response{400})
               : std::nullopt;
  });
  EXPECT_THAT(complaint({"push", "-i", at("src/app:1"), "-f", "app"}),
              testing::ContainsRegex(fmt::format("^Writing Tag '{}:sha256-[0-9a-f]*.imgpkg':\n  "
                                                 "Tagging image:\n",
                                                 at("src/app"))));
}

}  // namespace
}  // namespace tote
