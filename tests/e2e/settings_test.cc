// Flags that nobody types, and what users have sent with requests.
#include "base/json.h"
#include "tests/e2e/imgpkg.h"

#include <sys/stat.h>

namespace tote {
namespace {

namespace tr = testregistry;
using test::tote;
using testing::HasSubstr;
using testing::Not;

// What a field was in each request, with the path: "/v2/ blue".
class Fields {
 public:
  Fields(test::TestRegistry& registry, std::string name) {
    registry.interceptor().replace(
        [this, name = std::move(name)](const tr::RequestHead& head) -> std::optional<tr::Response> {
          const std::lock_guard lock(mutex_);
          seen_.push_back(head.path + " " + std::string(head.header(name).value_or("")));
          return answer_ ? answer_(head) : std::nullopt;
        });
  }

  void answer(test::Interceptor::Replace answer) {
    const std::lock_guard lock(mutex_);
    answer_ = std::move(answer);
  }
  std::vector<std::string> seen() const {
    const std::lock_guard lock(mutex_);
    return seen_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> seen_;      // guarded by mutex_
  test::Interceptor::Replace answer_;  // guarded by mutex_
};

class SettingsE2e : public Imgpkg {
 protected:
  SettingsE2e() {
    test::put_image(registry_.storage(), "src/app", {"1"}, "v1");
    test::put_image(other_.storage(), "src/app", {"1"}, "v1");
  }

  void write_file(const std::string& text) {
    test::write_text(dir_ / "config" / "tote" / "config.yml", text);
    for (const char* name : {"config", "config/tote", "config/tote/config.yml"})
      ::chmod((dir_ / name).c_str(), 0755);
  }
  std::map<std::string, std::string> with_file(std::map<std::string, std::string> more = {}) {
    more["XDG_CONFIG_HOME"] = (dir_ / "config").string();
    return more;
  }
  test::ProgramResult list(test::TestRegistry& registry, std::vector<std::string> more = {},
                           std::map<std::string, std::string> environment = {}) {
    std::vector<std::string> arguments = {"tag", "list", "-i", registry.address() + "/src/app"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return tote(arguments, {.environment = std::move(environment)});
  }

  test::TestRegistry other_;
};

TEST_F(SettingsE2e, ACommandTakesWhatIsSet) {
  write_file("version: 1\ncommands: {tag list: {digests: true}}\n");
  EXPECT_THAT(list(registry_, {}, with_file()).out, HasSubstr("v1\tsha256:"));
  EXPECT_EQ(list(registry_, {"--digests=false"}, with_file()).out, "v1\n");
  EXPECT_EQ(list(registry_, {}, with_file({{"TOTE_FLAG_DIGESTS", "false"}})).out, "v1\n");
  EXPECT_THAT(list(registry_, {}, {{"TOTE_FLAG_JSON", "true"}}).out, HasSubstr("{\"tags\":["));
  write("a.txt", "a");
  ASSERT_EQ(tote({"push", "-i", at("src/files"), "-f", (work() / "a.txt").string()}).exit_code, 0);
  const auto required = tote({"pull", "-i", at("src/files")},
                             {.environment = {{"TOTE_FLAG_OUTPUT", (dir_ / "pulled").string()}}});
  EXPECT_DONE(required);
  EXPECT_TRUE(std::filesystem::exists(dir_ / "pulled"));
}

TEST_F(SettingsE2e, ARegistryHasItsOwn) {
  write_file(
      fmt::format("version: 1\nflags: {{header: ['X-Org: all']}}\nhosts:\n"
                  "  {}: {{header: ['X-Org: blue']}}\n",
                  registry_.address()));
  const Fields here(registry_, "X-Org");
  const Fields there(other_, "X-Org");
  EXPECT_DONE(list(registry_, {}, with_file()));
  EXPECT_DONE(list(other_, {}, with_file()));
  EXPECT_THAT(here.seen(), testing::Contains("/v2/src/app/tags/list blue"));
  EXPECT_THAT(there.seen(), testing::Contains("/v2/src/app/tags/list all"));
  EXPECT_DONE(list(registry_, {"--header", "X-Org: typed"}, with_file()));
  EXPECT_THAT(here.seen(), testing::Contains("/v2/src/app/tags/list typed"));
}

TEST_F(SettingsE2e, ImgpkgReadsNoneOfIt) {
  write_file("version: 7\n");
  const auto listed = imgpkg({"tag", "list", "-i", registry_.address() + "/src/app", "--tty"},
                             with_file({{"TOTE_FLAG_JSON", "true"}, {"TOTE_FLAG_JSN", "true"}}));
  EXPECT_DONE(listed);
  EXPECT_THAT(listed.out, HasSubstr("Succeeded"));
  EXPECT_EQ(listed.err, "");
}

TEST_F(SettingsE2e, WhatIsWrongIsOneSentence) {
  write_file("version: 1\nflags: {concurency: 3}\n");
  const auto wrong = list(registry_, {}, with_file());
  EXPECT_EQ(wrong.exit_code, 1);
  EXPECT_EQ(wrong.err, fmt::format("tote: Error: {}, line 2: no command has a flag 'concurency'\n"
                                   "hint: did you mean 'concurrency'?\n",
                                   (dir_ / "config/tote/config.yml").string()));
  EXPECT_DONE(tote({"tag", "list", "--help"}, {.environment = with_file()}));
  // As everything else is said.
  const auto as_json =
      tote({"describe", "-b", registry_.address() + "/src/app", "--progress", "json"},
           {.environment = with_file()});
  EXPECT_EQ(Json::parse(as_json.err, "stderr").at("event").string(), "error");
}

TEST_F(SettingsE2e, AFileThatOthersCanChangeIsNotRead) {
  write_file("version: 1\n");
  ::chmod((dir_ / "config").c_str(), 0777);
  const auto refused = list(registry_, {}, with_file());
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, HasSubstr("others can change it"));
  EXPECT_THAT(refused.err, HasSubstr("hint: chmod go-w '"));
}

TEST_F(SettingsE2e, AMisspelledVariableIsWarnedOf) {
  const auto listed = list(registry_, {}, {{"TOTE_FLAG_LIMITRATE", "1"}});
  EXPECT_DONE(listed);
  EXPECT_EQ(listed.err,
            "tote: warning: the variable 'TOTE_FLAG_LIMITRATE' names no flag: did you mean "
            "'TOTE_FLAG_LIMIT_RATE'?\n");
}

TEST_F(SettingsE2e, ARegistrysVariablesAreNoFlags) {
  const auto beside = tote(
      {"registry", "serve", "--listen", "127.0.0.1:0", "--secure", "--", "sh", "-c",
       "env | grep -q ^TOTE_REGISTRY_PASSWORD= && " + test::program_path() + " settings show"});
  EXPECT_DONE(beside);
  EXPECT_THAT(beside.out, Not(HasSubstr("TOTE_REGISTRY_")));
  EXPECT_THAT(beside.err, Not(HasSubstr("TOTE_REGISTRY_")));
}

TEST_F(SettingsE2e, ShowSaysWhereValuesComeFrom) {
  write_file(
      "version: 1\nflags: {registry-retry-count: 3}\ncommands: {copy: {tar-format: oci}}\n"
      "hosts: {h.example: {registry-insecure: true}}\n");
  const std::string file = (dir_ / "config/tote/config.yml").string();
  const auto environment =
      with_file({{"TOTE_FLAG_REGISTRY_PASSWORD", "hunter2"}, {"IMGPKG_USERNAME", "ann"}});
  EXPECT_EQ(tote({"settings", "show"}, {.environment = environment}).out,
            fmt::format("all that have it\tregistry-username\tann\tIMGPKG_USERNAME\n"
                        "all that have it\tregistry-password\t<redacted>\t"
                        "TOTE_FLAG_REGISTRY_PASSWORD\n"
                        "all that have it\tregistry-retry-count\t3\t{0}, line 2\n"
                        "copy\ttar-format\toci\t{0}, line 3\n"
                        "registry h.example\tregistry-insecure\ttrue\t{0}, line 4\n",
                        file));
  const auto one =
      tote({"settings", "show", "tag", "list", "--json"}, {.environment = environment});
  EXPECT_DONE(one);
  EXPECT_THAT(one.out, Not(HasSubstr("hunter2")));
  std::map<std::string, std::string> from;
  for (const Json& setting : Json::parse(one.out, "settings").items_of("settings"))
    from[setting.at("flag").string()] = setting.at("from").string();
  EXPECT_EQ(from["digests"], "default");
  EXPECT_EQ(from["registry-retry-count"], file + ", line 2");
  EXPECT_EQ(from["registry-username"], "IMGPKG_USERNAME");
  const auto unknown = tote({"settings", "show", "tag", "lst"});
  EXPECT_EQ(unknown.err,
            "tote: Error: there is no command 'tag lst'\nhint: did you mean 'tag list'?\n");
}

// ---- --header, --resolve, --user-agent ----------------------------------------------------------

TEST_F(SettingsE2e, AHeaderGoesToTheRegistryAndNowhereElse) {
  Fields here(registry_, "X-Api-Key");
  const Fields there(other_, "X-Api-Key");
  here.answer([&](const tr::RequestHead& head) -> std::optional<tr::Response> {
    if (head.path.find("/manifests/") == std::string::npos) return std::nullopt;
    return tr::Response{307, {{"Location", other_.url() + head.path}}};
  });
  const auto resolved = tote({"tag", "resolve", "-i", registry_.address() + "/src/app:v1",
                              "--header", "X-Api-Key: hunter2", "--debug"});
  EXPECT_DONE(resolved);
  EXPECT_THAT(here.seen(), testing::Contains("/v2/src/app/manifests/v1 hunter2"));
  EXPECT_THAT(there.seen(), testing::ElementsAre("/v2/src/app/manifests/v1 "));
  EXPECT_THAT(resolved.err, HasSubstr("X-Api-Key: <redacted>"));
  EXPECT_THAT(resolved.err, Not(HasSubstr("hunter2")));
}

TEST_F(SettingsE2e, AHeaderIsNotForTokenServices) {
  Fields here(registry_, "X-Org");
  Fields service(other_, "X-Org");
  here.answer([&](const tr::RequestHead& head) -> std::optional<tr::Response> {
    if (head.header("Authorization") == "Bearer t") return std::nullopt;
    return tr::Response{
        401, {{"WWW-Authenticate", fmt::format("Bearer realm=\"{}/token\"", other_.url())}}};
  });
  service.answer([](const tr::RequestHead&) {
    tr::Response token{200, {{"Content-Type", "application/json"}}};
    token.body = std::string("{\"token\":\"t\"}");
    return token;
  });
  EXPECT_DONE(list(registry_, {"--header", "X-Org: blue"}));
  EXPECT_THAT(here.seen(), testing::Contains("/v2/src/app/tags/list blue"));
  for (const std::string& seen : service.seen()) EXPECT_THAT(seen, testing::EndsWith(" "));
  EXPECT_FALSE(service.seen().empty());
}

TEST_F(SettingsE2e, AHeaderThatIsNoneIsRefused) {
  for (const char* header : {"X-Org", "Host: a", "Authorization: Basic x", "X: a\nY: b"})
    EXPECT_EQ(list(registry_, {"--header", header}).exit_code, 1) << header;
}

TEST_F(SettingsE2e, ANameIsLookedUpWhereTheUserSays) {
  const std::string address = registry_.address();
  const std::string port = address.substr(address.rfind(':') + 1);
  const auto listed =
      tote({"tag", "list", "-i", "registry.example:" + port + "/src/app", "--registry-insecure",
            "--resolve", "registry.example:" + port + ":127.0.0.1"});
  EXPECT_EQ(listed.out, "v1\n") << listed.err;
  EXPECT_THAT(list(registry_, {"--resolve", "registry.example"}).err,
              HasSubstr("Expected --resolve as HOST:PORT:ADDRESS, got 'registry.example'"));
}

TEST_F(SettingsE2e, TheProgramIsCalledWhatTheUserSays) {
  const Fields fields(registry_, "User-Agent");
  EXPECT_DONE(list(registry_));
  EXPECT_DONE(list(registry_, {"--user-agent", "mirror/1"}));
  EXPECT_THAT(fields.seen(), testing::Contains("/v2/src/app/tags/list tote/" TOTE_VERSION));
  EXPECT_THAT(fields.seen(), testing::Contains("/v2/src/app/tags/list mirror/1"));
  EXPECT_EQ(list(registry_, {"--user-agent", ""}).exit_code, 1);
  EXPECT_EQ(list(registry_, {"--user-agent", "a\nb: c"}).exit_code, 1);
}

}  // namespace
}  // namespace tote
