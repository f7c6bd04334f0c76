// copy --to-prefix, --strip-registry, --to-template and --to-repo R:TAG, as a user types them.
#include "base/json.h"
#include "tests/support/docker_registry.h"
#include "tests/support/image_builder.h"
#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_registry.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

namespace tote {
namespace {

using test::tote;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using Strings = std::vector<std::string>;

class Relocation : public testing::Test {
 protected:
  Relocation() {
    web_ = put("web", 1);
    db_ = put("db", 2);
    const auto amd = test::put_image(near_.storage(), "src/multi", {test::random_bytes(9000, 3)});
    const auto arm = test::put_image(near_.storage(), "src/multi", {test::random_bytes(9000, 4)},
                                     {}, {.architecture = "arm64"});
    multi_ = test::put_index(near_.storage(), "src/multi", {{amd, "amd64"}, {arm, "arm64"}});
    inner_ = test::put_bundle(near_.storage(), "src/inner",
                              lock({{at("src/web", web_), "quay.io/team/web:v1"}}), "v2");
    root_ = test::put_bundle(near_.storage(), "src/app",
                             lock({{at("src/web", web_), "quay.io/team/web:v1"},
                                   {at("src/db", db_), ""},
                                   {at("src/multi", multi_), "nginx:1.27"},
                                   {at("src/inner", inner_), "localhost:5000/team/inner:v2"}}),
                             "v1");
  }

  oci::Digest put(const std::string& name, unsigned seed) {
    // A layer of its own, and one that all have.
    return test::put_image(near_.storage(), "src/" + name,
                           {test::random_bytes(70'000, seed), test::random_bytes(50'000, 99)});
  }
  std::string at(const std::string& repository, const oci::Digest& digest) const {
    return fmt::format("{}/{}@{}", near_.address(), repository, digest.str());
  }
  // Of references, and what the annotation says.
  static std::string lock(const std::vector<std::pair<std::string, std::string>>& images) {
    std::string text = test::images_lock({}) + "images:\n";
    for (const auto& [image, id] : images) {
      text += "- image: " + image + "\n";
      if (!id.empty()) text += "  annotations:\n    kbld.carvel.dev/id: " + id + "\n";
    }
    return text;
  }
  std::string spelled(std::string address) const {
    std::replace(address.begin(), address.end(), ':', '_');
    return address;
  }

  // From the registry.
  static Strings from(std::string source, const Strings& more) {
    Strings words = {"copy", "-q", "-b", std::move(source)};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  Strings copy(const Strings& more) const { return from(near_.address() + "/src/app:v1", more); }

  // The digest that a name leads to, empty if to none.
  static std::string resolved(const std::string& name) {
    const auto found = tote({"tag", "resolve", "-i", name});
    return found.exit_code == 0 ? found.out.substr(found.out.find('@') + 1, 71) : "";
  }
  static std::string requests_to(const test::TestRegistry& registry, const std::string& path) {
    std::string text;
    for (const std::string& request :
         const_cast<test::TestRegistry&>(registry).interceptor().requests())
      if (request.find(path) != std::string::npos) text += request + "\n";
    return text;
  }
  static void expect_each_once(test::TestRegistry& registry, const std::string& prefix) {
    Strings requests = registry.interceptor().requests();
    std::erase_if(requests, [&](const std::string& it) { return !it.starts_with(prefix); });
    EXPECT_FALSE(requests.empty());
    std::sort(requests.begin(), requests.end());
    for (std::size_t i = 1; i < requests.size(); ++i) EXPECT_NE(requests[i - 1], requests[i]);
  }
  void expect_all_below(const std::string& prefix) const {
    EXPECT_EQ(resolved(prefix + "/quay.io/team/web:v1"), web_.str());
    EXPECT_EQ(resolved(prefix + "/docker.io/library/nginx:1.27"), multi_.str());
    EXPECT_EQ(resolved(prefix + "/localhost_5000/team/inner:v2"), inner_.str());
    EXPECT_EQ(resolved(fmt::format("{}/{}/src/db:sha256-{}.imgpkg", prefix,
                                   spelled(near_.address()), db_.hex())),
              db_.str());
    for (const char* image : {"/quay.io/team/web:v1", "/docker.io/library/nginx:1.27"}) {
      const auto verified = tote({"verify", "-q", prefix + image, "--deep"});
      EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
    }
  }

  test::TempDir dir_;
  mutable test::TestRegistry near_;
  mutable test::TestRegistry far_;
  oci::Digest web_ = oci::Digest::of("");
  oci::Digest db_ = web_;
  oci::Digest multi_ = web_;
  oci::Digest inner_ = web_;
  oci::Digest root_ = web_;
};

TEST_F(Relocation, GivesEachImageItsNameByMounting) {
  const auto done =
      tote(copy({"--to-repo", far_.address() + "/app", "--to-prefix", far_.address() + "/mirror",
                 "--lock-output", (dir_ / "l").string()}));
  EXPECT_DONE(done);
  const std::string there = requests_to(far_, "/mirror/");
  EXPECT_THAT(there, Not(HasSubstr("PATCH ")));
  EXPECT_THAT(there, Not(HasSubstr("PUT /v2/mirror/quay.io/team/web/blobs")));
  EXPECT_THAT(there, HasSubstr("POST /v2/mirror/quay.io/team/web/blobs/uploads/"));
  // Nothing is asked for twice, or read twice.
  expect_each_once(far_, "HEAD ");
  for (const char* name : {"web", "db", "multi"})
    expect_each_once(near_, fmt::format("GET /v2/src/{}/", name));
  EXPECT_THAT(done.out, HasSubstr("'quay.io/team/web:v1' is '" + far_.address() +
                                  "/mirror/quay.io/team/web:v1' too"));
  expect_all_below(far_.address() + "/mirror");
  EXPECT_EQ(resolved(far_.address() + "/app:v1"), root_.str());
  EXPECT_THAT(test::read_text(dir_ / "l"), HasSubstr(far_.address() + "/app@" + root_.str()));
}

TEST_F(Relocation, DoesNothingWhereAllIsThere) {
  const Strings words =
      copy({"--to-repo", far_.address() + "/app", "--to-prefix", far_.address() + "/mirror"});
  EXPECT_DONE(tote(words));
  far_.interceptor().forget_requests();
  EXPECT_DONE(tote(words));
  EXPECT_EQ(far_.interceptor().count("POST"), 0U);
  EXPECT_EQ(far_.interceptor().count("PUT"), 0U);
}

// What another copy has written down of its names moves too.
TEST_F(Relocation, MovesTheRecordOfNamesOnlyIfTagsMayMove) {
  const auto words = [&](const std::string& prefix, const Strings& more) {
    Strings all = {"--to-repo", far_.address() + "/app", "--to-prefix", far_.address() + prefix};
    all.insert(all.end(), more.begin(), more.end());
    return copy(all);
  };
  EXPECT_DONE(tote(words("/one", {})));
  EXPECT_DONE(tote(words("/one", {"--no-overwrite-tags"})));
  const auto refused = tote(words("/two", {"--no-overwrite-tags"}));
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, HasSubstr(".image-names.imgpkg leads to "));
  EXPECT_DONE(tote(words("/two", {})));
}

TEST_F(Relocation, WorksFromArchivesAndLayouts) {
  for (const auto& [to, with] :
       {std::pair("--to-tar", "--tar"), std::pair("--to-layout", "--layout")}) {
    const std::string file = (dir_ / to).string();
    const std::string prefix = far_.address() + "/m" + std::string(with).substr(2);
    EXPECT_DONE(tote(copy({to, file})));
    EXPECT_DONE(tote(
        {"copy", "-q", with, file, "--to-repo", far_.address() + "/app", "--to-prefix", prefix}));
    expect_all_below(prefix);
  }
}

TEST_F(Relocation, SendsEachBlobOnceToAnotherRegistry) {
  test::TestRegistry third;
  EXPECT_DONE(tote(copy({"--to-repo", far_.address() + "/app", "--to-prefix", third.address()})));
  expect_all_below(third.address());
  const std::string layer = oci::Digest::of(test::random_bytes(50'000, 99)).str();
  EXPECT_EQ(near_.interceptor().count("GET /v2/src/db/blobs/" + layer) +
                near_.interceptor().count("GET /v2/src/web/blobs/" + layer),
            2U)
      << "once for each registry";
}

TEST_F(Relocation, AnImageThatIsMountedNowhereIsSent) {
  far_.interceptor().replace(
      [](const testregistry::RequestHead& head) -> std::optional<testregistry::Response> {
        if (head.method == "POST" &&
            std::any_of(head.query.begin(), head.query.end(),
                        [](const auto& it) { return it.first == "mount"; }))
          return testregistry::Response{.status = 405};
        return std::nullopt;
      });
  EXPECT_DONE(tote(
      copy({"--to-repo", far_.address() + "/app", "--to-prefix", far_.address() + "/mirror"})));
  expect_all_below(far_.address() + "/mirror");
}

TEST_F(Relocation, APrefixAloneSaysWhereTheBundleGoesToo) {
  EXPECT_DONE(tote(copy({"--to-prefix", far_.address() + "/mirror"})));
  const std::string prefix = far_.address() + "/mirror";
  expect_all_below(prefix);
  EXPECT_EQ(resolved(fmt::format("{}/{}/src/app:v1", prefix, spelled(near_.address()))),
            root_.str());
  EXPECT_DONE(tote(copy({"--to-tar", (dir_ / "t").string()})));
  const auto refused = tote({"copy", "--tar", (dir_ / "t").string(), "--to-prefix", prefix});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, HasSubstr("Expected --to-repo beside --to-prefix"));
}

TEST_F(Relocation, NamesAnImageAndALockToo) {
  const std::string app = far_.address() + "/app";
  EXPECT_DONE(tote({"copy", "-q", "-i", near_.address() + "/src/db@" + db_.str(), "--to-repo", app,
                    "--to-prefix", far_.address() + "/m", "--strip-registry"}));
  EXPECT_EQ(resolved(fmt::format("{}/m/src/db:sha256-{}.imgpkg", far_.address(), db_.hex())),
            db_.str());
  test::write_text(dir_ / "lock.yml", lock({{at("src/web", web_), "quay.io/team/web:v1"},
                                            {at("src/web", web_), "quay.io/team/web:stable"}}));
  EXPECT_DONE(tote({"copy", "-q", "--lock", (dir_ / "lock.yml").string(), "--to-repo", app,
                    "--to-prefix", far_.address() + "/m", "--strip-registry"}));
  for (const char* tag : {"v1", "stable"})
    EXPECT_EQ(resolved(far_.address() + "/m/team/web:" + tag), web_.str());
}

TEST_F(Relocation, FollowsATemplate) {
  const std::string app = far_.address() + "/app";
  EXPECT_DONE(tote(copy({"--to-repo", app, "--to-template",
                         far_.address() + "/flat/{{.Last}}:{{.Tag}}-{{.Digest12}}"})));
  EXPECT_EQ(resolved(fmt::format("{}/flat/web:v1-{}", far_.address(), web_.hex().substr(0, 12))),
            web_.str());
  // Into the bundle's own repository.
  EXPECT_DONE(tote(copy({"--to-repo", app, "--to-template", app + ":{{.Last}}-{{.Digest12}}"})));
  EXPECT_EQ(resolved(fmt::format("{}:nginx-{}", app, multi_.hex().substr(0, 12))), multi_.str());
}

TEST_F(Relocation, RefusesTwoImagesUnderOneNameBeforeAnythingMoves) {
  test::put_bundle(near_.storage(), "src/app",
                   lock({{at("src/web", web_), "quay.io/team/web:v1"},
                         {at("src/db", db_), "ghcr.io/team/web:v1"}}),
                   "v1");
  const auto refused = tote(copy({"--to-repo", far_.address() + "/app", "--to-prefix",
                                  far_.address() + "/m", "--strip-registry"}));
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, AllOf(HasSubstr("'quay.io/team/web:v1' (" + web_.str() + ")"),
                                 HasSubstr("'ghcr.io/team/web:v1' (" + db_.str() + ")"),
                                 HasSubstr("'" + far_.address() + "/m/team/web:v1'")));
  const auto own = tote(copy(
      {"--to-repo", far_.address() + "/app", "--to-template", far_.address() + "/app:{{.Tag}}"}));
  EXPECT_EQ(own.exit_code, 1);
  EXPECT_THAT(own.err, HasSubstr("would get the name '" + far_.address() + "/app:v1'"));
  EXPECT_EQ(far_.interceptor().requests().size(), 0U);
}

TEST_F(Relocation, IsPartOfAPlan) {
  const Strings words =
      copy({"--to-repo", far_.address() + "/app", "--to-prefix", far_.address() + "/mirror"});
  const auto with = [&](Strings more) {
    more.insert(more.begin(), words.begin(), words.end());
    return tote(more);
  };
  const auto other = test::put_image(far_.storage(), "mirror/quay.io/team/web", {"other"}, "v1");
  const std::string name = far_.address() + "/mirror/quay.io/team/web:v1";
  const auto planned = with({"--dry-run"});
  EXPECT_DONE(planned);
  EXPECT_THAT(planned.out,
              HasSubstr("tag " + name + " moves from " + other.str() + " to " + web_.str()));
  EXPECT_THAT(with({"--no-overwrite-tags", "--dry-run"}).exit_code, 3);
  const auto refused = with({"--no-overwrite-tags"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, HasSubstr(name + " leads to " + other.str()));
  EXPECT_EQ(far_.interceptor().count("POST"), 0U);

  const std::string file = (dir_ / "plan.json").string();
  EXPECT_DONE(with({"--plan-out", file}));
  const Json plan = Json::parse(test::read_text(file), "plan");
  far_.interceptor().forget_requests();
  EXPECT_DONE(tote({"copy", "-q", "--plan", file}));
  expect_all_below(far_.address() + "/mirror");
  const std::size_t changes = far_.interceptor().count("POST") + far_.interceptor().count("PUT") +
                              far_.interceptor().count("PATCH");
  EXPECT_GE(changes, plan.at("requests").number());
  const auto again = with({"--dry-run", "--json"});
  EXPECT_EQ(Json::parse(again.out, "plan").at("requests").number(), 0U) << again.out;
}

TEST_F(Relocation, TellsPrograms) {
  Strings words = copy({"--to-repo", far_.address() + "/app", "--to-prefix", far_.address() + "/m",
                        "--json", "--progress", "json"});
  words.erase(words.begin() + 1);
  const auto done = tote(words);
  EXPECT_DONE(done);
  const auto placed = Json::parse(done.out, "result").at("placed").items();
  ASSERT_EQ(placed.size(), 4U);
  EXPECT_EQ(placed[0].at("to").string(), far_.address() + "/m/" + spelled(near_.address()) +
                                             "/src/db:sha256-" + db_.hex() + ".imgpkg");
  EXPECT_THAT(done.err, HasSubstr(R"("placed")"));
}

TEST_F(Relocation, TakesSignaturesAlong) {
  const std::string tag = "sha256-" + web_.hex() + ".sig";
  const auto signature = test::put_image(near_.storage(), "src/web", {"signature"}, tag);
  EXPECT_DONE(tote(copy({"--to-repo", far_.address() + "/app", "--to-prefix", far_.address() + "/m",
                         "--cosign-signatures"})));
  EXPECT_EQ(resolved(far_.address() + "/m/quay.io/team/web:" + tag), signature.str());
  EXPECT_EQ(resolved(far_.address() + "/m/docker.io/library/nginx:" + tag), "");
}

TEST_F(Relocation, GoesOnWhereSomethingFails) {
  near_.storage().remove_blob("src/db", oci::Digest::of(test::random_bytes(70'000, 2)));
  const auto done = tote(copy({"--to-repo", far_.address() + "/app", "--to-prefix",
                               far_.address() + "/m", "--keep-going"}));
  EXPECT_EQ(done.exit_code, 1);
  EXPECT_EQ(resolved(far_.address() + "/m/quay.io/team/web:v1"), web_.str());
  EXPECT_EQ(resolved(fmt::format("{}/m/{}/src/db:sha256-{}.imgpkg", far_.address(),
                                 spelled(near_.address()), db_.hex())),
            "");
  EXPECT_EQ(resolved(far_.address() + "/app:v1"), "");
}

TEST_F(Relocation, WorksWithDebiansRegistry) {
  const test::DockerRegistry docker(dir_, "docker");
  EXPECT_DONE(tote(copy(
      {"--to-repo", docker.address() + "/app:here", "--to-prefix", docker.address() + "/mirror"})));
  expect_all_below(docker.address() + "/mirror");
  EXPECT_EQ(resolved(docker.address() + "/app:here"), root_.str());
}

TEST_F(Relocation, FlagsThatDoNotGoTogetherAreRefused) {
  struct Row {
    Strings flags;
    const char* complaint;
  };
  const std::string repo = far_.address() + "/app";
  const std::string prefix = far_.address() + "/m";
  for (const Row& row : {
           Row{{"--to-tar", "t", "--to-prefix", prefix}, "only in registries"},
           Row{{"--to-repo", repo, "--to-prefix", prefix, "--to-template", "x"}, "--to-template"},
           Row{{"--to-repo", repo, "--strip-registry"}, "--to-prefix"},
           Row{{"--to-repo", repo, "--to-template", "x/{{.Nam}}"}, "there is no field '.Nam'"},
           Row{{"--to-repo", repo, "--to-repo", repo + "2", "--to-prefix", prefix},
               "--to-prefix can not be used with several --to-repo"},
           Row{{"--to-repo", repo + "@" + web_.str()}, "may name a tag"},
       }) {
    const auto refused = tote(copy(row.flags));
    EXPECT_EQ(refused.exit_code, 1);
    EXPECT_THAT(refused.err, HasSubstr(row.complaint));
  }
  EXPECT_EQ(far_.interceptor().requests().size(), 0U);
}

TEST_F(Relocation, ATagOfTheRepositoryIsThatOfTheRoot) {
  const std::string app = far_.address() + "/app";
  const std::string file = (dir_ / "lock").string();
  EXPECT_DONE(tote(copy({"--to-repo", app + ":2.0", "--lock-output", file})));
  EXPECT_EQ(resolved(app + ":2.0"), root_.str());
  EXPECT_EQ(resolved(app + ":v1"), "");
  EXPECT_THAT(test::read_text(file), HasSubstr("tag: \"2.0\""));
  EXPECT_DONE(tote(copy({"--to-tar", (dir_ / "t").string()})));
  EXPECT_DONE(tote({"copy", "-q", "--tar", (dir_ / "t").string(), "--to-repo", app + ":3.0"}));
  EXPECT_EQ(resolved(app + ":3.0"), root_.str());
  EXPECT_DONE(tote(copy({"--to-repo", app + "1:a", "--to-repo", app + "2:b"})));
  EXPECT_EQ(resolved(app + "1:a"), root_.str());
  EXPECT_EQ(resolved(app + "2:b"), root_.str());
  test::write_text(dir_ / "lock.yml", lock({{at("src/web", web_), ""}, {at("src/db", db_), ""}}));
  const auto refused =
      tote({"copy", "--lock", (dir_ / "lock.yml").string(), "--to-repo", app + ":x"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, HasSubstr("The tag 'x' can be of one image only"));
}

}  // namespace
}  // namespace tote
