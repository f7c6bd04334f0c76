// push --index: an index of images that are there.
#include "base/json.h"
#include "oci/media_types.h"
#include "tests/support/image_builder.h"
#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_registry.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tote {
namespace {

using test::ProgramResult;
using test::TempDir;
using test::TestRegistry;
using test::tote;
using test::write_text;
using testing::HasSubstr;
using Strings = std::vector<std::string>;

class PushIndex : public testing::Test {
 protected:
  PushIndex() { write_text(dir_ / "root/app", "x"); }

  std::string at(const std::string& name) const { return registry_.address() + "/" + name; }
  ProgramResult sh(const std::string& script) {
    return test::run({"sh", "-ec", script},
                     {.directory = dir_.path(), .environment = {{"HOME", dir_.path().string()}}});
  }
  ProgramResult push(Strings arguments) {
    arguments.insert(arguments.begin(), {"push", "--registry-anon"});
    return tote(arguments, {.directory = dir_.path()});
  }
  void push_image(const std::string& name, const std::string& platform, const Strings& more = {}) {
    Strings arguments = {"-i", name, "-f", "root", "--entrypoint", "/app", "--platform", platform};
    arguments.insert(arguments.end(), more.begin(), more.end());
    EXPECT_DONE(push(arguments));
  }
  std::string complaint(const Strings& arguments) {
    const auto result = push(arguments);
    EXPECT_EQ(result.exit_code, 1) << result.out;
    return result.err;
  }
  // The index as skopeo gets it.
  Json index(const std::string& place) {
    const auto raw = sh("skopeo inspect --raw --tls-verify=false " + place);
    EXPECT_DONE(raw);
    return Json::parse(raw.out, "index");
  }
  static Strings platforms(const Json& index) {
    Strings names;
    for (const Json& entry : index.items_of("manifests"))
      names.push_back(oci::read_platform(entry.at("platform")).name());
    return names;
  }

  TempDir dir_;
  TestRegistry registry_;
};

TEST_F(PushIndex, NamesImagesInTheOrderAndForThePlatformThatTheyAre) {
  push_image(at("some/app:v1-arm"), "linux/arm/v7");
  push_image(at("some/app:v1-amd64"), "linux/amd64");
  const auto pushed = push({"-i", at("some/app:v1"), "--index", at("some/app:v1-arm"), "--index",
                            at("some/app:v1-amd64"), "--json"});
  EXPECT_DONE(pushed);
  const Json made = index("docker://" + at("some/app:v1"));
  EXPECT_EQ(made.at("mediaType").string(), oci::kOciIndex);
  EXPECT_EQ(platforms(made), (Strings{"linux/arm/v7", "linux/amd64"}));
  const Json result = Json::parse(pushed.out, "result");
  EXPECT_EQ(result.at("digest").string(), registry_.storage().find_tag("some/app", "v1")->str());
  EXPECT_EQ(result.at("tag").string(), "v1");
  EXPECT_DONE(
      sh(fmt::format("skopeo inspect --tls-verify=false --override-arch arm "
                     "--override-variant v7 docker://{} | grep -q '\"arm\"'",
                     at("some/app:v1"))));
}

TEST_F(PushIndex, IsTheSameWhenItIsMadeAgain) {
  push_image(at("some/app:a"), "linux/amd64");
  push_image(at("some/app:b"), "linux/arm64");
  const Strings arguments = {"-i", at("some/app:v1"), "--index",
                             at("some/app:a") + "," + at("some/app:b")};
  const auto first = push(arguments);
  EXPECT_DONE(first);
  registry_.interceptor().forget_requests();
  EXPECT_EQ(push(arguments).out, first.out);
  EXPECT_EQ(registry_.interceptor().count("PUT"), 0U);
}

TEST_F(PushIndex, BringsImagesThatAreElsewhere) {
  TestRegistry other;
  push_image(other.address() + "/far/app:v1", "linux/amd64");
  push_image(at("near/app:v1"), "linux/arm64");
  EXPECT_DONE(push({"-i", at("some/app:v1"), "--index", other.address() + "/far/app:v1", "--index",
                    at("near/app:v1")}));
  EXPECT_EQ(platforms(index("docker://" + at("some/app:v1"))),
            (Strings{"linux/amd64", "linux/arm64"}));
  EXPECT_DONE(
      sh(fmt::format("skopeo copy --insecure-policy -q --all --src-tls-verify=false "
                     "docker://{} oci:all:v1",
                     at("some/app:v1"))));
}

TEST_F(PushIndex, IsMadeInALayout) {
  for (const std::string arch : {"amd64", "arm64"})
    push_image("some/app:v1-" + arch, "linux/" + arch, {"--to-layout", "layout"});
  EXPECT_DONE(push({"-i", "some/app:v1", "--index", "some/app:v1-amd64", "--index",
                    "some/app:v1-arm64", "--to-layout", "layout"}));
  EXPECT_EQ(registry_.interceptor().requests().size(), 0U);
  EXPECT_EQ(platforms(index("oci:layout:v1")), (Strings{"linux/amd64", "linux/arm64"}));
  EXPECT_DONE(
      sh("umoci unpack --rootless --image layout:v1-arm64 out >/dev/null 2>&1\n"
         "cmp out/rootfs/app root/app"));
  EXPECT_DONE(tote({"copy", "--layout", (dir_ / "layout").string(), "--to-repo", at("got/it")}));
  EXPECT_EQ(platforms(index("docker://" + at("got/it:v1"))),
            (Strings{"linux/amd64", "linux/arm64"}));
}

TEST_F(PushIndex, TakesTheImagesOfAnotherIndex) {
  push_image(at("some/app:a"), "linux/amd64");
  push_image(at("some/app:b"), "linux/arm64");
  EXPECT_DONE(push({"-i", at("some/app:v1"), "--index", at("some/app:a")}));
  EXPECT_DONE(
      push({"-i", at("some/app:v1"), "--index", at("some/app:v1"), "--index", at("some/app:b")}));
  const Json made = index("docker://" + at("some/app:v1"));
  EXPECT_EQ(platforms(made), (Strings{"linux/amd64", "linux/arm64"}));
  for (const Json& entry : made.items_of("manifests"))
    EXPECT_EQ(entry.at("mediaType").string(), oci::kOciManifest);
}

// BuildKit puts an attestation beside each image, for a platform that is none.
TEST_F(PushIndex, KeepsWhatAnotherIndexSaysOfItsImages) {
  for (const char* arch : {"amd64", "arm64"}) {
    const auto entry = [&](const std::string& content, const std::string& more) {
      const oci::Digest digest =
          test::put_image(registry_.storage(), "built/app", {test::make_tar({{.name = content}})});
      const auto stored = registry_.storage().find_manifest("built/app", digest);
      return fmt::format(R"({{"mediaType":"{}","size":{},"digest":"{}",{}}})", oci::kOciManifest,
                         testregistry::content_length(stored->content), digest.str(), more);
    };
    const std::string image =
        entry(fmt::format("image-{}", arch),
              fmt::format(R"("platform":{{"os":"linux","architecture":"{}"}})", arch));
    const std::string attestation =
        entry(fmt::format("attestation-{}", arch),
              R"("annotations":{"vnd.docker.reference.type":"attestation-manifest"},)"
              R"("platform":{"os":"unknown","architecture":"unknown"})");
    test::put_manifest(registry_.storage(), "built/app", std::string(oci::kOciIndex),
                       fmt::format(R"({{"schemaVersion":2,"mediaType":"{}","manifests":[{},{}]}})",
                                   oci::kOciIndex, image, attestation),
                       arch);
  }
  EXPECT_DONE(push({"-i", at("some/app:v1"), "--index", at("built/app:amd64"), "--index",
                    at("built/app:arm64")}));
  const Json made = index("docker://" + at("some/app:v1"));
  EXPECT_EQ(platforms(made),
            (Strings{"linux/amd64", "unknown/unknown", "linux/arm64", "unknown/unknown"}));
  EXPECT_EQ(
      made.items_of("manifests")[1].string_map("annotations"),
      (std::map<std::string, std::string>{{"vnd.docker.reference.type", "attestation-manifest"}}));
}

TEST_F(PushIndex, OfDockersImagesIsDockersList) {
  test::put_image(registry_.storage(), "some/app", {test::make_tar({{.name = "a"}})}, "a",
                  {.oci = false, .architecture = "amd64"});
  test::put_image(registry_.storage(), "some/app", {test::make_tar({{.name = "b"}})}, "b",
                  {.oci = false, .architecture = "arm64"});
  push_image(at("some/app:c"), "linux/s390x");
  EXPECT_DONE(push(
      {"-i", at("some/app:docker"), "--index", at("some/app:a"), "--index", at("some/app:b")}));
  EXPECT_EQ(index("docker://" + at("some/app:docker")).at("mediaType").string(),
            oci::kDockerManifestList);
  EXPECT_DONE(push(
      {"-i", at("some/app:mixed"), "--index", at("some/app:docker"), "--index", at("some/app:c")}));
  EXPECT_EQ(index("docker://" + at("some/app:mixed")).at("mediaType").string(), oci::kOciIndex);
}

TEST_F(PushIndex, RefusesImagesAmongWhichNobodyCouldChoose) {
  push_image(at("some/app:a"), "linux/amd64");
  push_image(at("some/app:b"), "linux/amd64", {"--user", "1"});
  EXPECT_DONE(push({"-i", at("some/app:plain"), "-f", "root"}));
  EXPECT_THAT(complaint({"-i", at("some/app:v1"), "--index", at("some/app:a"), "--index",
                         at("some/app:b")}),
              HasSubstr(fmt::format("'{}' and '{}' are both for linux/amd64\n", at("some/app:a"),
                                    at("some/app:b"))));
  EXPECT_THAT(complaint({"-i", at("some/app:v1"), "--index", ""}),
              HasSubstr("--index: expected an image, got ''"));
  EXPECT_THAT(
      complaint({"-i", at("some/app:v1"), "--index", at("some/app:plain")}),
      HasSubstr(fmt::format("'{}' does not say for which platform it is\nhint: push it with "
                            "--platform\n",
                            at("some/app:plain"))));
  EXPECT_EQ(registry_.storage().find_tag("some/app", "v1"), std::nullopt);
}

TEST_F(PushIndex, NamesAnImageOnceHoweverOftenItIsGiven) {
  push_image(at("some/app:a"), "linux/amd64");
  push_image(at("some/app:b"), "linux/arm64/v8");
  const Strings adding = {"-i",      at("some/app:v1"), "--index", at("some/app:a"),
                          "--index", at("some/app:b")};
  EXPECT_DONE(push(adding));
  for (int again = 0; again < 2; ++again)
    EXPECT_DONE(
        push({"-i", at("some/app:v1"), "--index", at("some/app:v1"), "--index", at("some/app:b")}));
  EXPECT_EQ(platforms(index("docker://" + at("some/app:v1"))),
            (Strings{"linux/amd64", "linux/arm64/v8"}));
  push_image(at("some/app:c"), "linux/arm64");
  EXPECT_THAT(complaint({"-i", at("some/app:v2"), "--index", at("some/app:b"), "--index",
                         at("some/app:c")}),
              HasSubstr("are both for linux/arm64"));
}

// What a registry gives that nobody checks.
TEST_F(PushIndex, BelievesNoIndexThatIsWrong) {
  const oci::Digest image =
      test::put_image(registry_.storage(), "bad/app", {test::make_tar({{.name = "a"}})});
  const auto stored = registry_.storage().find_manifest("bad/app", image);
  const std::uint64_t size = testregistry::content_length(stored->content);
  const auto entry = [&](std::string_view type, std::uint64_t claimed,
                         const std::string& platform) {
    return fmt::format(R"({{"mediaType":"{}","size":{},"digest":"{}","platform":{}}})", type,
                       claimed, image.str(), platform);
  };
  const std::string linux = R"({"os":"linux","architecture":"amd64"})";
  struct Row {
    std::string entries;
    const char* complaint;  // nullptr: it can be used
  };
  int number = 0;
  for (const Row& row : std::vector<Row>{
           {entry(oci::kOciManifest, size, linux), nullptr},
           {entry(oci::kOciManifest, size, "{}"), nullptr},
           {entry(oci::kOciManifest, 7, linux), "of 7 bytes, but it is a"},
           {entry(oci::kOciIndex, size, linux), "but it is a"},
           {entry(oci::kOciManifest, size, R"({"os":"li\u001b[31mnux","architecture":"amd64"})"),
            "a platform with a part called 'li"},
           {"", "there is no image to be in the index"},
       }) {
    const std::string tag = fmt::format("t{}", ++number);
    test::put_manifest(registry_.storage(), "bad/app", std::string(oci::kOciIndex),
                       fmt::format(R"({{"schemaVersion":2,"mediaType":"{}","manifests":[{}]}})",
                                   oci::kOciIndex, row.entries),
                       tag);
    const Strings arguments = {"-i", at("some/app:" + tag), "--index", at("bad/app:" + tag)};
    if (row.complaint == nullptr) {
      EXPECT_DONE(push(arguments));
      EXPECT_EQ(platforms(index("docker://" + at("some/app:" + tag))), (Strings{"linux/amd64"}));
    } else {
      EXPECT_THAT(complaint(arguments), HasSubstr(row.complaint)) << row.entries;
    }
  }
}

// 300 to the power of 12 images, if each was looked at.
TEST_F(PushIndex, EntersEachIndexOnce) {
  push_image(at("bad/app:image"), "linux/amd64");
  std::string child = "image";
  std::string type(oci::kOciManifest);
  for (int depth = 0; depth < 12; ++depth) {
    const auto digest = registry_.storage().find_tag("bad/app", child);
    const auto stored = registry_.storage().find_manifest("bad/app", *digest);
    std::string entries;
    for (int i = 0; i < 300; ++i)
      entries += fmt::format(R"({}{{"mediaType":"{}","size":{},"digest":"{}"}})", i == 0 ? "" : ",",
                             type, testregistry::content_length(stored->content), digest->str());
    child = fmt::format("deep{}", depth);
    type = oci::kOciIndex;
    test::put_manifest(
        registry_.storage(), "bad/app", type,
        fmt::format(R"({{"schemaVersion":2,"mediaType":"{}","manifests":[{}]}})", type, entries),
        child);
  }
  EXPECT_DONE(push({"-i", at("some/app:v1"), "--index", at("bad/app:" + child)}));
  EXPECT_EQ(platforms(index("docker://" + at("some/app:v1"))), (Strings{"linux/amd64"}));
}

TEST_F(PushIndex, SaysWhichImageIsNotThere) {
  push_image("some/app:a", "linux/amd64", {"--to-layout", "layout"});
  EXPECT_THAT(complaint({"-i", at("some/app:v1"), "--index", at("some/app:nope")}),
              HasSubstr(fmt::format("Looking for '{}'", at("some/app:nope"))));
  EXPECT_THAT(complaint({"-i", "some/app:v1", "--index", "some/app:nope", "--to-layout", "layout"}),
              HasSubstr("archive 'layout' has no image 'index.docker.io/some/app:nope'\nhint: name "
                        "one of these"));
  EXPECT_THAT(complaint({"-i", "some/app:v1", "--index", "some/app:a", "--to-layout", "nowhere"}),
              HasSubstr("Reading archive 'nowhere'"));
  EXPECT_FALSE(std::filesystem::exists(dir_ / "nowhere"));
}

TEST_F(PushIndex, TakesNoFlagsOfImages) {
  const auto with = [&](Strings more) {
    more.insert(more.begin(), {"-i", "a.io/bb:v1", "--index", "a.io/bb:a"});
    return complaint(more);
  };
  EXPECT_THAT(with({"-f", "root"}), HasSubstr("Flag --file cannot be used with --index\nhint: "));
  EXPECT_THAT(with({"-l", "a=b"}), HasSubstr("Flag --labels cannot be used with --index"));
  EXPECT_THAT(with({"--env", "a=b"}), HasSubstr("Flag --env cannot be used with --index"));
  EXPECT_THAT(with({"--platform", "linux/amd64"}),
              HasSubstr("Flag --platform cannot be used with --index"));
  EXPECT_THAT(with({"--preserve-permissions"}),
              HasSubstr("Flag --preserve-permissions cannot be used with --index"));
  EXPECT_THAT(complaint({"-b", "a.io/bb:v1", "--index", "a.io/bb:a"}),
              HasSubstr("Flag --index can only be used with --image (-i)"));
}

}  // namespace
}  // namespace tote
