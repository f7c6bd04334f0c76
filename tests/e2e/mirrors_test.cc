// Images read from mirrors: registries.conf and --mirror.
#include "base/text.h"
#include "testregistry/http/error_response.h"
#include "tests/e2e/imgpkg.h"

#include <sys/stat.h>

namespace tote {
namespace {

namespace tr = testregistry;
using test::tote;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class Mirrors : public Imgpkg {
 protected:
  Mirrors() : digest_(test::put_image(registry_.storage(), "src/app", {"1"}, "v1")) {
    test::put_image(mirror_.storage(), "src/app", {"1"}, "v1");
  }

  std::string conf(const std::string& text) {
    test::write_text(dir_ / "registries.conf", text);
    ::chmod((dir_ / "registries.conf").c_str(), 0644);
    return (dir_ / "registries.conf").string();
  }
  std::string with_mirror(const std::string& more = {}, const std::string& of_mirror = {}) {
    return conf(
        fmt::format("[[registry]]\nlocation = '{}'\n{}[[registry.mirror]]\nlocation = '{}'\n"
                    "{}",
                    registry_.address(), more, mirror_.address(), of_mirror));
  }
  test::ProgramResult fetch(const std::string& conf, std::vector<std::string> more = {},
                            std::map<std::string, std::string> environment = {}) {
    std::vector<std::string> arguments = {"copy", "-i", at("src/app:v1"), "--to-tar",
                                          (dir_ / "out").string()};
    if (!conf.empty()) arguments.insert(arguments.end(), {"--registries-conf", conf});
    arguments.insert(arguments.end(), more.begin(), more.end());
    return tote(arguments, {.environment = std::move(environment)});
  }
  static void answer_all(test::TestRegistry& registry, int status) {
    registry.interceptor().replace(
        [status](const tr::RequestHead&) { return tr::error_response(status, "DENIED", "no"); });
  }

  test::TestRegistry mirror_;
  const oci::Digest digest_;
};

TEST_F(Mirrors, AreReadInPlaceOfTheRegistry) {
  const auto copied = fetch(with_mirror(), {"--debug"});
  EXPECT_DONE(copied);
  EXPECT_THAT(registry_.interceptor().requests(), IsEmpty());
  EXPECT_THAT(copied.err, HasSubstr(fmt::format("{} is {} at {}/src/app", at("src/app:v1"),
                                                digest_.str(), mirror_.address())));
}

TEST_F(Mirrors, AreFollowedByTheRegistryWhenTheyFail) {
  const std::string file = with_mirror();
  for (const int status : {404, 500, 503, 401, 403}) {
    answer_all(mirror_, status);
    const auto copied = fetch(file);
    EXPECT_DONE(copied);
    EXPECT_GT(registry_.interceptor().requests().size(), 0U) << status;
    registry_.interceptor().forget_requests();
  }
  mirror_.interceptor().replace([](const tr::RequestHead& head) -> std::optional<tr::Response> {
    if (head.path == "/v2/") return std::nullopt;
    tr::Response dropped;
    test::drop(dropped);
    return dropped;
  });
  const auto copied = fetch(file);
  EXPECT_DONE(copied);
  EXPECT_THAT(copied.err, HasSubstr(fmt::format("the mirror {}/src/app is not asked any more",
                                                mirror_.address())));
}

TEST_F(Mirrors, NobodyListensAreFollowedByTheNext) {
  const std::string file =
      conf(fmt::format("[[registry]]\nlocation = '{}'\n[[registry.mirror]]\nlocation = "
                       "'127.0.0.1:1'\n[[registry.mirror]]\nlocation = '{}'\n",
                       registry_.address(), mirror_.address()));
  EXPECT_DONE(fetch(file));
  EXPECT_THAT(registry_.interceptor().requests(), IsEmpty());
}

TEST_F(Mirrors, ABlobThatBreaksOffGoesOnElsewhere) {
  const std::string large(3'000'000, 'x');
  test::put_image(registry_.storage(), "src/app", {large}, "v1");
  test::put_image(mirror_.storage(), "src/app", {large}, "v1");
  mirror_.interceptor().change([](const tr::RequestHead& head, tr::Response& response) {
    if (head.path.find("/blobs/") != std::string::npos && head.method == "GET" &&
        response.body_length() > 1'000'000)
      test::cut(response, 500'000);
  });
  const auto copied = tote({"copy", "-i", at("src/app:v1"), "--to-tar", (dir_ / "a.tar").string(),
                            "--registries-conf", with_mirror()});
  EXPECT_DONE(copied);
  EXPECT_DONE(tote({"verify", (dir_ / "a.tar").string()}));
}

TEST_F(Mirrors, WrongContentIsAnErrorAndNotPassedOver) {
  mirror_.interceptor().change([](const tr::RequestHead& head, tr::Response& response) {
    if (head.path.find("/blobs/") != std::string::npos && head.method == "GET")
      response.body = std::string(static_cast<std::size_t>(response.body_length()), 'x');
  });
  const auto copied = fetch(with_mirror());
  EXPECT_EQ(copied.exit_code, 1);
  EXPECT_THAT(copied.err, HasSubstr("sha256:"));
  EXPECT_FALSE(std::filesystem::exists(dir_ / "out"));
}

TEST_F(Mirrors, ServeTagsOrDigestsAsTheyAreTold) {
  const auto asked = [&](const std::string& file) {
    mirror_.interceptor().forget_requests();
    EXPECT_DONE(fetch(file));
    return std::pair(mirror_.interceptor().count("GET /v2/src/app/manifests/v1") > 0,
                     mirror_.interceptor().count("GET /v2/src/app/blobs/") > 0);
  };
  EXPECT_EQ(asked(with_mirror("", "pull-from-mirror = 'digest-only'\n")), std::pair(false, true));
  EXPECT_EQ(asked(with_mirror("mirror-by-digest-only = true\n")), std::pair(false, true));
  EXPECT_EQ(asked(with_mirror("", "pull-from-mirror = 'tag-only'\n")), std::pair(true, false));
}

TEST_F(Mirrors, GetNoPasswordThatIsNotTheirs) {
  std::atomic<bool> got_password = false;
  mirror_.interceptor().replace([&](const tr::RequestHead& head) -> std::optional<tr::Response> {
    if (head.header("Authorization") || head.header("X-Api-Key")) got_password = true;
    tr::Response refused = tr::error_response(401, "UNAUTHORIZED", "log in");
    refused.headers.emplace_back("WWW-Authenticate", "Basic");
    return refused;
  });
  const std::string file = with_mirror();
  for (const std::map<std::string, std::string>& environment :
       {std::map<std::string, std::string>{},
        {{"IMGPKG_USERNAME", "user"}, {"IMGPKG_PASSWORD", "secret"}},
        {{"IMGPKG_REGISTRY_HOSTNAME", registry_.address()},
         {"IMGPKG_REGISTRY_USERNAME", "user"},
         {"IMGPKG_REGISTRY_PASSWORD", "secret"}}})
    EXPECT_DONE(fetch(file, {"--header", "X-Api-Key: k"}, environment));
  EXPECT_DONE(fetch(file, {"--registry-username", "user", "--registry-password", "secret"}));
  EXPECT_FALSE(got_password);
  EXPECT_DONE(fetch(file, {},
                    {{"IMGPKG_REGISTRY_HOSTNAME", mirror_.address()},
                     {"IMGPKG_REGISTRY_USERNAME", "user"},
                     {"IMGPKG_REGISTRY_PASSWORD", "secret"}}));
  EXPECT_TRUE(got_password);
}

TEST_F(Mirrors, ABlockedRegistryIsNotRead) {
  const auto copied = fetch(with_mirror("blocked = true\n"));
  EXPECT_EQ(copied.exit_code, 1);
  EXPECT_THAT(copied.err, HasSubstr(fmt::format("'{}' is blocked by {}", registry_.address(),
                                                (dir_ / "registries.conf").string())));
  EXPECT_THAT(registry_.interceptor().requests(), IsEmpty());
}

TEST_F(Mirrors, AreNotWrittenTo) {
  const auto copied = tote({"copy", "-i", at("src/app:v1"), "--to-repo", at("dst/app"),
                            "--registries-conf", with_mirror()});
  EXPECT_DONE(copied);
  EXPECT_GT(registry_.interceptor().count("PUT "), 0U);
  EXPECT_EQ(mirror_.interceptor().count("PUT ") + mirror_.interceptor().count("POST "), 0U);
}

TEST_F(Mirrors, AreGivenOnTheCommandLineToo) {
  EXPECT_DONE(fetch("", {"--mirror", registry_.address() + "=" + mirror_.address()}));
  EXPECT_THAT(registry_.interceptor().requests(), IsEmpty());
  EXPECT_THAT(fetch("", {"--mirror", "x"}).err, HasSubstr("Expected --mirror as HOST=MIRROR"));
}

TEST_F(Mirrors, AreFoundWherePodmanHasThem) {
  const auto asks_mirror = [&](std::map<std::string, std::string> environment) {
    mirror_.interceptor().forget_requests();
    EXPECT_DONE(fetch("", {}, std::move(environment)));
    return !mirror_.interceptor().requests().empty();
  };
  EXPECT_FALSE(asks_mirror({}));
  EXPECT_TRUE(asks_mirror({{"CONTAINERS_REGISTRIES_CONF", with_mirror()}}));
  const std::filesystem::path home = dir_ / "home";
  const std::filesystem::path own = home / ".config/containers/registries.conf";
  test::write_text(own, test::read_text(dir_ / "registries.conf"));
  EXPECT_TRUE(asks_mirror({{"HOME", home.string()}}));
  // What comes later stands above.
  const std::string plain = fmt::format("[[registry]]\nlocation = '{}'\n", registry_.address());
  test::write_text(home / ".config/containers/registries.conf.d/50.conf", plain);
  test::write_text(home / ".config/containers/registries.conf.d/99.txt", "no TOML");
  EXPECT_FALSE(asks_mirror({{"HOME", home.string()}}));
  mirror_.interceptor().forget_requests();
  EXPECT_DONE(fetch("none", {}, {{"CONTAINERS_REGISTRIES_CONF", with_mirror()}}));
  EXPECT_THAT(mirror_.interceptor().requests(), IsEmpty());
  EXPECT_EQ(fetch((dir_ / "nothing").string()).exit_code, 1);
}

TEST_F(Mirrors, AFileThatOthersCanChangeIsNotRead) {
  const std::string file = with_mirror();
  ::chmod(file.c_str(), 0666);
  EXPECT_THAT(fetch(file).err, HasSubstr("others can change it"));
}

TEST_F(Mirrors, ImgpkgReadsNone) {
  const auto copied = imgpkg({"copy", "-i", at("src/app:v1"), "--to-tar", "out"},
                             {{"CONTAINERS_REGISTRIES_CONF", with_mirror()}});
  EXPECT_DONE(copied);
  EXPECT_THAT(mirror_.interceptor().requests(), IsEmpty());
}

}  // namespace
}  // namespace tote
