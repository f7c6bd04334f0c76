// How registries are talked to: tokens, retries, time-outs, mounts, what is read.
#include "base/json.h"
#include "base/text.h"
#include "testregistry/http/error_response.h"
#include "tests/e2e/imgpkg.h"

#include <csignal>
#include <mutex>

namespace tote {
namespace {

namespace tr = testregistry;
using testing::ContainsRegex;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;
using Strings = std::vector<std::string>;

// A token service at /token beside a registry that wants Bearer tokens.
class TokenService final : public tr::Handler {
 public:
  TokenService(tr::Handler& registry, bool knows_forms)
      : registry_(registry), knows_forms_(knows_forms) {}

  tr::Begun begin(const tr::RequestHead& head) override {
    if (head.path == "/token") return token(head);
    const auto authorization = head.header("Authorization");
    if (authorization && *authorization == "Bearer good") return registry_.begin(head);
    return tr::Response{
        401,
        {{"WWW-Authenticate",
          fmt::format(
              R"(Bearer realm="{}",service="svc",scope="x:y:pull")",
              realm.empty() ? "http://" + std::string(*head.header("Host")) + "/token" : realm)}}};
  }
  Strings seen() {
    const std::lock_guard lock(mutex_);
    return seen_;
  }

  std::string realm;  // set before any request; empty: this one

 private:
  class Form final : public tr::Exchange {
   public:
    Form(TokenService& service) : service_(service) {}
    void on_body(ConstBytes data) override { body_ += as_text(data); }
    tr::Response finish() override {
      service_.note("POST " + body_);
      return {200, {}, R"({"access_token":"good"})"};
    }

   private:
    TokenService& service_;
    std::string body_;
  };

  tr::Begun token(const tr::RequestHead& head) {
    if (head.method == "POST" && knows_forms_) return std::make_unique<Form>(*this);
    std::string text = head.method;
    for (const auto& [name, value] : head.query) text += fmt::format(" {}={}", name, value);
    note(text + " " + std::string(head.header("Authorization").value_or("")));
    if (head.method == "POST") return tr::Response{404};
    return tr::Response{200, {}, R"({"token":"good"})"};
  }
  void note(std::string text) {
    const std::lock_guard lock(mutex_);
    seen_.push_back(std::move(text));
  }

  tr::Handler& registry_;
  const bool knows_forms_;
  std::mutex mutex_;
  Strings seen_;  // guarded by mutex_
};

class ImgpkgRegistry : public Imgpkg {
 protected:
  // Runs `tag list` against a registry with tokens, logged in by docker's config.
  Strings tokens_asked_for(const std::string& auth, bool knows_forms,
                           const std::string& realm = {}) {
    TokenService* service = nullptr;
    test::TestRegistry registry([&](tr::Handler& inner) {
      auto made = std::make_unique<TokenService>(inner, knows_forms);
      made->realm = realm;
      service = made.get();
      return made;
    });
    test::put_image(registry.storage(), "src/app", {"1"}, "v1");
    write("docker/config.json",
          fmt::format(R"({{"auths":{{"{}":{{{}}}}}}})", registry.address(), auth));
    const auto listed = imgpkg({"tag", "list", "-i", registry.address() + "/src/app"},
                               {{"DOCKER_CONFIG", (work() / "docker").string()}});
    EXPECT_EQ(listed.out, "v1\t\n") << listed.err;
    return service->seen();
  }

  // How often a failing PUT of a manifest is tried.
  std::size_t tries(const std::string& count, int status, const std::string& body = {}) {
    registry_.interceptor().replace([status, body](const tr::RequestHead& head) {
      return head.method == "PUT" && head.path.find("/manifests/") != std::string::npos
                 ? std::optional(tr::Response{status, {}, body})
                 : std::nullopt;
    });
    registry_.interceptor().forget_requests();
    write("app/f", "x");
    EXPECT_EQ(imgpkg({"push", "-i", at("src/app:v1"), "-f", "app", "--registry-retry-count", count})
                  .exit_code,
              1);
    return registry_.interceptor().count("PUT /v2/src/app/manifests/v1");
  }
};

TEST_F(ImgpkgRegistry, AsksForATokenWithoutCredentials) {
  EXPECT_THAT(tokens_asked_for("", true),
              ElementsAre("GET scope=repository:src/app:pull service=svc "));
}

TEST_F(ImgpkgRegistry, AsksForATokenWithAPassword) {
  const std::string auth = base64_encode("ann:pw");
  EXPECT_THAT(tokens_asked_for(R"("auth":")" + auth + "\"", true),
              ElementsAre("GET scope=repository:src/app:pull service=svc Basic " + auth));
}

TEST_F(ImgpkgRegistry, ExchangesAnIdentityToken) {
  const Strings asked = tokens_asked_for(R"("identitytoken":"ID_TOKEN")", true);
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_THAT(asked[0], ContainsRegex("^POST client_id=[a-z-]+&grant_type=refresh_token&refresh_"
                                      "token=ID_TOKEN&scope=repository%3Asrc%2Fapp%3Apull&service="
                                      "svc$"));
  const Strings old = tokens_asked_for(R"("identitytoken":"ID_TOKEN")", false);
  ASSERT_EQ(old.size(), 2U);
  EXPECT_THAT(old[1], StartsWith("GET scope=repository:src/app:pull"))
      << "a service without forms answers 404";
}

TEST_F(ImgpkgRegistry, UsesARegistryTokenAsItIs) {
  EXPECT_THAT(tokens_asked_for(R"("registrytoken":"good")", true, "http://some.realm/token"),
              ElementsAre());
}

TEST_F(ImgpkgRegistry, TriesAsOftenAsItIsTold) {
  for (const auto& [count, wanted] :
       std::map<std::string, std::size_t>{{"0", 1}, {"1", 1}, {"2", 2}, {"3", 3}, {"5", 5}})
    EXPECT_EQ(tries(count, 500), wanted) << count;
  for (const int passing : {408, 502, 503, 504}) EXPECT_EQ(tries("2", passing), 2U) << passing;
  for (const char* code : {"BLOB_UPLOAD_INVALID", "TOOMANYREQUESTS", "UNKNOWN", "UNAVAILABLE"})
    EXPECT_EQ(tries("2", 400, fmt::format(R"({{"errors":[{{"code":"{}"}}]}})", code)), 2U) << code;
  EXPECT_EQ(tries("2", 400, R"({"errors":[{"code":"MANIFEST_INVALID"}]})"), 1U);
  EXPECT_EQ(complaint({"push", "-i", at("src/app"), "--registry-retry-count", "-1"}),
            "Expected --registry-retry-count to be 0 or more, got -1");
}

TEST_F(ImgpkgRegistry, WaitsForHeadersAsLongAsItIsTold) {
  test::Child registry({test::program_path(), "registry", "serve", "--listen", "127.0.0.1:0",
                        "--fault", "path=**/tags/list,latency=60s"},
                       {});
  const std::string address = Json::parse(registry.read_line(), "ready").string_or("address", "");
  const auto late = complaint(
      {"tag", "list", "-i", address + "/src/app", "--registry-response-header-timeout", "200ms"});
  EXPECT_THAT(late, HasSubstr("timeout awaiting response headers")) << address;
  registry.signal(SIGKILL);
}

TEST_F(ImgpkgRegistry, MountsWithinARegistryAndCopiesWhereItMayNot) {
  test::put_image(registry_.storage(), "src/app", {"layer"}, "v1");
  shown({"copy", "-i", at("src/app:v1"), "--to-repo", at("dst/app")});
  std::size_t patches = registry_.interceptor().count("PATCH") +
                        registry_.interceptor().count("PUT /v2/dst/app/blobs");
  EXPECT_EQ(patches, 0U) << "both blobs are mounted";
  // Other credentials for another path: a mount from there is refused.
  for (const int status : {401, 403, 404, 500}) {
    registry_.interceptor().replace([status](const tr::RequestHead& head) {
      return head.parameter("mount") ? std::optional(tr::Response{status}) : std::nullopt;
    });
    const std::string destination = fmt::format("dst/app{}", status);
    EXPECT_EQ(imgpkg({"copy", "-i", at("src/app:v1"), "--to-repo", at(destination),
                      "--registry-retry-count", "1"})
                  .exit_code,
              0)
        << status;
    EXPECT_TRUE(registry_.storage().find_blob(destination, oci::Digest::of(std::string("layer"))));
  }
}

TEST_F(ImgpkgRegistry, SaysWhatADigestShouldHaveBeen) {
  const auto wanted = test::put_image(registry_.storage(), "src/app", {"1"}, "v1");
  const auto other = test::put_image(registry_.storage(), "src/app", {"2"}, "v2");
  registry_.interceptor().change([=, this](const tr::RequestHead& head, tr::Response& response) {
    if (head.path.ends_with(wanted.str()))
      response.body =
          std::get<tr::MemoryRange>(registry_.storage().find_manifest("src/app", other)->content);
  });
  EXPECT_THAT(complaint({"pull", "-i", at("src/app", wanted), "-o", "out"}),
              HasSubstr(fmt::format("manifest digest: \"{}\" does not match requested digest: "
                                    "\"{}\" for \"{}\"",
                                    other.str(), wanted.str(), at("src/app", wanted))));
}

TEST_F(ImgpkgRegistry, RedirectsGetNoCredentials) {
  const std::string layer = test::make_tar({{"f", "x"}});
  test::put_image(registry_.storage(), "src/app", {layer}, "v1");
  test::TestRegistry elsewhere;
  test::put_blob(elsewhere.storage(), "store", layer);
  test::Noted<std::optional<std::string>> seen;
  elsewhere.interceptor().replace([&](const tr::RequestHead& head) -> std::optional<tr::Response> {
    if (const auto sent = head.header("Authorization")) seen.set(std::string(*sent));
    return std::nullopt;
  });
  const std::string blob = "/blobs/" + oci::Digest::of(layer).str();
  registry_.interceptor().replace(
      [blob, store = elsewhere.url()](const tr::RequestHead& head) -> std::optional<tr::Response> {
        if (!head.header("Authorization"))
          return tr::Response{401, {{"WWW-Authenticate", "Basic realm=\"x\""}}};
        if (!head.path.ends_with(blob)) return std::nullopt;
        return tr::Response{307, {{"Location", store + "/v2/store" + blob}}};
      });
  EXPECT_EQ(imgpkg({"pull", "-i", at("src/app:v1"), "-o", "out", "--registry-username", "ann",
                    "--registry-password", "pw"})
                .exit_code,
            0);
  EXPECT_EQ(read("out/f"), "x");
  EXPECT_EQ(seen.get(), std::nullopt);
}

TEST_F(ImgpkgRegistry, SaysHowItFailedToConnect) {
  EXPECT_THAT(complaint({"tag", "list", "-i", "127.0.0.1:1/src/app"}),
              HasSubstr("Error while preparing a transport to talk with the registry:\n"
                        "  Unable to create round tripper:\n"
                        "    Get \"https://127.0.0.1:1/v2/\": "));
  EXPECT_THAT(complaint({"tag", "list", "-i", "127.0.0.1:1/src/app"}),
              HasSubstr("; Get \"http://127.0.0.1:1/v2/\": "))
      << "both ways were tried";
}

TEST_F(ImgpkgRegistry, ShowsTheRegistrysWords) {
  const auto list_answered = [&](int status, const std::string& body) {
    registry_.interceptor().replace([=](const tr::RequestHead& head) {
      return head.path == "/v2/" ? std::nullopt : std::optional(tr::Response{status, {}, body});
    });
    return complaint({"tag", "list", "-i", at("src/app"), "--registry-retry-count", "1"});
  };
  const std::string get = "GET " + registry_.url() + "/v2/src/app/tags/list?n=1000: ";
  EXPECT_THAT(
      list_answered(404, R"({"errors":[{"code":"A","message":"b","detail":{"Tag":"latest"}}]})"),
      StartsWith(get.substr(0, get.size() - 1) + "\n  A: b; map[Tag:latest]"));
  EXPECT_THAT(
      list_answered(404, R"({"errors":[{"code":"A","message":"b"},{"code":"C","message":"d"}]})"),
      StartsWith(get + "multiple errors returned:\n  A: b; C: d"));
  EXPECT_THAT(list_answered(401, "incorrect username or password"),
              StartsWith(get + "unexpected status code 401 Unauthorized: incorrect username or "
                               "password"));
  EXPECT_THAT(list_answered(404, ""), StartsWith(get + "unexpected status code 404 Not Found"));
}

TEST_F(ImgpkgRegistry, SaysThatCredentialsCanNotBeHad) {
  write("bin/docker-credential-broken", "#!/bin/sh\necho 'no credentials server URL'\nexit 1\n");
  std::filesystem::permissions(work() / "bin/docker-credential-broken",
                               std::filesystem::perms(0755));
  write("docker/config.json", R"({"credsStore":"broken"})");
  const std::map<std::string, std::string> environment = {
      {"DOCKER_CONFIG", (work() / "docker").string()},
      {"PATH", (work() / "bin").string() + ":/usr/bin:/bin"}};
  EXPECT_THAT(complaint({"tag", "list", "-i", at("src/app")}, environment),
              StartsWith("Unable retrieve credentials for registry: error getting credentials - "
                         "err: exit status 1, out: no credentials server URL"));
  write("bin/docker-credential-broken",
        "#!/bin/sh\necho 'credentials not found in native keychain'\nexit 1\n");
  test::put_image(registry_.storage(), "src/app", {"1"}, "v1");
  EXPECT_EQ(imgpkg({"tag", "list", "-i", at("src/app")}, environment).out, "v1\t\n")
      << "nobody is logged in";
}

TEST_F(ImgpkgRegistry, AnnouncesTheEndOfAVariable) {
  test::put_image(registry_.storage(), "src/app", {"1"}, "v1");
  EXPECT_EQ(
      imgpkg({"tag", "list", "-i", at("src/app")}, {{"IMGPKG_ENABLE_IAAS_AUTH", "false"}}).out,
      "IMGPKG_ENABLE_IAAS_AUTH environment variable will be deprecated, please use the flag "
      "--activate-keychain to activate the needed keychains\nv1\t\n");
}

TEST_F(ImgpkgRegistry, NamesTheOriginOfAMount) {
  const auto image = test::put_image(registry_.storage(), "src/app", {"layer"}, "v1");
  std::mutex mutex;
  std::set<std::string> mounts;
  registry_.interceptor().replace([&](const tr::RequestHead& head) -> std::optional<tr::Response> {
    const std::lock_guard lock(mutex);
    if (head.parameter("mount"))
      mounts.insert(fmt::format("from={} mount={} origin={}", *head.parameter("from"),
                                *head.parameter("mount"),
                                head.parameter("origin").value_or("none")));
    return std::nullopt;
  });
  EXPECT_EQ(imgpkg({"copy", "-i", at("src/app", image), "--to-repo", at("dst/app")}).exit_code, 0);
  const std::lock_guard lock(mutex);
  EXPECT_THAT(mounts, testing::Contains(fmt::format("from=src/app mount={} origin={}",
                                                    oci::Digest::of(std::string("layer")).str(),
                                                    registry_.address())));
}

TEST_F(ImgpkgRegistry, AsksForAllKindsOfManifests) {
  test::put_image(registry_.storage(), "src/app", {test::make_tar({{"f", "x"}})}, "v1");
  test::Noted<std::string> accepted;
  registry_.interceptor().replace([&](const tr::RequestHead& head) -> std::optional<tr::Response> {
    if (head.method == "GET" && head.path.ends_with("/manifests/v1"))
      accepted.set(std::string(head.header("Accept").value_or("")));
    return std::nullopt;
  });
  EXPECT_EQ(imgpkg({"pull", "-i", at("src/app:v1"), "-o", "out"}).exit_code, 0);
  for (const char* type : {"application/vnd.docker.distribution.manifest.v2+json",
                           "application/vnd.oci.image.manifest.v1+json",
                           "application/vnd.docker.distribution.manifest.list.v2+json",
                           "application/vnd.oci.image.index.v1+json"})
    EXPECT_THAT(accepted.get(), HasSubstr(type));
}

TEST_F(ImgpkgRegistry, AsksTheHelperOfARegistry) {
  write("bin/docker-credential-mine",
        "#!/bin/sh\nread key\necho '{\"Username\":\"<token>\",\"Secret\":\"ID_TOKEN\"}'\n");
  std::filesystem::permissions(work() / "bin/docker-credential-mine", std::filesystem::perms(0755));
  TokenService* service = nullptr;
  test::TestRegistry registry([&](tr::Handler& inner) {
    auto made = std::make_unique<TokenService>(inner, true);
    service = made.get();
    return made;
  });
  test::put_image(registry.storage(), "src/app", {"1"}, "v1");
  write("docker/config.json",
        fmt::format(R"({{"credHelpers":{{"{}":"mine"}}}})", registry.address()));
  EXPECT_EQ(imgpkg({"tag", "list", "-i", registry.address() + "/src/app"},
                   {{"DOCKER_CONFIG", (work() / "docker").string()},
                    {"PATH", (work() / "bin").string() + ":/usr/bin:/bin"}})
                .out,
            "v1\t\n");
  ASSERT_EQ(service->seen().size(), 1U);
  EXPECT_THAT(service->seen()[0], HasSubstr("refresh_token=ID_TOKEN"))
      << "a user called <token> means an identity token";
}

TEST_F(ImgpkgRegistry, SpeaksPlainHttpToTheWorldOnlyIfTold) {
  // The name leads here by way of a proxy.
  const std::map<std::string, std::string> proxy = {{"http_proxy", registry_.url()}};
  test::put_image(registry_.storage(), "some/app", {"1"}, "v1");
  complaint({"tag", "list", "-i", "registry.invalid/some/app"}, proxy);
  EXPECT_TRUE(registry_.interceptor().requests().empty());
  EXPECT_EQ(
      imgpkg({"tag", "list", "-i", "registry.invalid/some/app", "--registry-insecure"}, proxy).out,
      "v1\t\n");
}

}  // namespace
}  // namespace tote
