// Cosign's signatures: carried by copy, shown by describe.
#include "tests/support/image_builder.h"
#include "tests/support/matchers.h"
#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_registry.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace tote {
namespace {

using test::TempDir;
using test::TestRegistry;
using test::tote;
using testing::HasSubstr;
using testing::Not;

class Signatures : public testing::Test {
 protected:
  Signatures() {
    bundle_ = test::put_bundle(
        registry_.storage(), "src/bundle",
        test::images_lock({registry_.address() + "/src/app@" + image_.str()}), "v1");
    for (const auto& [repository, digest] :
         {std::pair(std::string("src/app"), image_), {"src/bundle", bundle_}})
      test::put_image(registry_.storage(), repository, {"signature of " + digest.str()},
                      tag_of(digest));
  }

  static std::string tag_of(const oci::Digest& digest) { return "sha256-" + digest.hex() + ".sig"; }
  std::string at(const std::string& path) const { return registry_.address() + "/" + path; }
  std::string path(const std::string& name) const { return (dir_ / name).string(); }
  void expect_both_signatures(const std::string& repository) {
    for (const oci::Digest& digest : {image_, bundle_})
      EXPECT_TRUE(registry_.storage().find_tag(repository, tag_of(digest))) << repository;
  }
  void answer_signatures_with(int status) {
    registry_.interceptor().replace(
        [status](const testregistry::RequestHead& head) -> std::optional<testregistry::Response> {
          if (!head.path.ends_with(".sig")) return std::nullopt;
          return testregistry::Response{status, {}, R"({"errors":[{"code":"DENIED"}]})"};
        });
  }

  TempDir dir_;
  TestRegistry registry_;
  oci::Digest image_ = test::put_image(registry_.storage(), "src/app", {"content"});
  oci::Digest bundle_ = image_;
};

TEST_F(Signatures, AreLeftUnlessAskedFor) {
  const auto copied = tote({"copy", "-b", at("src/bundle:v1"), "--to-repo", at("dst/all")});
  EXPECT_EQ(copied.exit_code, 0) << copied.err;
  EXPECT_FALSE(registry_.storage().find_tag("dst/all", tag_of(image_)));
}

TEST_F(Signatures, AreCarriedBetweenRepositories) {
  const auto copied = tote({"copy", "--tty", "-b", at("src/bundle:v1"), "--to-repo", at("dst/all"),
                            "--cosign-signatures"});
  EXPECT_EQ(copied.exit_code, 0) << copied.err;
  EXPECT_THAT(copied.err, HasSubstr("copied 4 images"));
  for (const std::string& request : registry_.interceptor().requests()) {
    EXPECT_THAT(request, Not(HasSubstr(".att")));
    EXPECT_THAT(request, Not(HasSubstr(".sbom")));
  }
  expect_both_signatures("dst/all");
}

TEST_F(Signatures, AreCarriedByArchives) {
  auto done =
      tote({"copy", "-b", at("src/bundle:v1"), "--to-tar", path("b.tar"), "--cosign-signatures"});
  EXPECT_EQ(done.exit_code, 0) << done.err;
  done = tote({"copy", "--tar", path("b.tar"), "--to-repo", at("far/all")});
  EXPECT_EQ(done.exit_code, 0) << done.err;
  expect_both_signatures("far/all");
  const auto described = tote({"describe", "--tar", path("b.tar")});
  EXPECT_THAT(described.out, HasSubstr("Type: Signature\n"));
}

TEST_F(Signatures, AreNotInALockThatNamedTheImages) {
  test::write_text(dir_ / "lock.yml",
                   "apiVersion: imgpkg.carvel.dev/v1alpha1\nkind: ImagesLock\n"
                   "images: [{annotations: {a: b}, image: " +
                       at("src/app@" + image_.str()) + "}]\n");
  EXPECT_DONE(
      tote({"copy", "--lock", path("lock.yml"), "--to-tar", path("l.tar"), "--cosign-signatures"}));
  EXPECT_DONE(tote({"copy", "--tar", path("l.tar"), "--to-repo", at("far/lock"), "--lock-output",
                    path("out.yml")}));
  EXPECT_TRUE(registry_.storage().find_tag("far/lock", tag_of(image_)));
  EXPECT_EQ(test::read_text(dir_ / "out.yml"),
            fmt::format("---\napiVersion: imgpkg.carvel.dev/v1alpha1\nimages:\n- annotations:\n    "
                        "a: b\n  image: {}@{}\nkind: ImagesLock\n",
                        at("far/lock"), image_.str()));
}

TEST_F(Signatures, AreShownUnlessNotAskedFor) {
  auto described = tote({"describe", "-b", at("src/bundle:v1"), "-o", "yaml"});
  EXPECT_THAT(described.out, HasSubstr("tag: " + tag_of(image_)));
  EXPECT_THAT(described.out, HasSubstr("tag: " + tag_of(bundle_)));
  EXPECT_THAT(described.out, HasSubstr("imageType: Signature"));
  described = tote({"describe", "-b", at("src/bundle:v1"), "--cosign-artifacts=false"});
  EXPECT_EQ(described.exit_code, 0);
  EXPECT_THAT(described.out, Not(HasSubstr("Signature")));
}

// As imgpkg: what is forbidden is passed over, anything else ends the copy.
TEST_F(Signatures, ThatNobodyMayLookAtAreNoFailure) {
  answer_signatures_with(403);
  const auto copied =
      tote({"copy", "-b", at("src/bundle:v1"), "--to-repo", at("dst/all"), "--cosign-signatures"});
  EXPECT_EQ(copied.exit_code, 0) << copied.err;
  const auto described = tote({"describe", "-b", at("src/bundle:v1"), "-o", "yaml"});
  EXPECT_THAT(described.out, HasSubstr(fmt::format("    {}:{}:\n      error: access denied\n",
                                                   at("src/app"), tag_of(image_))));
}

TEST_F(Signatures, ThatCanNotBeFetchedEndTheCopy) {
  answer_signatures_with(401);
  const auto copied =
      tote({"copy", "-b", at("src/bundle:v1"), "--to-repo", at("dst/all"), "--cosign-signatures"});
  EXPECT_EQ(copied.exit_code, 1);
  EXPECT_THAT(copied.err, HasSubstr("Error: Fetching signature for image 'sha256:"));
}

}  // namespace
}  // namespace tote
