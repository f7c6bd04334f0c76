// What a person types, and what comes back.
#include "base/json.h"
#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_registry.h"

#include <gtest/gtest.h>

namespace tote {
namespace {

using test::tote;
using Strings = std::vector<std::string>;

struct Wrong {
  const char* name;
  Strings arguments;
  const char* complaint;
};
class WrongUse : public testing::TestWithParam<Wrong> {};

TEST_P(WrongUse, IsOneClearSentenceAndExitOne) {
  const auto result = tote(GetParam().arguments);
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_NE(result.err.find(std::string("tote: Error: ") + GetParam().complaint), std::string::npos)
      << result.err;
}

INSTANTIATE_TEST_SUITE_P(
    All, WrongUse,
    testing::Values(
        Wrong{"UnknownCommand", {"nope"}, "command 'tote' does not accept extra arguments 'nope'"},
        Wrong{"ExtraArgument",
              {"pull", "-i", "a", "-o", "b", "k8slt/image"},
              "command 'tote pull' does not accept extra arguments 'k8slt/image'"},
        Wrong{"NoCommand", {}, "Invalid command - see available commands/subcommands above"},
        Wrong{"TagAlone", {"tag"}, "Use one of available subcommands: list, resolve"},
        Wrong{"UnknownFlag", {"push", "--nope"}, "unknown flag: --nope"},
        Wrong{"PushNothing", {"push", "-f", "."}, "Expected either image or bundle"},
        Wrong{"PushBoth", {"push", "-b", "a", "-i", "b"}, "Expected only one of image or bundle"},
        Wrong{"PushLockForImage",
              {"push", "-i", "a.io/b", "--lock-output", "l"},
              "Lock output is not compatible with image, use bundle for lock output"},
        Wrong{"PushReservedLabel",
              {"push", "-i", "a.io/b", "-l", "dev.carvel.imgpkg.bundle=x"},
              "label 'dev.carvel.imgpkg.bundle' is reserved and cannot be overriden. Please use a "
              "different key"},
        Wrong{"PushToDigest",
              {"push", "-i",
               "a.io/bb@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
              "Parsing 'a.io/bb@sha256:"},
        Wrong{"PullWithoutOutput", {"pull", "-i", "a"}, "required flag(s) \"output\" not set"},
        Wrong{
            "PullEmptyOutput", {"pull", "-i", "a", "-o", ""}, "Expected --output to be none empty"},
        Wrong{"PullIntoRoot",
              {"pull", "-i", "a", "-o", "/"},
              "Disallowed output directory (trying to avoid accidental deletion)"},
        Wrong{"PullHere", {"pull", "-i", "a", "-o", "./"}, "Disallowed output directory"},
        Wrong{"PullTwo",
              {"pull", "-i", "a", "-b", "b", "-o", "x"},
              "Expected only one of image, bundle, or lock"},
        Wrong{"PullNone", {"pull", "-o", "x"}, "Expected either image or bundle reference"},
        Wrong{"PullRecursiveImage",
              {"pull", "-r", "-i", "a", "-o", "x"},
              "Cannot use --recursive (-r) flag when pulling a bundle"},
        Wrong{"CopyNoSource",
              {"copy", "--to-repo", "a.io/b"},
              "Expected either --lock, --bundle (-b), --image (-i), or --tar as a source"},
        Wrong{"CopyNoDestination", {"copy", "-b", "a"}, "Expected either --to-tar or --to-repo"},
        Wrong{"CopyTarToTar",
              {"copy", "--tar", "a", "--to-tar", "b"},
              "Cannot use tar source (--tar) with tar destination (--to-tar)"},
        Wrong{"CopyResumeToRepo",
              {"copy", "-b", "a.io/bb", "--to-repo", "a.io/cc", "--resume"},
              "Flag --resume can only be used when copying to tar"},
        Wrong{"CopyToWhatFormat",
              {"copy", "-b", "a.io/bb", "--to-tar", "b", "--tar-format", "zip"},
              "--tar-format can only have the following values [imgpkg, oci]"},
        Wrong{"CopyFormatToRepo",
              {"copy", "-b", "a.io/bb", "--to-repo", "a.io/cc", "--tar-format", "oci"},
              "Flag --tar-format can only be used when copying to tar"},
        Wrong{"CopyTwoDestinations",
              {"copy", "-b", "a.io/bb", "--to-tar", "b", "--to-layout", "c"},
              "Expected either --to-tar or --to-repo"},
        Wrong{"CopyNoConcurrency",
              {"copy", "-b", "a", "--to-tar", "b", "--concurrency", "0"},
              "Expected --concurrency to be 1 to 256, got 0"},
        Wrong{"CopyToTag",
              {"copy", "-i", "a.io/bb", "--to-repo", "a.io/cc:v1"},
              "Building import repository ref: repository can only contain"},
        Wrong{"ServeNoPort",
              {"registry", "serve", "--listen", "x"},
              "Expected --listen as HOST:PORT"},
        Wrong{"DescribeNothing",
              {"describe"},
              "Unable to check if  is a bundle: could not parse reference: "},
        Wrong{"DescribeAsWhat",
              {"describe", "-b", "a.io/bb", "-o", "xml"},
              "--output-type can only have the following values [text, yaml, json]"},
        Wrong{"PullLockAndTar",
              {"pull", "--lock", "l", "--tar", "b.tar", "-o", "x"},
              "Expected either --lock or an archive (--tar, --layout), not both"},
        Wrong{"DescribeNoConcurrency",
              {"describe", "-b", "a.io/bb", "--concurrency", "0"},
              "Expected --concurrency to be 1 to 256, got 0"},
        Wrong{"DescribeNoArchive",
              {"describe", "--tar", "/no/such"},
              "Reading archive '/no/such': open /no/such: no such file or directory"},
        Wrong{"CompletionOfNothing", {"completion"}, "accepts 1 arg(s), received 0"},
        Wrong{"CompletionOfFoo",
              {"completion", "foo"},
              "invalid argument \"foo\" for \"tote completion\""},
        Wrong{"NoReference", {"tag", "list"}, "could not parse reference: "},
        Wrong{"NoCaFile",
              {"tag", "list", "-i", "a.io/bb", "--registry-ca-cert-path", "/no/such"},
              "Creating registry HTTP transport:\n  Reading CA certificates from '/no/such': open "
              "/no/such: no such file or directory"}),
    [](const auto& row) { return row.param.name; });

TEST(CommandLine, PrintsItsVersionAndHelp) {
  EXPECT_EQ(tote({"version"}).out, "tote version 0.1.0\n");
  EXPECT_EQ(tote({"version", "--tty"}).out, "tote version 0.1.0\n\nSucceeded\n");
  EXPECT_EQ(tote({"--version"}).out, "tote version 0.1.0\n\nSucceeded\n");
  const auto help = tote({"copy", "--help"});
  EXPECT_EQ(help.exit_code, 0);
  for (const char* part : {"Usage:\n  tote copy [flags]", "  -b, --bundle string ",
                           "--concurrency int ", "(default 5)", "Global Flags:", "\nSucceeded\n"})
    EXPECT_NE(help.out.find(part), std::string::npos) << part << "\n" << help.out;
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
  std::filesystem::create_symlink(TOTE_PROGRAM, dir / "imgpkg");
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

  test::TempDir dir_;
  test::TestRegistry registry_;
};

TEST_F(CommandLineWithRegistry, IsSilentOnAPipeUnderImgpkgsName) {
  std::filesystem::create_symlink(TOTE_PROGRAM, dir_ / "imgpkg");
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
  std::filesystem::create_symlink(TOTE_PROGRAM, dir_ / "imgpkg");
  const auto refused = test::run(
      {(dir_ / "imgpkg").string(), "copy", "-b", "a.io/bb", "--to-tar", "b", "--lock-output", "l"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_EQ(refused.err, "imgpkg: Error: Cannot output lock file with tar destination\n");
}

TEST_F(CommandLineWithRegistry, PrintsEverythingAsJson) {
  const auto pushed = tote(push({"--json"}));
  EXPECT_EQ(pushed.exit_code, 0) << pushed.err;
  const Json document = Json::parse(pushed.out, "output");
  EXPECT_TRUE(document.at("Lines").items().back().string() == "Succeeded");
  const auto tags = tote({"tag", "list", "-i", registry_.address() + "/app", "--json"});
  EXPECT_EQ(Json::parse(tags.out, "output")
                .at("Tables")
                .items()[0]
                .at("Rows")
                .items()[0]
                .string_or("name", ""),
            "v1");
  const auto failed = tote({"tag", "resolve", "-i", registry_.address() + "/none", "--json"});
  EXPECT_EQ(failed.exit_code, 1);
  EXPECT_FALSE(Json::parse(failed.out, "output").find("Lines"));
  EXPECT_NE(failed.err.find("NAME_UNKNOWN"), std::string::npos) << "the error is not lost";
}

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
