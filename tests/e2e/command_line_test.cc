// What a person types, and what comes back.
#include "base/json.h"
#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_registry.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tote {
namespace {

using test::tote;
using Strings = std::vector<std::string>;

TEST(CommandLine, TakesADashWrittenAsAPath) {
  const test::TempDir dir;
  test::write_text(dir / "-", "text");
  const auto result = tote({"describe", "--tar", "./-"}, {.directory = dir.path()});
  EXPECT_EQ(result.err.find("does not take"), std::string::npos) << result.err;
}

TEST(CommandLine, PrintsItsVersionAndHelp) {
  EXPECT_EQ(tote({"version"}).out, "tote version 0.1.0\n");
  EXPECT_EQ(tote({"version", "--tty"}).out, "tote version 0.1.0\n\nSucceeded\n");
  EXPECT_EQ(tote({"--version"}).out, "tote version 0.1.0\n");
  const auto help = tote({"copy", "--help"});
  EXPECT_EQ(help.exit_code, 0);
  for (const char* part :
       {"Usage:\n  tote copy [SOURCE] [TARGET] [flags]", "  -b, --bundle string ",
        "--concurrency int ", "(default 5)", "Global Flags:"})
    EXPECT_NE(help.out.find(part), std::string::npos) << part << "\n" << help.out;
  EXPECT_EQ(help.out.find("Succeeded"), std::string::npos);
  EXPECT_NE(tote({"help", "tag", "list"}).out.find("Aliases:\n  list, ls\n"), std::string::npos);
}

TEST(CommandLine, AcceptsGlobalOptionsBeforeTheCommand) {
  EXPECT_EQ(tote({"--tty", "version"}).out, "tote version 0.1.0\n\nSucceeded\n");
  EXPECT_EQ(tote({"-y", "--tty=false", "version"}).out, "tote version 0.1.0\n");
}

TEST(CommandLine, RefusesUnknownRegistryVariables) {
  const auto result =
      tote({"tag", "list", "-i", "a.io/bb"}, {.environment = {{"IMGPKG_REGISTRY_FOO", "x"}}});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_NE(result.err.find("Unknown env variable 'IMGPKG_REGISTRY_FOO'"), std::string::npos);
}

TEST(CommandLine, CallsItselfWhatItIsCalled) {
  const test::TempDir dir;
  std::filesystem::create_symlink(test::program_path(), dir / "imgpkg");
  EXPECT_EQ(test::run({(dir / "imgpkg").string(), "version"}).out, "imgpkg version 0.1.0\n");
  EXPECT_EQ(test::run({(dir / "imgpkg").string(), "nope"}).err,
            "imgpkg: Error: command 'imgpkg' does not accept extra arguments 'nope'\n");
}

class CommandLineWithRegistry : public testing::Test {
 protected:
  CommandLineWithRegistry() { test::write_text(dir_ / "files/a.txt", "a"); }
  std::vector<std::string> push(const Strings& more) const {
    Strings arguments{"push", "-i", registry_.address() + "/app:v1", "-f",
                      (dir_ / "files").string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
  test::ProgramResult in_dir(const Strings& arguments) const {
    return tote(arguments, {.directory = dir_.path()});
  }
  test::ProgramResult without_reader(Strings arguments) const {
    const std::string script =
        "import "
        "os,sys\nr,w=os.pipe()\nos.close(r)\nos.dup2(w,1)\nos.execv(sys.argv[1],sys.argv[1:])";
    arguments.insert(arguments.begin(), {"python3", "-c", script, test::program_path()});
    return test::run(arguments, {.directory = dir_.path()});
  }
  Json as_json(const Strings& arguments) const {
    const auto result = in_dir(arguments);
    EXPECT_DONE(result);
    EXPECT_THAT(result.err, testing::Not(testing::HasSubstr("{"))) << "progress, but no data";
    return Json::parse(result.out, "output");
  }
  // Of what push() pushed.
  std::string digest() const { return registry_.storage().find_tag("app", "v1")->str(); }

  test::TempDir dir_;
  mutable test::TestRegistry registry_;
};

TEST_F(CommandLineWithRegistry, IsSilentOnAPipeUnderImgpkgsName) {
  std::filesystem::create_symlink(test::program_path(), dir_ / "imgpkg");
  const auto as_imgpkg = [&](Strings arguments) {
    arguments.insert(arguments.begin(), (dir_ / "imgpkg").string());
    return test::run(arguments);
  };
  const auto silent = as_imgpkg(push({}));
  EXPECT_EQ(silent.exit_code, 0) << silent.err;
  EXPECT_EQ(silent.out + silent.err, "");
  EXPECT_NE(as_imgpkg(push({"--tty"})).out.find("file: a.txt\nPushed '"), std::string::npos);
  EXPECT_NE(tote(push({})).out.find("Pushed '"), std::string::npos);
}

TEST_F(CommandLineWithRegistry, RefusesALockOfAnArchiveUnderImgpkgsName) {
  std::filesystem::create_symlink(test::program_path(), dir_ / "imgpkg");
  const auto refused = test::run(
      {(dir_ / "imgpkg").string(), "copy", "-b", "a.io/bb", "--to-tar", "b", "--lock-output", "l"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_EQ(refused.err, "imgpkg: Error: Cannot output lock file with tar destination\n");
}

TEST_F(CommandLineWithRegistry, SaysWhatItDidOnAPipe) {
  EXPECT_DONE(tote(push({})));
  const std::string image = registry_.address() + "/app";
  const std::string resolved = tote({"tag", "resolve", "-i", image + ":v1"}).out;
  EXPECT_EQ(resolved, image + "@" + digest() + "\n");
  const std::string name = image + "@" + digest();
  EXPECT_EQ(in_dir({"pull", "-i", image + ":v1", "-o", "out"}).out,
            fmt::format("Pulled '{}' to 'out'\n", name));
  const std::string to = registry_.address() + "/two";
  EXPECT_EQ(in_dir({"copy", "-i", image + ":v1", "--to-repo", to}).out,
            fmt::format("Copied to '{}@{}'\n", to, digest()));
  EXPECT_EQ(in_dir({"copy", "-i", image + ":v1", "--to-tar", "a.tar"}).out,
            fmt::format("Copied '{}' to 'a.tar'\n", name));
  EXPECT_EQ(in_dir({"copy", "-i", image + ":v1", "--to-layout", "layout"}).out,
            fmt::format("Copied '{}' to 'layout'\n", name));
}

TEST_F(CommandLineWithRegistry, PrintsTheResultAsDataForJson) {
  const std::string image = registry_.address() + "/app";
  const Json pushed = as_json(push({"--json"}));
  EXPECT_EQ(pushed.at("image").string(), image + "@" + digest());
  EXPECT_EQ(pushed.at("digest").string(), digest());
  EXPECT_EQ(pushed.at("tag").string(), "v1");
  const std::vector<Json> tags =
      as_json({"tag", "list", "-i", image, "--digests", "--json"}).at("tags").items();
  ASSERT_EQ(tags.size(), 1U);
  EXPECT_EQ(tags[0].at("name").string(), "v1");
  EXPECT_EQ(tags[0].at("digest").string(), digest());
  EXPECT_EQ(tote({"tag", "list", "-i", image, "--json"}).out, "{\"tags\":[{\"name\":\"v1\"}]}\n");
  const Json resolved = as_json({"tag", "resolve", "-i", image + ":v1", "--json"});
  EXPECT_EQ(resolved.at("image").string(), image + "@" + digest());
  EXPECT_EQ(resolved.at("digest").string(), digest());
  const Json pulled = as_json({"pull", "-i", image + ":v1", "-o", "out", "--json"});
  EXPECT_EQ(pulled.at("image").string(), image + "@" + digest());
  EXPECT_EQ(pulled.at("output").string(), "out");
  const Json copied = as_json({"copy", "-i", image + ":v1", "--to-tar", "a.tar", "--json"});
  EXPECT_EQ(copied.at("image").string(), image + "@" + digest());
  EXPECT_EQ(copied.at("images").items().size(), 1U);
  EXPECT_EQ(copied.at("to").string(), "a.tar");
  const Json version = as_json({"version", "--json"});
  EXPECT_EQ(version.at("version").string(), "0.1.0");
  EXPECT_THAT(version.at("commit").string(),
              testing::MatchesRegex("[0-9a-f]{40}(-dirty)?|unknown"));
  EXPECT_THAT(version.at("built").string(), testing::MatchesRegex("20[-0-9]+T[:0-9]+Z|unknown"));
  EXPECT_THAT(version.at("platform").string(), testing::StartsWith("linux/"));
  EXPECT_THAT(version.string_map("libraries")["curl"], testing::MatchesRegex("[0-9.]+"));
}

TEST_F(CommandLineWithRegistry, PrintsNoDataForJsonWhenItFails) {
  const auto failed = tote({"tag", "resolve", "-i", registry_.address() + "/none", "--json"});
  EXPECT_EQ(failed.exit_code, 1);
  EXPECT_EQ(failed.out, "");
  EXPECT_NE(failed.err.find("NAME_UNKNOWN"), std::string::npos) << "the error is not lost";
}

TEST_F(CommandLineWithRegistry, DescribesABundleAsDataForJson) {
  test::write_text(dir_ / "bundle/.imgpkg/images.yml",
                   "apiVersion: imgpkg.carvel.dev/v1alpha1\nkind: ImagesLock\n");
  const std::string bundle = registry_.address() + "/bundle";
  const Json pushed = as_json({"push", "-b", bundle, "-f", "bundle", "--json"});
  const std::string name = pushed.at("bundle").string();
  EXPECT_EQ(as_json({"describe", "-b", bundle, "--json"}).text(),
            as_json({"describe", "-b", bundle, "-o", "json"}).text());
  const Json copied = as_json({"copy", "-b", bundle, "--to-repo", bundle + "-two", "--json"});
  EXPECT_EQ(copied.at("bundle").string(), bundle + "-two@" + pushed.at("digest").string());
  EXPECT_EQ(copied.at("tag").string(), "latest");
  EXPECT_EQ(as_json({"pull", "-b", bundle, "-o", "out", "--json"}).at("bundle").string(), name);
}

TEST_F(CommandLineWithRegistry, SaysWhatIsDeprecatedOnStderr) {
  const auto pushed = tote(push({"--file-exclude-defaults", "x", "--json", "-q"}));
  EXPECT_DONE(pushed);
  EXPECT_EQ(pushed.err,
            "tote: Flag --file-exclude-defaults has been deprecated, use '--file-exclusion' "
            "instead\n");
}

// A reader that goes away before anything is written: stdout is a pipe without a read end.
TEST_F(CommandLineWithRegistry, EndsQuietlyWhenNobodyReads) {
  EXPECT_DONE(tote(push({})));
  const std::string image = registry_.address() + "/app:v1";
  const std::string archive = std::string(TOTE_TEST_DATA) + "/imgpkg/outer.tar";
  const std::vector<Strings> commands = {{"--help"},
                                         {"--version"},
                                         {"version"},
                                         {"help", "copy"},
                                         {"registry", "serve", "--help"},
                                         {"completion", "bash"},
                                         {"completion", "fish"},
                                         {"tag", "list", "-i", image},
                                         {"tag", "list", "-i", image, "--tty"},
                                         {"tag", "resolve", "-i", image},
                                         {"describe", "--tar", archive},
                                         {"describe", "--tar", archive, "-o", "json"},
                                         {"pull", "-q", "-i", image, "-o", "out"},
                                         {"copy", "-q", "-i", image, "--to-tar", "a.tar", "--json"},
                                         push({"-q", "--tty"}),
                                         push({"-q", "--json"})};
  for (const Strings& command : commands) {
    const auto result = without_reader(command);
    EXPECT_EQ(result.exit_code, 141) << testing::PrintToString(command) << result.err;
    EXPECT_EQ(result.err, "") << testing::PrintToString(command);
  }
  EXPECT_TRUE(std::filesystem::exists(dir_ / "out/a.txt")) << "what was to be done is done";
  EXPECT_TRUE(std::filesystem::exists(dir_ / "a.tar"));
  const auto failed = without_reader({"tag", "resolve", "-i", image + "nope"});
  EXPECT_EQ(failed.exit_code, 1) << "a failure is told all the same";
  EXPECT_NE(failed.err.find("MANIFEST_UNKNOWN"), std::string::npos) << failed.err;
}

TEST(CommandLine, SaysThatItsOutputCouldNotBeWritten) {
  const auto full = test::run({"sh", "-c", "exec \"$0\" version >/dev/full", test::program_path()});
  EXPECT_EQ(full.exit_code, 1);
  EXPECT_EQ(full.err, "tote: Error: write to standard output: no space left on device\n");
  const auto closed = test::run({"sh", "-c", "exec \"$0\" version >&-", test::program_path()});
  EXPECT_EQ(closed.exit_code, 1);
  EXPECT_EQ(closed.err, "tote: Error: write to standard output: bad file descriptor\n");
}

// The archive may not take the number of a closed stdout, or the result would be written into it.
TEST_F(CommandLineWithRegistry, WritesNoOutputIntoItsFilesWhenStdoutIsClosed) {
  EXPECT_DONE(tote(push({})));
  const std::string image = registry_.address() + "/app:v1";
  EXPECT_DONE(in_dir({"copy", "-i", image, "--to-tar", "good.tar"}));
  const auto closed =
      test::run({"sh", "-c", "exec \"$0\" copy --tty -i \"$1\" --to-tar a.tar >&- 2>&-",
                 test::program_path(), image},
                {.directory = dir_.path()});
  EXPECT_EQ(closed.exit_code, 1);
  EXPECT_EQ(test::read_text(dir_ / "a.tar"), test::read_text(dir_ / "good.tar"));
}

struct Colours {
  const char* name;
  const char* options;
  std::map<std::string, std::string> environment;
  bool coloured;
};
class NoColor : public testing::TestWithParam<Colours> {};

// On a terminal, by util-linux's script.
TEST_P(NoColor, IsHonoured) {
  auto environment = GetParam().environment;
  environment.try_emplace("TERM", "xterm");
  const auto result = test::run(
      {"script", "-qec", test::program_path() + " tag list -i x" + GetParam().options, "/dev/null"},
      {.environment = environment});
  EXPECT_NE(result.out.find("Error: could not parse reference"), std::string::npos) << result.out;
  EXPECT_EQ(result.out.find('\x1b') != std::string::npos, GetParam().coloured) << result.out;
}

INSTANTIATE_TEST_SUITE_P(
    All, NoColor,
    testing::Values(Colours{"Unset", "", {}, true}, Colours{"Set", "", {{"NO_COLOR", "1"}}, false},
                    Colours{"AnyValue", "", {{"NO_COLOR", "false"}}, false},
                    Colours{"Zero", "", {{"NO_COLOR", "0"}}, false},
                    Colours{"Empty", "", {{"NO_COLOR", ""}}, true},
                    Colours{
                        "AboveForceColor", "", {{"NO_COLOR", "1"}, {"FORCE_COLOR", "1"}}, false},
                    Colours{"BelowTheOption", " --color", {{"NO_COLOR", "1"}}, true},
                    Colours{"OptionOff", " --color=false", {}, false},
                    Colours{"ForceColor", "", {{"FORCE_COLOR", "1"}, {"TERM", "dumb"}}, true},
                    Colours{"Dumb", "", {{"TERM", "dumb"}}, false}),
    [](const auto& row) { return row.param.name; });

TEST_F(CommandLineWithRegistry, ShowsEveryExchangeIfTold) {
  const auto pushed = tote(push({"--debug", "--registry-token", "hush"}));
  EXPECT_EQ(pushed.exit_code, 0) << pushed.err;
  for (const char* part : {" --> PUT http://", "/v2/app/manifests/v1\n", " <-- 201 http://",
                           "Accept-Encoding: identity\n"})
    EXPECT_NE(pushed.err.find(part), std::string::npos) << part << "\n" << pushed.err;
  EXPECT_EQ(pushed.err.find("hush"), std::string::npos);
}

TEST(CommandLine, WritesCompletionScripts) {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const auto script = tote({"completion", shell});
    EXPECT_EQ(script.exit_code, 0);
    EXPECT_NE(script.out.find("describe"), std::string::npos) << shell;
  }
}

TEST(CommandLine, RefusesUnknownKeychains) {
  const auto result = tote({"tag", "list", "-i", "a.io/bb"},
                           {.environment = {{"IMGPKG_ACTIVE_KEYCHAINS", "random-name"}}});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(result.err,
            "tote: Error: Creating registry keychain:\n  Unable to load keychain for random-name, "
            "available keychains [aks, ecr, gke, github]\n");
}

}  // namespace
}  // namespace tote
