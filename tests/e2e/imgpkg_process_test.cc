// The process: arguments, modes of output, errors, registry options, versions.
#include "base/text.h"
#include "tests/e2e/imgpkg.h"

namespace tote {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;
using Strings = std::vector<std::string>;

class ImgpkgProcess : public Imgpkg {
 protected:
  ImgpkgProcess() {
    write("app/a.txt", "hello\n");
    write("app/config/c.yml", "k: v\n");
    std::filesystem::permissions(work() / "app/a.txt", std::filesystem::perms(0755));
  }
};

TEST_F(ImgpkgProcess, HasTheFourEndings) {
  const auto alone = imgpkg({});
  EXPECT_EQ(alone.exit_code, 1);
  EXPECT_THAT(alone.out, HasSubstr("Available Commands:\n"));
  EXPECT_EQ(alone.err,
            "imgpkg: Error: Invalid command - see available commands/subcommands above\n");
  EXPECT_EQ(complaint({"tag"}), "Use one of available subcommands: list, resolve");
  EXPECT_EQ(complaint({"nope"}), "command 'imgpkg' does not accept extra arguments 'nope'");
  EXPECT_EQ(complaint({"tag", "list", "-i", "a.io/bb", "x"}),
            "command 'imgpkg tag list' does not accept extra arguments 'x'");
  EXPECT_EQ(complaint({"pull", "k8slt/image", "-o", "x"}),
            "command 'imgpkg pull' does not accept extra arguments 'k8slt/image'");
}

TEST_F(ImgpkgProcess, SaysItsVersion) {
  const std::string line = fmt::format("imgpkg version {}\n", TOTE_VERSION);
  EXPECT_EQ(imgpkg({"--version"}).out, line + "\nSucceeded\n");
  EXPECT_EQ(imgpkg({"-v"}).out, line + "\nSucceeded\n");
  EXPECT_EQ(imgpkg({"version"}).out, line);
  EXPECT_EQ(shown({"version"}), line + "\nSucceeded\n");
}

TEST_F(ImgpkgProcess, ExplainsItself) {
  for (const Strings& asking : {Strings{"push", "--help"}, Strings{"push", "-h"}}) {
    const std::string help = imgpkg(asking).out;
    EXPECT_THAT(help, HasSubstr("\nUsage:\n  imgpkg push [flags]\n\nExamples:\n"));
    EXPECT_THAT(help, HasSubstr("\n  imgpkg push -b repo/app1-config -f config/\n"));
    EXPECT_THAT(help, HasSubstr("\nFlags:\n"));
    EXPECT_THAT(help, HasSubstr("\nGlobal Flags:\n"));
    EXPECT_THAT(help, EndsWith("\n\nSucceeded\n"));
  }
  EXPECT_THAT(imgpkg({"help", "push"}).out, testing::Not(HasSubstr("Succeeded")));
  EXPECT_THAT(imgpkg({"tag", "ls", "--help"}).out, HasSubstr("\nAliases:\n  list, ls\n"));
  EXPECT_THAT(imgpkg({"--help"}).out,
              HasSubstr(" (copy, describe, pull, push, registry, tag, version)\n"));
  EXPECT_THAT(imgpkg({"tag", "--help"}).out, StartsWith("Tag related commands (list, resolve)\n"));
}

TEST_F(ImgpkgProcess, ReadsOptionsAsPflagDoes) {
  EXPECT_EQ(complaint({"push", "--tty", "false", "-i", "a.io/bb"}),
            "command 'imgpkg push' does not accept extra arguments 'false'");
  for (const Strings& spelling :
       {Strings{"--image", at("sp/a")}, Strings{"--image=" + at("sp/b")}, Strings{"-i", at("sp/c")},
        Strings{"-i" + at("sp/d")}, Strings{"-i=" + at("sp/e")}}) {
    Strings push = {"--tty=false", "push", "-f", "app"};
    push.insert(push.end(), spelling.begin(), spelling.end());
    EXPECT_EQ(imgpkg(push).exit_code, 0) << spelling[0];
  }
  // A list is CSV: two paths.
  write("ex", "x");
  EXPECT_THAT(shown({"push", "-i", at("sp/f"), "-f", "app,ex"}), HasSubstr("file: ex\n"));
  EXPECT_EQ(complaint({"pull", "-i", "a.io/bb", "-o", "x", "--registry-response-header-timeout=5"}),
            "invalid argument \"5\" for \"--registry-response-header-timeout\" flag: time: missing "
            "unit in duration \"5\"");
  EXPECT_EQ(complaint({"pull", "-i", "a.io/bb", "-o", "x", "--registry-retry-count", "abc"}),
            "invalid argument \"abc\" for \"--registry-retry-count\" flag: strconv.ParseInt: "
            "parsing \"abc\": invalid syntax");
  EXPECT_EQ(complaint({"push", "-i", "a.io/bb", "-l", "a"}),
            "invalid argument \"a\" for \"-l, --labels\" flag: a must be formatted as key=value");
  EXPECT_EQ(complaint({"push", "-x"}), "unknown shorthand flag: 'x' in -x");
  EXPECT_EQ(complaint({"push", "-i"}), "flag needs an argument: 'i' in -i");
  EXPECT_EQ(complaint({"push", "--nope"}), "unknown flag: --nope");
}

TEST_F(ImgpkgProcess, PushesAsInItsExample) {
  EXPECT_EQ(shown({"push", "-i", at("src/app:v1"), "-f", "app"}),
            "dir: .\n"
            "file: a.txt\n"
            "dir: config\n"
            "file: config/c.yml\n"
            "Pushed '" +
                at("src/app") +
                "@sha256:8e2c75dfb6ba59496b09aa88cca0a4cb8f9fef625b154dfb9d176ef26a38cb3d'\n"
                "Succeeded\n");
  EXPECT_EQ(imgpkg({"push", "-i", at("src/app:v1"), "-f", "app"}).out, "") << "silent on a pipe";
  EXPECT_EQ(imgpkg({"push", "--json", "-i", at("src/app:v1"), "-f", "app"}).out,
            "{\n"
            "    \"Tables\": null,\n"
            "    \"Blocks\": null,\n"
            "    \"Lines\": [\n"
            "        \"dir: .\\n\",\n"
            "        \"file: a.txt\\n\",\n"
            "        \"dir: config\\n\",\n"
            "        \"file: config/c.yml\\n\",\n"
            "        \"Pushed '" +
                at("src/app") +
                "@sha256:8e2c75dfb6ba59496b09aa88cca0a4cb8f9fef625b154dfb9d176ef26a38cb3d'\",\n"
                "        \"Succeeded\"\n"
                "    ]\n"
                "}");
}

TEST_F(ImgpkgProcess, ListsTagsInFourLayouts) {
  const auto one = test::put_image(registry_.storage(), "src/app", {"1"}, "b");
  const auto two = test::put_image(registry_.storage(), "src/app", {"2"}, "tag1");
  test::put_image(registry_.storage(), "src/app", {"2"}, "sha256-00.imgpkg");
  test::put_image(registry_.storage(), "src/app", {"2"}, "sha256-00.sig");
  const Strings list = {"tag", "list", "-i", at("src/app:any")};
  const auto with = [&](Strings more) {
    more.insert(more.begin(), list.begin(), list.end());
    const auto result = imgpkg(more);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return result.out;
  };
  EXPECT_EQ(with({}), "b\t\nsha256-00.sig\t\ntag1\t\n");
  EXPECT_EQ(with({"--digests"}), fmt::format("b            \t{}\t\n"
                                             "sha256-00.sig\t{}\t\n"
                                             "tag1         \t{}\t\n",
                                             one.str(), two.str(), two.str()));
  EXPECT_EQ(with({"--tty"}),
            "Tags\n\n"
            "Name  \n"
            "b  \n"
            "sha256-00.sig  \n"
            "tag1  \n"
            "\n3 tags\n\nSucceeded\n");
  EXPECT_EQ(with({"--tty", "--digests"}), fmt::format("Tags\n\n"
                                                      "Name           Digest  \n"
                                                      "b              {}  \n"
                                                      "sha256-00.sig  {}  \n"
                                                      "tag1           {}  \n"
                                                      "\n3 tags\n\nSucceeded\n",
                                                      one.str(), two.str(), two.str()));
  EXPECT_THAT(with({"--imgpkg-internal-tags"}), HasSubstr("sha256-00.imgpkg"));
  EXPECT_EQ(imgpkg({"tag", "ls", "-i", at("src/app")}).out, with({}));
  EXPECT_THAT(with({"--column", "digest"}), HasSubstr("-"));
  EXPECT_EQ(complaint({"tag", "list"}).substr(0, 27), "could not parse reference: ");
  EXPECT_THAT(complaint({"tag", "list", "-i", at("src/app"), "--column", "nope"}),
              HasSubstr("Failed to find header: nope"));
}

TEST_F(ImgpkgProcess, ResolvesTags) {
  const auto digest = test::put_image(registry_.storage(), "src/app", {"1"}, "v1");
  EXPECT_EQ(imgpkg({"tag", "resolve", "-i", at("src/app:v1")}).out, at("src/app", digest));
  EXPECT_EQ(imgpkg({"tag", "resolve", "-i", at("src/app:other@" + digest.str())}).out,
            at("src/app", digest))
      << "a tag beside a digest is dropped";
  const std::string missing = "sha256:" + std::string(64, '0');
  EXPECT_THAT(complaint({"tag", "resolve", "-i", at("src/app@" + missing)}), HasSubstr(missing));
}

TEST_F(ImgpkgProcess, BreaksErrorsIntoLines) {
  EXPECT_EQ(complaint({"pull", "-i", at("nothing"), "-o", "out"}),
            fmt::format("Fetching image:\n"
                        "  GET {}/v2/nothing/manifests/latest:\n"
                        "    NAME_UNKNOWN:\n"
                        "      Unknown name",
                        registry_.url()));
}

TEST_F(ImgpkgProcess, ReadsRegistryOptionsFromTheEnvironment) {
  const auto sent = [&](const Strings& options, std::map<std::string, std::string> environment) {
    test::Noted<std::string> authorization;
    registry_.interceptor().replace(
        [&](const testregistry::RequestHead& head) -> std::optional<testregistry::Response> {
          if (head.path == "/v2/")
            return testregistry::Response{401, {{"WWW-Authenticate", "Basic realm=\"x\""}}};
          authorization.set(std::string(head.header("Authorization").value_or("none")));
          return std::nullopt;
        });
    Strings list = {"tag", "list", "-i", at("src/app")};
    list.insert(list.end(), options.begin(), options.end());
    imgpkg(list, std::move(environment));
    registry_.interceptor().replace(nullptr);
    return authorization.get();
  };
  const auto basic = [](const std::string& text) { return "Basic " + base64_encode(text); };
  const std::map<std::string, std::string> user = {{"IMGPKG_USERNAME", "ann"},
                                                   {"IMGPKG_PASSWORD", "pw"}};
  EXPECT_EQ(sent({}, {}), "none");
  EXPECT_EQ(sent({}, user), basic("ann:pw"));
  EXPECT_EQ(sent({"--registry-username", "bob"}, user), basic("bob:pw")) << "an option wins";
  EXPECT_EQ(sent({}, {{"IMGPKG_TOKEN", "t"}}), "Bearer t");
  EXPECT_EQ(sent({"--registry-token", "u"}, {{"IMGPKG_TOKEN", "t"}}), "Bearer u");
  EXPECT_EQ(sent({}, {{"IMGPKG_USERNAME", "ann"}}), "none") << "a user without a password";
  const std::map<std::string, std::string> host = {
      {"IMGPKG_REGISTRY_HOSTNAME_a", registry_.address()},
      {"IMGPKG_REGISTRY_USERNAME_a", "env"},
      {"IMGPKG_REGISTRY_PASSWORD_a", "pw"}};
  EXPECT_EQ(sent({"--registry-username", "bob", "--registry-password", "pw"}, host),
            basic("env:pw"));
  // Anonymous: not even what docker has.
  write("docker/config.json", fmt::format(R"({{"auths":{{"{}":{{"auth":"{}"}}}}}})",
                                          registry_.address(), base64_encode("doc:pw")));
  const std::string docker = (work() / "docker").string();
  EXPECT_EQ(sent({}, {{"DOCKER_CONFIG", docker}}), basic("doc:pw"));
  EXPECT_EQ(sent({"--registry-anon"}, {{"DOCKER_CONFIG", docker}}), "none");
  EXPECT_EQ(sent({}, {{"REGISTRY_AUTH_FILE", docker + "/config.json"}}), basic("doc:pw"));
  std::filesystem::create_directory(work() / "containers");
  std::filesystem::copy(work() / "docker/config.json", work() / "containers/auth.json");
  EXPECT_EQ(sent({}, {{"XDG_RUNTIME_DIR", work().string()}}), basic("doc:pw"));
  EXPECT_EQ(sent({}, {{"DOCKER_CONFIG", docker}, {"IMGPKG_ANON", "true"}}), "none");
  EXPECT_EQ(sent({}, {{"DOCKER_CONFIG", docker}, {"IMGPKG_ANON", "1"}}), basic("doc:pw"));
}

TEST_F(ImgpkgProcess, ChecksItsSurroundingsFirst) {
  EXPECT_THAT(complaint({"copy", "--tar", "a", "--to-tar", "b"}, {{"IMGPKG_REGISTRY_FOO", "x"}}),
              StartsWith("Unknown env variable"))
      << "before the rest of the options";
  EXPECT_EQ(complaint({"copy"}, {{"IMGPKG_REGISTRY_FOO", "x"}}).substr(0, 15), "Expected either");
  EXPECT_EQ(complaint({"push", "-i", "a.io/bb"}, {{"IMGPKG_REGISTRY_FOO", "x"}}),
            "Unknown env variable 'IMGPKG_REGISTRY_FOO'");
  EXPECT_THAT(complaint({"push"}, {{"IMGPKG_ACTIVE_KEYCHAINS", "random-name"}}),
              HasSubstr("Creating registry keychain:\n  Unable to load keychain for random-name, "
                        "available keychains [aks, ecr, gke, github"));
  EXPECT_THAT(complaint({"push", "--registry-ca-cert-path", "none.pem"}),
              StartsWith("Creating registry HTTP transport:\n  Reading CA certificates from "
                         "'none.pem': "));
  write("bad.pem", "no certificate");
  EXPECT_THAT(complaint({"push", "--registry-ca-cert-path", "bad.pem"}),
              HasSubstr("Adding CA certificates from 'bad.pem': failed"));
}

TEST_F(ImgpkgProcess, WarnsOfDeprecatedFlags) {
  EXPECT_THAT(
      imgpkg({"push", "-i", at("src/app"), "-f", "app", "--file-exclude-defaults", "a.txt"}).out,
      StartsWith("Flag --file-exclude-defaults has been deprecated, use '--file-exclusion' "
                 "instead\n"));
}

TEST_F(ImgpkgProcess, WritesCompletionScripts) {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const auto script = imgpkg({"completion", shell});
    EXPECT_EQ(script.exit_code, 0);
    EXPECT_THAT(script.out, HasSubstr("imgpkg")) << shell;
  }
  EXPECT_THAT(imgpkg({"completion", "bash"}).out, testing::Not(HasSubstr("Succeeded")));
  EXPECT_THAT(shown({"completion", "bash"}), EndsWith("Succeeded\n"));
  EXPECT_EQ(complaint({"completion"}), "accepts 1 arg(s), received 0");
  EXPECT_THAT(complaint({"completion", "foo"}),
              StartsWith("invalid argument \"foo\" for \"imgpkg completion\""));
}

TEST_F(ImgpkgProcess, WantsReferencesWithoutASchemeAndInTheirAlphabet) {
  for (const char* reference : {"http://a.io/bb", "https://a.io/bb", "a.io/UPPER", "a.io/b"})
    EXPECT_THAT(complaint({"tag", "list", "-i", reference}),
                HasSubstr(std::string("could not parse reference: ") + reference));
}

// On a terminal, by util-linux's script.
TEST_F(ImgpkgProcess, ColoursOnATerminal) {
  test::put_image(registry_.storage(), "src/app", {"1"}, "v1");
  const std::string program = (dir_ / "imgpkg").string();
  const auto on_terminal = [&](const std::string& options,
                               std::map<std::string, std::string> environment) {
    environment.try_emplace("TERM", "xterm");
    return test::run(
               {"script", "-qec", program + " tag list -i " + at("src/app") + options, "/dev/null"},
               {.directory = work(), .environment = environment})
        .out;
  };
  const std::string bold = "\x1b[1mName";
  EXPECT_THAT(on_terminal("", {}), HasSubstr(bold));
  EXPECT_THAT(on_terminal(" --color=false", {}), testing::Not(HasSubstr("\x1b")));
  EXPECT_THAT(on_terminal("", {{"TERM", "dumb"}}), testing::Not(HasSubstr("\x1b")));
  EXPECT_THAT(on_terminal("", {{"TERM", "dumb"}, {"FORCE_COLOR", "1"}}), HasSubstr(bold));
  EXPECT_THAT(on_terminal("", {{"FORCE_COLOR", "0"}}), testing::Not(HasSubstr("\x1b")));
  EXPECT_THAT(on_terminal(":no!", {}), HasSubstr("\x1b[31mimgpkg: Error: could not parse"));
  EXPECT_THAT(shown({"tag", "list", "-i", at("src/app")}), testing::Not(HasSubstr("\x1b")))
      << "--tty on a pipe";
}

TEST_F(ImgpkgProcess, EndsALineBeforeAnError) {
  registry_.interceptor().replace([](const testregistry::RequestHead& head) {
    return head.method == "PUT" ? std::optional(testregistry::Response{400}) : std::nullopt;
  });
  const auto failed = imgpkg({"push", "--tty", "-i", at("src/app:v1"), "-f", "app"});
  EXPECT_EQ(failed.exit_code, 1);
  EXPECT_THAT(failed.out, EndsWith("file: config/c.yml\n\n"));
}

}  // namespace
}  // namespace tote
