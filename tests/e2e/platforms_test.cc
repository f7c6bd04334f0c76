// --platform: of an index only what is wanted, under the same digest, wherever it goes.
#include "base/json.h"
#include "oci/digest.h"
#include "tests/support/attached.h"
#include "tests/support/image_builder.h"
#include "tests/support/matchers.h"
#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_registry.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace tote {
namespace {

namespace tr = testregistry;
using test::ProgramResult;
using test::TempDir;
using test::TestRegistry;
using test::tote;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kIndex = "application/vnd.oci.image.index.v1+json";

class Platforms : public testing::Test {
 protected:
  Platforms() {
    const auto add = [&](const oci::Digest& digest, const std::string& platform,
                         const std::string& more = {}) {
      const auto child = source_.storage().find_manifest("src/app", digest);
      entries_ += fmt::format(R"({}{{"mediaType":"{}","digest":"{}","size":{},"platform":{}{}}})",
                              entries_.empty() ? "" : ",", child->media_type, digest.str(),
                              tr::content_length(child->content), platform, more);
    };
    add(amd64_, R"({"os":"linux","architecture":"amd64"})");
    add(arm64_, R"({"os":"linux","architecture":"arm64","variant":"v8"})");
    for (const auto& [attestation, image] :
         {std::pair(of_amd64_, amd64_), std::pair(of_arm64_, arm64_)})
      add(attestation, R"({"os":"unknown","architecture":"unknown"})",
          fmt::format(R"(,"annotations":{{"vnd.docker.reference.digest":"{}"}})", image.str()));
    index_ = test::put_manifest(
        source_.storage(), "src/app", kIndex,
        fmt::format(R"({{"schemaVersion":2,"mediaType":"{}","manifests":[{}],"note":1}})", kIndex,
                    entries_),
        "v1");
  }

  std::string at(const std::string& path) const { return source_.address() + "/" + path; }
  std::string path(const std::string& name) const { return (dir_ / name).string(); }
  ProgramResult run(std::vector<std::string> arguments) {
    return tote(std::move(arguments), {.directory = dir_.path()});
  }
  // Which of the images a repository has: "amd64 index".
  static std::string contents(TestRegistry& registry, const Platforms& of,
                              const std::string& repository = "dst/app") {
    std::string names;
    for (const auto& [name, digest] : of.named())
      if (registry.storage().find_manifest(repository, digest))
        names += (names.empty() ? "" : " ") + name;
    return names;
  }
  std::vector<std::pair<std::string, oci::Digest>> named() const {
    return {{"amd64", amd64_},
            {"arm64", arm64_},
            {"amd64-attestation", of_amd64_},
            {"arm64-attestation", of_arm64_},
            {"index", *index_}};
  }

  TempDir dir_;
  TestRegistry source_;
  TestRegistry sparse_{TestRegistry::no_wrap(), {}, {.allow_sparse = true}};
  const oci::Digest amd64_ =
      test::put_image(source_.storage(), "src/app", {test::make_tar({{"arch", "amd64"}})});
  const oci::Digest arm64_ =
      test::put_image(source_.storage(), "src/app", {test::make_tar({{"arch", "arm64"}})}, "",
                      {.architecture = "arm64"});
  const oci::Digest of_amd64_ = test::put_image(source_.storage(), "src/app", {"about amd64"});
  const oci::Digest of_arm64_ = test::put_image(source_.storage(), "src/app", {"about arm64"});
  std::string entries_;
  std::optional<oci::Digest> index_;
};

TEST_F(Platforms, AreChosenAndTheIndexStaysWhatItIs) {
  EXPECT_DONE(run({"copy", "-i", at("src/app:v1"), "--to-repo", sparse_.address() + "/dst/app",
                   "--platform", "linux/arm64", "--lock-output", "lock.yml"}));
  EXPECT_EQ(contents(sparse_, *this), "arm64 arm64-attestation index");
  EXPECT_EQ(sparse_.storage().find_tag("dst/app", "v1"), index_);
  EXPECT_THAT(test::read_text(dir_ / "lock.yml"), HasSubstr(index_->str()));
}

class PlatformsInFiles : public Platforms,
                         public testing::WithParamInterface<std::vector<std::string>> {};

TEST_P(PlatformsInFiles, ComeOutAsTheyWentIn) {
  std::vector<std::string> copy = {"copy", "-i", at("src/app:v1"), "--platform", "linux/amd64"};
  copy.insert(copy.end(), GetParam().begin(), GetParam().end());
  EXPECT_DONE(run(copy));
  const std::string& file = GetParam()[1];
  EXPECT_DONE(run({"copy", "--tar", file, "--to-repo", sparse_.address() + "/dst/app"}));
  EXPECT_EQ(contents(sparse_, *this), "amd64 amd64-attestation index");
  EXPECT_DONE(run({"pull", "--tar", file, "-o", "out", "--platform", "linux/amd64"}));
  EXPECT_EQ(test::read_text(dir_ / "out/arch"), "amd64");
  // What is not in it is not in it.
  const auto other = run({"copy", "--tar", file, "--to-repo", sparse_.address() + "/dst/other",
                          "--platform", "linux/arm64"});
  EXPECT_EQ(other.exit_code, 1);
  EXPECT_THAT(other.err, HasSubstr("the archive was made without the image for linux/arm64/v8"));
}

// A file that says it is whole and is not is damaged.
TEST_P(PlatformsInFiles, AreMissedWhereTheyShouldBe) {
  std::vector<std::string> copy = {"copy", "-i", at("src/app:v1")};
  copy.insert(copy.end(), GetParam().begin(), GetParam().end());
  EXPECT_DONE(run(copy));
  if (GetParam()[0] != "--to-layout") return;
  std::filesystem::remove(dir_ / GetParam()[1] / "blobs/sha256" / arm64_.hex());
  const auto broken = run({"copy", "--layout", GetParam()[1], "--to-repo", at("dst/app")});
  EXPECT_EQ(broken.exit_code, 1);
  EXPECT_THAT(broken.err, HasSubstr(arm64_.str() + "' is not there"));
}

INSTANTIATE_TEST_SUITE_P(Kinds, PlatformsInFiles,
                         testing::Values(std::vector<std::string>{"--to-tar", "a.tar"},
                                         std::vector<std::string>{"--to-tar", "a.tar",
                                                                  "--tar-format", "oci"},
                                         std::vector<std::string>{"--to-layout", "a"}));

TEST_F(Platforms, MayComeIntoALayoutOneAfterTheOther) {
  for (const char* platform : {"linux/amd64", "linux/arm64"})
    EXPECT_DONE(
        run({"copy", "-i", at("src/app:v1"), "--to-layout", "layout", "--platform", platform}));
  EXPECT_DONE(run({"copy", "--layout", "layout", "--to-repo", at("dst/app")}));
  EXPECT_EQ(contents(source_, *this), "amd64 arm64 amd64-attestation arm64-attestation index");
}

TEST_F(Platforms, ThatAnIndexDoesNotHaveAreAnErrorThatNamesThoseItHas) {
  const auto copied = run({"copy", "-i", at("src/app:v1"), "--to-repo", at("dst/app"), "--platform",
                           "linux/s390x,linux/riscv64"});
  EXPECT_EQ(copied.exit_code, 1);
  EXPECT_THAT(copied.err, HasSubstr("has no image for linux/s390x,linux/riscv64\n"));
  EXPECT_THAT(copied.err, HasSubstr("hint: it has these: linux/amd64, linux/arm64/v8\n"));
  EXPECT_TRUE(source_.storage().tags("dst/app").empty());
  const auto pulled =
      run({"pull", "-i", at("src/app:v1"), "-o", "out", "--platform", "linux/s390x"});
  EXPECT_THAT(pulled.err, HasSubstr("hint: it has these: linux/amd64, linux/arm64/v8\n"));
}

TEST_F(Platforms, ThatAreMissingBesideOthersAreNamed) {
  const auto copied = run({"copy", "-i", at("src/app:v1"), "--to-tar", "a.tar", "--platform",
                           "linux/amd64,linux/s390x"});
  EXPECT_DONE(copied);
  EXPECT_THAT(copied.err, HasSubstr(index_->str() + "' has no image for linux/s390x\n"));
}

TEST_F(Platforms, ThatARegistryWantsAllOfGetAClearWordAndAnotherWay) {
  TestRegistry strict;
  const std::vector<std::string> copy = {
      "copy",       "-i",         at("src/app:v1"), "--to-repo", strict.address() + "/dst/app",
      "--platform", "linux/arm64"};
  const auto refused = run(copy);
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err,
              HasSubstr("hint: this registry takes no index without all of its images"));
  EXPECT_FALSE(strict.storage().find_tag("dst/app", "v1"));

  std::vector<std::string> other_way = copy;
  other_way.insert(other_way.end(), {"--rewrite-index", "--lock-output", "lock.yml"});
  EXPECT_DONE(run(other_way));
  const auto tagged = strict.storage().find_tag("dst/app", "v1");
  ASSERT_TRUE(tagged);
  EXPECT_NE(tagged, index_);
  EXPECT_EQ(contents(strict, *this), "arm64 arm64-attestation");
  EXPECT_THAT(test::read_text(dir_ / "lock.yml"), HasSubstr(tagged->str()));
  EXPECT_DONE(run(
      {"pull", "-i", strict.address() + "/dst/app:v1", "-o", "out", "--platform", "linux/arm64"}));
  EXPECT_EQ(test::read_text(dir_ / "out/arch"), "arm64");
}

TEST_F(Platforms, OfALockAreRewrittenInTheLockToo) {
  TestRegistry strict;
  test::write_text(dir_ / "in.yml", test::images_lock({at("src/app@" + index_->str()),
                                                       at("src/app@" + amd64_.str())}));
  EXPECT_DONE(run({"copy", "--lock", "in.yml", "--to-repo", strict.address() + "/dst/app",
                   "--platform", "linux/amd64", "--rewrite-index", "--lock-output", "out.yml"}));
  const std::string lock = test::read_text(dir_ / "out.yml");
  EXPECT_THAT(lock, Not(HasSubstr(index_->str())));
  EXPECT_THAT(lock, HasSubstr(amd64_.str()));
  // What it names is there.
  EXPECT_DONE(run({"copy", "--lock", "out.yml", "--to-tar", "a.tar"}));
}

TEST_F(Platforms, OfABundleAreNotRewritten) {
  test::put_bundle(source_.storage(), "src/bundle",
                   test::images_lock({at("src/app@" + index_->str())}), "v1");
  const std::vector<std::string> copy = {"copy", "-b", at("src/bundle:v1"), "--platform",
                                         "linux/amd64"};
  std::vector<std::string> rewriting = copy;
  rewriting.insert(rewriting.end(), {"--rewrite-index", "--to-repo", at("dst/all")});
  const auto refused = run(rewriting);
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, HasSubstr("its lock names their digests"));
  EXPECT_TRUE(source_.storage().tags("dst/all").empty());

  std::vector<std::string> to_tar = copy;
  to_tar.insert(to_tar.end(), {"--to-tar", "b.tar"});
  EXPECT_DONE(run(to_tar));
  EXPECT_DONE(run({"describe", "--tar", "b.tar"}));
  EXPECT_DONE(run({"copy", "--tar", "b.tar", "--to-repo", sparse_.address() + "/dst/all"}));
  EXPECT_EQ(contents(sparse_, *this, "dst/all"), "amd64 amd64-attestation index");
}

TEST_F(Platforms, ThatStayAwayLeaveWhatIsAttachedToThemToo) {
  const auto sbom = [&](const oci::Digest& of) {
    return test::put_referrer(source_.storage(), "src/app", of, "application/vnd.example.sbom",
                              "of " + of.str());
  };
  const auto of_index = sbom(*index_);
  const auto of_amd64 = sbom(amd64_);
  const auto of_arm64 = sbom(arm64_);
  EXPECT_DONE(run({"copy", "-i", at("src/app:v1"), "--to-repo", sparse_.address() + "/dst/app",
                   "--platform", "linux/arm64", "--include-referrers"}));
  EXPECT_TRUE(sparse_.storage().find_manifest("dst/app", of_index));
  EXPECT_TRUE(sparse_.storage().find_manifest("dst/app", of_arm64));
  EXPECT_FALSE(sparse_.storage().find_manifest("dst/app", of_amd64));
}

TEST_F(Platforms, OfAnIndexAreShownByDescribe) {
  test::put_bundle(source_.storage(), "src/bundle",
                   test::images_lock({at("src/app@" + index_->str())}), "v1");
  const auto layer = [](const std::string& arch) {
    return oci::Digest::of(test::make_tar({{"arch", arch}})).str();
  };
  EXPECT_THAT(run({"describe", "-b", at("src/bundle:v1")}).out, HasSubstr(layer("amd64")));
  EXPECT_THAT(run({"describe", "-b", at("src/bundle:v1"), "--platform", "linux/arm64"}).out,
              HasSubstr(layer("arm64")));
}

}  // namespace
}  // namespace tote
