// ls, manifest, config, blob, tag rm, delete, referrers and attach, as a user types them.
#include "base/json.h"
#include "tests/support/docker_registry.h"
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

using test::tote;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using Strings = std::vector<std::string>;

Json json_of(Strings arguments) {
  arguments.emplace_back("--json");
  const auto result = tote(arguments);
  EXPECT_DONE(result);
  return Json::parse(result.exit_code == 0 ? result.out : "{}", "result");
}

void expect_refused(const Strings& arguments, const std::string& words) {
  const auto result = tote(arguments);
  EXPECT_EQ(result.exit_code, 1) << result.out;
  EXPECT_THAT(result.err, HasSubstr(words));
}

class EverydayTest : public testing::Test {
 protected:
  EverydayTest() { test::write_text(dir_ / "sbom.json", "{\"sbom\":1}"); }

  std::string at(const std::string& name) const { return registry_.address() + "/" + name; }
  std::string path(const std::string& name) const { return (dir_ / name).string(); }
  testregistry::Storage& storage() { return registry_.storage(); }
  bool is_there(const std::string& name) const {
    return tote({"tag", "resolve", "-i", name}).exit_code == 0;
  }

  test::TempDir dir_;
  test::TestRegistry registry_;
};

// ---- ls ----------------------------------------------------------------------------------------

TEST_F(EverydayTest, LsShowsRepositoriesOfARegistryAndBelowAPath) {
  for (const char* name : {"other", "team/app", "team/web", "teams"})
    test::put_image(storage(), name, {"layer"}, "v1");
  const std::string team = at("team/app") + "\n" + at("team/web") + "\n";
  EXPECT_EQ(tote({"ls", registry_.address()}).out, at("other") + "\n" + team + at("teams") + "\n");
  EXPECT_EQ(tote({"ls", "oci://" + at("team/")}).out, team);
  EXPECT_EQ(tote({"ls", at("team")}).out, team) << "it is no repository";
  const Json listed = json_of({"ls", at("team/")});
  EXPECT_EQ(listed.at("registry").string(), registry_.address());
  EXPECT_EQ(listed.at("repositories").items()[0].string(), "team/app");
}

TEST_F(EverydayTest, LsReadsAllPagesOfAList) {
  constexpr int kMany = 1203;  // more than a page
  for (int i = 0; i < kMany; ++i)
    test::put_image(storage(), fmt::format("many/r{:04}", i), {"x"}, "v1");
  EXPECT_EQ(json_of({"ls", registry_.address()}).at("repositories").items().size(),
            static_cast<std::size_t>(kMany));
}

TEST_F(EverydayTest, LsShowsWhatTagsLeadTo) {
  const auto amd = test::put_image(storage(), "app", {"layer"}, "v1");
  const auto arm = test::put_image(storage(), "app", {"layer"}, {}, {.architecture = "arm64"});
  const auto index = test::put_index(storage(), "app", {{amd, "amd64"}, {arm, "arm64"}}, "v2");
  const Json listed = json_of({"ls", at("app")});
  ASSERT_EQ(listed.at("images").items().size(), 2U);
  const Json v1 = listed.at("images").items()[0];
  EXPECT_EQ(v1.at("name").string(), "v1");
  EXPECT_EQ(v1.at("digest").string(), amd.str());
  EXPECT_EQ(v1.at("platforms").text(), R"(["linux/amd64"])");
  const Json v2 = listed.at("images").items()[1];
  EXPECT_EQ(v2.at("digest").string(), index.str());
  EXPECT_EQ(v2.at("platforms").text(), R"(["linux/amd64","linux/arm64"])");
  EXPECT_GT(v2.at("bytes").number(), v1.at("bytes").number());
  EXPECT_THAT(tote({"ls", at("app:v2")}).out,
              AllOf(HasSubstr("linux/amd64,linux/arm64"), Not(HasSubstr("v1"))));
}

TEST_F(EverydayTest, LsSaysWhatOfARepositoryIsDamaged) {
  test::put_image(storage(), "app", {"layer"}, "good");
  registry_.interceptor().change([](const auto& head, testregistry::Response& response) {
    if (head.path.ends_with("/manifests/bad")) response.body = std::string("no JSON");
  });
  test::put_image(storage(), "app", {"other"}, "bad");
  const auto result = tote({"ls", at("app")});
  EXPECT_DONE(result);
  EXPECT_THAT(result.out, AllOf(HasSubstr("bad\t-\t-"), HasSubstr("good\tsha256:")));
  EXPECT_THAT(result.err, HasSubstr("'bad' can not be looked at"));
}

TEST_F(EverydayTest, LsShowsWhatAnArchiveHolds) {
  const auto digest = test::put_image(storage(), "app", {"layer"}, "v1");
  EXPECT_DONE(tote({"copy", "-q", "-i", at("app:v1"), "--to-tar", path("a.tar")}));
  EXPECT_THAT(tote({"ls", path("a.tar")}).out, HasSubstr(at("app:v1") + "\t" + digest.str()));
}

TEST_F(EverydayTest, LsSaysWhyThereIsNoList) {
  struct Row {
    int status;
    const char* hint;
  };
  for (const Row row :
       {Row{401, "show the list of repositories to nobody"},
        Row{403, "show the list of repositories to nobody"},
        Row{404, "does not list its repositories"}, Row{405, "does not list its repositories"}}) {
    registry_.interceptor().replace(
        [row](const auto& head) -> std::optional<testregistry::Response> {
          if (!head.path.ends_with("_catalog")) return std::nullopt;
          return testregistry::Response{row.status};
        });
    expect_refused({"ls", registry_.address()}, row.hint);
  }
}

TEST_F(EverydayTest, LsEscapesNamesThatSteerATerminal) {
  registry_.interceptor().replace([](const auto& head) -> std::optional<testregistry::Response> {
    if (!head.path.ends_with("_catalog")) return std::nullopt;
    testregistry::Response response{200, {{"Content-Type", "application/json"}}};
    response.body = std::string(R"({"repositories":["a\u001b[31m\nb"]})");
    return response;
  });
  EXPECT_EQ(tote({"ls", registry_.address()}).out, at("a\\x1b[31m b\n"));
}

// ---- one thing ---------------------------------------------------------------------------------

TEST_F(EverydayTest, ManifestsAndConfigsComeByteForByte) {
  const auto amd = test::put_image(storage(), "app", {"layer"}, "v1");
  const auto arm = test::put_image(storage(), "app", {"layer"}, {}, {.architecture = "arm64"});
  const auto index = test::put_index(storage(), "app", {{amd, "amd64"}, {arm, "arm64"}}, "all");
  EXPECT_EQ(oci::Digest::of(tote({"manifest", "get", at("app:v1")}).out), amd);
  EXPECT_EQ(oci::Digest::of(tote({"manifest", "get", at("app:all")}).out), index);
  EXPECT_EQ(
      oci::Digest::of(tote({"manifest", "get", at("app:all"), "--platform", "linux/arm64"}).out),
      arm);
  EXPECT_EQ(json_of({"manifest", "get", at("app:v1")}).at("digest").string(), amd.str());
  EXPECT_THAT(tote({"config", "get", at("app:all"), "--platform", "linux/arm64"}).out,
              HasSubstr("arm64"));
  const auto chosen = tote({"config", "get", at("app:all")});
  EXPECT_THAT(chosen.out, HasSubstr("amd64"));
  EXPECT_THAT(chosen.err, HasSubstr("for linux/amd64")) << "it is said what was chosen";
}

TEST_F(EverydayTest, BlobsAreWrittenWhenTheyAreRight) {
  const std::string layer = test::random_bytes(300'000, 1);
  test::put_image(storage(), "app", {layer}, "v1");
  const std::string blob = at("app@") + oci::Digest::of(layer).str();
  EXPECT_EQ(tote({"blob", "get", blob}).out, layer);
  EXPECT_DONE(tote({"blob", "get", blob, "-o", path("layer")}));
  EXPECT_EQ(test::read_text(dir_ / "layer"), layer);
  expect_refused({"blob", "get", blob, "-o", path("layer")}, "is there already");
  EXPECT_DONE(tote({"blob", "get", blob, "-o", path("layer"), "--overwrite"}));
  expect_refused({"blob", "get", at("app:v1")}, "Expected a digest");
}

TEST_F(EverydayTest, DamagedBlobsGetNoName) {
  const std::string layer = test::random_bytes(300'000, 1);
  test::put_image(storage(), "app", {layer}, "v1");
  const std::string digest = oci::Digest::of(layer).str();
  registry_.interceptor().change([&](const auto& head, testregistry::Response& response) {
    if (head.method == "GET" && head.path.ends_with(digest))
      response.body = std::string(layer.size(), 'x');
  });
  expect_refused({"blob", "get", at("app@") + digest, "-o", path("layer")}, digest);
  EXPECT_EQ(test::read_tree(dir_.path()).size(), 1U) << "nothing beside sbom.json";
  expect_refused({"blob", "get", at("app@") + digest},
                 "what was printed is not what was asked for");
}

TEST_F(EverydayTest, ManifestPutKeepsEveryByte) {
  const auto digest = test::put_image(storage(), "app", {"layer"}, "v1");
  const std::string text = tote({"manifest", "get", at("app:v1")}).out;
  test::write_text(dir_ / "m.json", text);
  EXPECT_EQ(tote({"manifest", "put", at("app:v2"), "-f", path("m.json")}).out,
            at("app@") + digest.str() + "\n");
  EXPECT_EQ(tote({"manifest", "get", at("app:v2")}).out, text);
  expect_refused(
      {"manifest", "put", at("app@sha256:") + std::string(64, '0'), "-f", path("m.json")},
      "has the digest");
  test::write_text(dir_ / "none.json", R"({"schemaVersion":2,"layers":[]})");
  expect_refused({"manifest", "put", at("app:v3"), "-f", path("none.json")}, "has no mediaType");
  test::write_text(dir_ / "bad.json", "not JSON");
  expect_refused({"manifest", "put", at("app:v3"), "-f", path("bad.json")}, "bad.json");
}

// ---- attached ----------------------------------------------------------------------------------

class EverydayAnywhere : public testing::TestWithParam<bool> {
 protected:
  EverydayAnywhere() {
    if (GetParam()) docker_ = std::make_unique<test::DockerRegistry>(dir_, "docker");
    test::write_text(dir_ / "app/file", "hello\n");
    test::write_text(dir_ / "sbom.json", "{\"sbom\":1}");
    EXPECT_DONE(tote({"push", "-q", "-i", at("app:v1"), "-f", (dir_ / "app").string()}));
  }
  std::string at(const std::string& name) const {
    return (docker_ ? docker_->address() : own_.address()) + "/" + name;
  }

  test::TempDir dir_;
  test::TestRegistry own_;
  std::unique_ptr<test::DockerRegistry> docker_;
};

TEST_P(EverydayAnywhere, WhatIsAttachedIsShownAsATreeAndGoesWithItsImage) {
  const std::string sbom = json_of({"attach", at("app:v1"), "-f", (dir_ / "sbom.json").string(),
                                    "--type", "application/spdx+json", "--annotation", "a=b,c=d"})
                               .at("image")
                               .string();
  const std::string note =
      json_of({"attach", sbom, "--type", "application/vnd.example.note", "--annotation", "k=v"})
          .at("digest")
          .string();
  const Json tree = json_of({"referrers", at("app:v1")});
  ASSERT_EQ(tree.at("referrers").items().size(), 1U);
  const Json first = tree.at("referrers").items()[0];
  EXPECT_EQ(at("app@") + first.at("digest").string(), sbom);
  EXPECT_EQ(first.at("annotations").at("a").string(), "b,c=d");
  EXPECT_EQ(first.at("referrers").items()[0].at("digest").string(), note);
  EXPECT_THAT(tote({"referrers", at("app:v1")}).out, HasSubstr("└── sha256:"));
  EXPECT_THAT(tote({"manifest", "get", sbom}).out,
              AllOf(HasSubstr("sbom.json"), HasSubstr("application/vnd.oci.empty.v1+json")));

  expect_refused({"delete", at("app:v1"), "--referrers"}, "-y removes it");
  EXPECT_DONE(tote({"manifest", "get", sbom}));
  EXPECT_DONE(tote({"delete", at("app:v1"), "--referrers", "-y"}));
  for (const std::string& gone : {at("app:v1"), sbom, at("app@") + note})
    EXPECT_EQ(tote({"manifest", "get", gone}).exit_code, 1) << gone;
}

TEST_P(EverydayAnywhere, WhatIsDeletedAloneIsTakenOffTheListOfReferrers) {
  const Strings attach = {"attach", at("app:v1"), "--type", "application/vnd.example.note"};
  const auto with = [&](const std::string& note) {
    Strings words = attach;
    words.insert(words.end(), {"--annotation", "note=" + note});
    return json_of(words).at("image").string();
  };
  const std::string one = with("1");
  const std::string two = with("2");
  EXPECT_DONE(tote({"delete", one, "-y"}));
  const Json tree = json_of({"referrers", at("app:v1")});
  ASSERT_EQ(tree.at("referrers").items().size(), 1U);
  EXPECT_EQ(at("app@") + tree.at("referrers").items()[0].at("digest").string(), two);
}

TEST_P(EverydayAnywhere, TagRmNeverDeletesTheManifest) {
  const std::string digest = json_of({"tag", "resolve", "-i", at("app:v1")}).at("digest").string();
  const auto result = tote({"tag", "rm", at("app:v1")});
  EXPECT_DONE(tote({"manifest", "get", at("app@") + digest}));
  const bool is_gone = tote({"tag", "resolve", "-i", at("app:v1")}).exit_code != 0;
  EXPECT_EQ(is_gone, result.exit_code == 0) << result.err;
  EXPECT_EQ(result.exit_code, GetParam() ? 1 : 0) << "docker-registry removes no tags";
  if (GetParam()) {
    EXPECT_THAT(result.err, HasSubstr("removes no tag alone"));
  }
}

INSTANTIATE_TEST_SUITE_P(All, EverydayAnywhere, testing::Bool(), [](const auto& row) {
  return row.param ? std::string("DockerRegistry") : std::string("Own");
});

// ---- removing ----------------------------------------------------------------------------------

// The DELETE of a tag removes what it leads to.
TEST_F(EverydayTest, TagRmPutsBackWhatARegistryRemovesTooMuch) {
  const auto digest = test::put_image(storage(), "app", {"layer"}, "v1");
  EXPECT_DONE(tote({"push", "-q", "-i", at("app:other"), "-f", path("sbom.json")}));
  const std::string text = tote({"manifest", "get", at("app:v1")}).out;
  test::write_text(dir_ / "m.json", text);
  EXPECT_DONE(tote({"manifest", "put", at("app:also"), "-f", path("m.json")}));
  registry_.interceptor().replace([&](const auto& head) -> std::optional<testregistry::Response> {
    if (head.method != "DELETE") return std::nullopt;
    storage().remove_manifest("app", digest);
    return testregistry::Response{202};
  });
  expect_refused({"tag", "rm", at("app:v1")}, "which has been put back with all of its tags");
  for (const char* name : {"app:v1", "app:also", "app:other"}) EXPECT_TRUE(is_there(at(name)));
  EXPECT_EQ(tote({"manifest", "get", at("app:also")}).out, text);
}

TEST_F(EverydayTest, TagRmWantsATag) {
  test::put_image(storage(), "app", {"layer"}, "latest");
  expect_refused({"tag", "rm", at("app")}, "Expected a tag");
  EXPECT_TRUE(is_there(at("app:latest")));
  expect_refused({"tag", "rm", at("app:none")}, "none");
}

TEST_F(EverydayTest, DeleteSaysWhatGoesAndWaitsForAYes) {
  const auto digest = test::put_image(storage(), "app", {"layer"}, "v1");
  const auto asked = tote({"delete", at("app:v1")});
  EXPECT_EQ(asked.exit_code, 1);
  EXPECT_THAT(asked.out, HasSubstr(digest.str() + "' with the tag v1"));
  EXPECT_TRUE(is_there(at("app:v1")));
  EXPECT_THAT(tote({"delete", at("app:v1"), "-y"}).out, HasSubstr("Removed '"));
  EXPECT_FALSE(is_there(at("app@") + digest.str()));
}

TEST_F(EverydayTest, DeleteLeavesWhatAnIndexNeeds) {
  const auto amd = test::put_image(storage(), "app", {"layer"}, "amd64");
  test::put_index(storage(), "app", {{amd, "amd64"}}, "all");
  expect_refused({"delete", at("app:amd64"), "-y"}, "is a part of the index");
  EXPECT_DONE(tote({"delete", at("app:all"), "-y"}));
  EXPECT_DONE(tote({"delete", at("app:amd64"), "-y"}));
}

TEST_F(EverydayTest, PlacesThatAreNoImagesAreRefused) {
  for (const Strings& words :
       {Strings{"manifest", "get", "oci:layout"}, Strings{"referrers", "./a.tar"},
        Strings{"delete", "oci-archive:a.tar"}, Strings{"blob", "get", "-"}})
    expect_refused(words, "is no image in a registry");
}

// ---- copy SOURCE TARGET, tag list IMAGE, push --annotation -------------------------------------

TEST_F(EverydayTest, CopyTakesPlacesAsSkopeoSpellsThem) {
  const auto digest = test::put_image(storage(), "app", {"layer"}, "v1");
  const std::string from = "docker://" + at("app:v1");
  EXPECT_DONE(tote({"copy", "-q", from, "oci:" + path("layout")}));
  EXPECT_DONE(tote({"copy", "-q", "oci:" + path("layout"), "oci-archive:" + path("a.tar")}));
  EXPECT_DONE(tote({"copy", "-q", from, "docker-archive:" + path("d.tar")}));
  EXPECT_DONE(tote({"copy", "-q", from, path("plain.tar")}));
  EXPECT_DONE(tote({"copy", "-q", "oci-archive:" + path("a.tar"), "oci://" + at("far:v2")}));
  EXPECT_EQ(json_of({"tag", "resolve", at("far:v2")}).at("digest").string(), digest.str());
  EXPECT_DONE(tote({"copy", "-q", from, path("layout")}));
  for (const char* file : {"a.tar", "d.tar", "plain.tar", "layout"})
    EXPECT_THAT(tote({"ls", path(file)}).out, HasSubstr(digest.str())) << file;
}

TEST_F(EverydayTest, CopyFindsOutWhetherItIsABundle) {
  const auto image = test::put_image(storage(), "app", {"layer"}, "v1");
  test::put_bundle(storage(), "bundle", test::images_lock({at("app@") + image.str()}), "v1");
  EXPECT_DONE(tote({"copy", "-q", at("bundle:v1"), at("far")}));
  EXPECT_DONE(tote({"manifest", "get", at("far@") + image.str()}));
}

TEST_F(EverydayTest, CopyOfPlacesRefusesWhatIsUnclear) {
  expect_refused({"copy", at("app")}, "Expected SOURCE and TARGET");
  expect_refused({"copy", at("app"), at("far"), "--to-tar", path("a.tar")},
                 "Expected either SOURCE and TARGET or --to-tar, not both");
  expect_refused({"copy", at("app"), path("neither")}, "may be an archive or a layout");
  expect_refused({"copy", at("app"), at("far@sha256:") + std::string(64, '0')},
                 "digests are what they are");
  expect_refused({"copy", "oci://" + at("app//sub"), at("far")}, "images are copied whole");
}

TEST_F(EverydayTest, TagsAreListedWithoutAFlag) {
  test::put_image(storage(), "app", {"layer"}, "v1");
  EXPECT_EQ(tote({"tag", "list", at("app")}).out, "v1\n");
  EXPECT_EQ(tote({"tag", "list", "oci://" + at("app")}).out, "v1\n");
  expect_refused({"tag", "list", at("app"), "-i", at("app")}, "not both");
}

TEST_F(EverydayTest, PushWritesAnnotationsIntoAnOciManifest) {
  EXPECT_DONE(tote({"push", "-q", "-i", at("app:v1"), "-f", path("sbom.json"), "--annotation",
                    "a=b,c=d", "--annotation", "e="}));
  const Json manifest = Json::parse(tote({"manifest", "get", at("app:v1")}).out, "manifest");
  EXPECT_EQ(manifest.at("annotations").text(), R"({"a":"b,c=d","e":""})");
  EXPECT_EQ(manifest.at("mediaType").string(), "application/vnd.oci.image.manifest.v1+json");
  expect_refused({"push", "-i", at("app:v1"), "-f", path("sbom.json"), "--annotation", "=x"},
                 "expected KEY=VALUE");
}

}  // namespace
}  // namespace tote
