// What is attached to images comes along: into registries of both kinds, tars and layouts, and
// back.
#include "base/json.h"
#include "oci/reference.h"
#include "tests/support/attached.h"
#include "tests/support/image_builder.h"
#include "tests/support/matchers.h"
#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_registry.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

namespace tote {
namespace {

namespace tr = testregistry;
using test::TempDir;
using test::TestRegistry;
using test::tote;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kSbom = "application/vnd.example.sbom";
constexpr const char* kScan = "application/vnd.example.scan";

void keep_no_lists(TestRegistry& registry) {
  registry.interceptor().replace([](const tr::RequestHead& head) {
    return head.path.find("/referrers/") == std::string::npos
               ? std::nullopt
               : std::optional(tr::Response{404, {}, "404 page not found\n"});
  });
  registry.interceptor().change([](const tr::RequestHead&, tr::Response& response) {
    std::erase_if(response.headers,
                  [](const auto& header) { return header.first == "OCI-Subject"; });
  });
}

// An index of two images with a bit of everything attached to it.
class AttachedThings : public testing::Test {
 protected:
  AttachedThings() {
    auto& storage = source_.storage();
    sbom_ = test::put_referrer(storage, "src/app", index_, kSbom, "sbom of the index");
    scan_ = test::put_referrer(storage, "src/app", amd64_, kScan, "scan of a child");
    signed_sbom_ = test::sign_by_referrer(storage, "src/app", *sbom_, key_);
    signature_ = test::sign_by_referrer(storage, "src/app", index_, key_);
    tagged_ = test::sign_by_tag(storage, "src/app", index_, key_);
    attested_ = test::put_artifact(storage, "src/app", {},
                                   {{"application/vnd.dsse.envelope.v1+json", "{}"}}, {},
                                   test::cosign_tag(arm64_, ".att"));
  }

  std::string at(const std::string& path) const { return source_.address() + "/" + path; }
  std::string to(const std::string& path) const { return target_.address() + "/" + path; }
  std::string path(const std::string& name) const { return (dir_ / name).string(); }

  static std::set<oci::Digest> listed(TestRegistry& registry, const oci::Digest& subject,
                                      const std::string& repository = "dst/app") {
    std::set<oci::Digest> digests;
    for (const tr::Referrer& referrer : registry.storage().referrers(repository, subject))
      digests.insert(referrer.digest);
    return digests;
  }
  void expect_everything(const std::string& repository = "dst/app") {
    EXPECT_EQ(listed(target_, index_, repository), (std::set{*sbom_, *signature_}));
    EXPECT_EQ(listed(target_, amd64_, repository), (std::set{*scan_}));
    EXPECT_EQ(listed(target_, *sbom_, repository), (std::set{*signed_sbom_}));
    EXPECT_EQ(target_.storage().find_tag(repository, test::cosign_tag(index_)), tagged_);
    EXPECT_EQ(target_.storage().find_tag(repository, test::cosign_tag(arm64_, ".att")), attested_);
    // Referrers are found by their subjects, and need no tags.
    for (const std::string& tag : target_.storage().tags(repository))
      EXPECT_THAT(tag, Not(HasSubstr(sbom_->hex())));
  }

  TempDir dir_;
  TestRegistry source_;
  TestRegistry target_;
  const test::SigningKey key_ = test::SigningKey::ecdsa();
  const oci::Digest amd64_ = test::put_image(source_.storage(), "src/app", {"amd64"});
  const oci::Digest arm64_ =
      test::put_image(source_.storage(), "src/app", {"arm64"}, "", {.architecture = "arm64"});
  const oci::Digest index_ =
      test::put_index(source_.storage(), "src/app", {{amd64_, "amd64"}, {arm64_, "arm64"}}, "v1");
  std::optional<oci::Digest> sbom_, scan_, signed_sbom_, signature_, tagged_, attested_;
};

TEST_F(AttachedThings, StayWhereTheyAreUnlessAskedFor) {
  source_.interceptor().forget_requests();
  EXPECT_DONE(tote({"copy", "-i", at("src/app:v1"), "--to-repo", to("dst/app")}));
  EXPECT_TRUE(listed(target_, index_).empty());
  EXPECT_EQ(source_.interceptor().count("GET /v2/src/app/referrers"), 1U)
      << "of the image that was named";
}

TEST_F(AttachedThings, ComeAlongIntoARepository) {
  EXPECT_DONE(
      tote({"copy", "-i", at("src/app:v1"), "--to-repo", to("dst/app"), "--include-referrers"}));
  expect_everything();
  // Once more, nothing is sent.
  target_.interceptor().forget_requests();
  EXPECT_DONE(
      tote({"copy", "-i", at("src/app:v1"), "--to-repo", to("dst/app"), "--include-referrers"}));
  EXPECT_EQ(target_.interceptor().count("PUT "), 0U);
  EXPECT_EQ(target_.interceptor().count("POST "), 0U);
}

// Through every kind of file, and from a copy of the file into a repository.
class AttachedInFiles : public AttachedThings,
                        public testing::WithParamInterface<std::vector<std::string>> {};

TEST_P(AttachedInFiles, ComeOutAgain) {
  const bool is_layout = GetParam().front() == "--to-layout";
  std::vector<std::string> copy = {"copy", "-i", at("src/app:v1"), "--include-referrers"};
  copy.insert(copy.end(), GetParam().begin(), GetParam().end());
  EXPECT_DONE(tote(copy, {.directory = dir_.path()}));
  EXPECT_DONE(tote({"copy", is_layout ? "--layout" : "--tar", path(GetParam()[1]), "--to-repo",
                    to("dst/app"), "--lock-output", path("lock.yml")}));
  expect_everything();
  // The lock is of what runs.
  EXPECT_EQ(test::read_text(dir_ / "lock.yml"),
            fmt::format("---\napiVersion: imgpkg.carvel.dev/v1alpha1\nimages:\n- image: "
                        "{}@{}\nkind: ImagesLock\n",
                        to("dst/app"), index_.str()));
}

INSTANTIATE_TEST_SUITE_P(Kinds, AttachedInFiles,
                         testing::Values(std::vector<std::string>{"--to-tar", "a.tar"},
                                         std::vector<std::string>{"--to-tar", "a.tar",
                                                                  "--tar-format", "oci"},
                                         std::vector<std::string>{"--to-layout", "a"}));

TEST_F(AttachedThings, AreListedByTagWhereTheRegistryKeepsNoLists) {
  keep_no_lists(target_);
  const auto copy = [&] {
    return tote(
        {"copy", "-i", at("src/app:v1"), "--to-repo", to("dst/app"), "--include-referrers"});
  };
  EXPECT_DONE(copy());
  EXPECT_TRUE(target_.storage().find_tag("dst/app", oci::digest_tag(index_)));
  // As after a run that was cut short before it had listed what it had pushed.
  target_.storage().remove_tag("dst/app", oci::digest_tag(index_));
  EXPECT_DONE(copy());
  // Out of there again, by the tags.
  TestRegistry last;
  EXPECT_DONE(tote({"copy", "-i", to("dst/app:v1"), "--to-repo", last.address() + "/dst/app",
                    "--include-referrers"}));
  EXPECT_EQ(listed(last, index_), (std::set{*sbom_, *signature_}));
  EXPECT_EQ(listed(last, *sbom_), (std::set{*signed_sbom_}));
}

TEST_F(AttachedThings, ComeAlongByTheirTypes) {
  const auto copied = tote({"copy", "-i", at("src/app:v1"), "--to-repo", to("dst/app"),
                            fmt::format("--include-referrers={}", kSbom)});
  EXPECT_DONE(copied);
  EXPECT_EQ(listed(target_, index_), (std::set{*sbom_}));
  EXPECT_TRUE(listed(target_, amd64_).empty());
  EXPECT_FALSE(target_.storage().find_tag("dst/app", test::cosign_tag(index_)));
}

TEST_F(AttachedThings, ThatAreCosignsComeAlongAndTheOthersAreCounted) {
  const auto copied =
      tote({"copy", "-i", at("src/app:v1"), "--to-repo", to("dst/app"), "--cosign-signatures"});
  EXPECT_DONE(copied);
  EXPECT_EQ(listed(target_, index_), (std::set{*signature_}));
  EXPECT_TRUE(target_.storage().find_tag("dst/app", test::cosign_tag(index_)));
  EXPECT_TRUE(target_.storage().find_tag("dst/app", test::cosign_tag(arm64_, ".att")));
  EXPECT_THAT(copied.err, HasSubstr("2 attachments of 2 images stay behind: --include-referrers "
                                    "takes all along\n"));
}

TEST_F(AttachedThings, StayBehindNoticedWhenTheyAreOfWhatWasNamed) {
  const auto copied = tote({"copy", "-i", at("src/app:v1"), "--to-repo", to("dst/app")});
  EXPECT_DONE(copied);
  EXPECT_THAT(copied.err, HasSubstr("3 attachments of 1 image stay behind: --include-referrers "
                                    "takes all along\n"));
  EXPECT_TRUE(listed(target_, index_).empty());
}

// It was not asked for.
TEST_F(AttachedThings, ThatNobodyCanTellOfDoNotStopACopy) {
  for (const int status : {400, 403, 404}) {
    source_.interceptor().replace([&](const tr::RequestHead& head) -> std::optional<tr::Response> {
      const bool is_look = head.path.find("/referrers/") != std::string::npos ||
                           head.path.find("/manifests/sha256-") != std::string::npos;
      return is_look ? std::optional(tr::Response{.status = status}) : std::nullopt;
    });
    const auto copied = tote({"copy", "-i", at("src/app:v1"), "--to-repo", to("dst/app")});
    EXPECT_DONE(copied);
    EXPECT_THAT(copied.err, Not(HasSubstr("stay behind")));
  }
}

TEST_F(AttachedThings, AreNotBelievedToBelongToWhatTheyDoNotName) {
  keep_no_lists(source_);
  const auto other = source_.storage().find_manifest("src/app", *scan_);
  test::put_manifest(
      source_.storage(), "src/app", "application/vnd.oci.image.index.v1+json",
      fmt::format(
          R"({{"schemaVersion":2,"manifests":[{{"mediaType":"{}","digest":"{}","size":{}}}]}})",
          other->media_type, scan_->str(), tr::content_length(other->content)),
      oci::digest_tag(index_));
  EXPECT_DONE(
      tote({"copy", "-i", at("src/app:v1"), "--to-repo", to("dst/app"), "--include-referrers"}));
  EXPECT_FALSE(target_.storage().find_manifest("dst/app", *scan_));
}

TEST_F(AttachedThings, ThatAreListedAndNotThereEndTheCopyBeforeItBegins) {
  keep_no_lists(source_);
  const oci::Digest gone = oci::Digest::of("gone");
  test::put_manifest(
      source_.storage(), "src/app", "application/vnd.oci.image.index.v1+json",
      fmt::format(
          R"({{"schemaVersion":2,"manifests":[{{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{}","size":5}}]}})",
          gone.str()),
      oci::digest_tag(index_));
  const auto copied =
      tote({"copy", "-i", at("src/app:v1"), "--to-repo", to("dst/app"), "--include-referrers"});
  EXPECT_EQ(copied.exit_code, 1);
  EXPECT_THAT(copied.err, HasSubstr("Fetching what is attached to '" + at("src/app@")));
  EXPECT_THAT(copied.err, HasSubstr(gone.str()));
  EXPECT_TRUE(target_.interceptor().requests().empty());
}

// One image in two repositories, signed by different people: one tag can not keep both.
TEST_F(AttachedThings, ThatWantOneTagAreAnErrorBeforeAnythingMoves) {
  const auto twin = test::put_image(source_.storage(), "src/twin", {"amd64"});
  ASSERT_EQ(twin, amd64_);
  test::sign_by_tag(source_.storage(), "src/twin", twin, key_);
  test::sign_by_tag(source_.storage(), "src/app", amd64_, test::SigningKey::ecdsa());
  test::write_text(dir_ / "lock.yml", test::images_lock({at("src/app@" + amd64_.str()),
                                                         at("src/twin@" + twin.str())}));
  const auto copied =
      tote({"copy", "--lock", path("lock.yml"), "--to-repo", to("dst/app"), "--cosign-signatures"});
  EXPECT_EQ(copied.exit_code, 1);
  EXPECT_THAT(copied.err, HasSubstr("both would get the tag '" + test::cosign_tag(twin)));
  EXPECT_TRUE(target_.interceptor().requests().empty());
}

// As oras leaves it: every manifest is an entry, and only what has a tag has a name.
TEST_F(AttachedThings, ComeOutOfTheLayoutsOfOras) {
  EXPECT_DONE(
      tote({"copy", "-i", at("src/app:v1"), "--to-layout", path("oras"), "--include-referrers"}));
  const Json ours = Json::parse(test::read_text(dir_ / "oras/index.json"), "index");
  std::string entries;
  for (const Json& entry : ours.items_of("manifests")) {
    const bool is_root = entry.at("digest").string() == index_.str();
    entries += fmt::format(
        R"({}{{"mediaType":"{}","digest":"{}","size":{}{}}})", entries.empty() ? "" : ",",
        entry.at("mediaType").string(), entry.at("digest").string(), entry.at("size").number(),
        is_root ? R"(,"annotations":{"org.opencontainers.image.ref.name":"v1"})" : "");
  }
  test::write_text(dir_ / "oras/index.json",
                   fmt::format(R"({{"schemaVersion":2,"manifests":[{}]}})", entries));
  EXPECT_DONE(tote({"copy", "--layout", path("oras"), "--to-repo", to("dst/app")}));
  EXPECT_EQ(listed(target_, index_), (std::set{*sbom_, *signature_}));
  EXPECT_EQ(listed(target_, *sbom_), (std::set{*signed_sbom_}));
}

// As regclient leaves it: with the tags that clients keep where registries have no lists.
TEST_F(AttachedThings, ComeOutOfLayoutsWithListsUnderTags) {
  EXPECT_DONE(tote({"copy", "-i", at("src/app@" + amd64_.str()), "--to-layout", path("regctl"),
                    "--include-referrers"}));
  const auto scan = source_.storage().find_manifest("src/app", *scan_);
  const std::string list = fmt::format(
      R"({{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{{"mediaType":"{}","digest":"{}","size":{}}}]}})",
      scan->media_type, scan_->str(), tr::content_length(scan->content));
  const auto image = source_.storage().find_manifest("src/app", amd64_);
  test::write_text(dir_ / "regctl/blobs/sha256" / oci::Digest::of(list).hex(), list);
  test::write_text(
      dir_ / "regctl/index.json",
      fmt::format(
          R"({{"schemaVersion":2,"manifests":[{{"mediaType":"{0}","digest":"{1}","size":{2}}},{{"mediaType":"application/vnd.oci.image.index.v1+json","digest":"{3}","size":{4},"annotations":{{"org.opencontainers.image.ref.name":"{5}"}}}}]}})",
          image->media_type, amd64_.str(), tr::content_length(image->content),
          oci::Digest::of(list).str(), list.size(), oci::digest_tag(amd64_)));
  EXPECT_DONE(tote({"copy", "--layout", path("regctl"), "--to-repo", to("dst/app")}));
  EXPECT_EQ(listed(target_, amd64_), (std::set{*scan_}));
  EXPECT_FALSE(target_.storage().find_tag("dst/app", oci::digest_tag(amd64_)));
}

TEST_F(AttachedThings, AreNoOtherImageOfAnArchive) {
  const auto app =
      test::put_image(source_.storage(), "src/one", {test::make_tar({{"file", "text"}})}, "v1");
  test::put_referrer(source_.storage(), "src/one", app, kSbom, "sbom");
  EXPECT_DONE(
      tote({"copy", "-i", at("src/one:v1"), "--to-tar", path("one.tar"), "--include-referrers"}));
  EXPECT_DONE(tote({"pull", "--tar", path("one.tar"), "-o", path("out")}));
  EXPECT_EQ(test::read_text(dir_ / "out/file"), "text");
}

}  // namespace
}  // namespace tote
