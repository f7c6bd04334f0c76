// What a person types, and what comes back.
#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"

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
        Wrong{"CopyLockToTar",
              {"copy", "-b", "a", "--to-tar", "b", "--lock-output", "l"},
              "Cannot output lock file with tar destination"},
        Wrong{"CopyNoConcurrency",
              {"copy", "-b", "a", "--to-tar", "b", "--concurrency", "0"},
              "Expected --concurrency to be 1 to 256, got 0"},
        Wrong{"CopyToTag",
              {"copy", "-i", "a.io/bb", "--to-repo", "a.io/cc:v1"},
              "Building import repository ref: repository can only contain"},
        Wrong{"ServeNoPort",
              {"registry", "serve", "--listen", "x"},
              "Expected --listen as HOST:PORT"},
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
}

}  // namespace
}  // namespace tote
