// Wrong use: one clear sentence, and what was probably meant.
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
        Wrong{"UnknownCommand", {"nope"}, "unknown command 'nope' for 'tote'"},
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
              "Cannot use tar source (--tar) with tar destination (--to-tar)\nhint: copy "
              "--to-layout DIRECTORY makes one of several archives, and copy --layout DIRECTORY "
              "--to-tar FILE an archive of it"},
        Wrong{"CopyToWhatFormat",
              {"copy", "-b", "a.io/bb", "--to-tar", "b", "--tar-format", "zip"},
              "--tar-format can only have the following values [imgpkg, oci, docker]"},
        Wrong{"CopyNewForDocker",
              {"copy", "-b", "a.io/bb", "--to-tar", "b", "--tar-format", "docker", "--since", "c"},
              "Flag --since can not be used with '--tar-format docker': docker load needs every "
              "layer"},
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
              {"copy", "-i", "a.io/bb", "--to-repo", "a.io/cc:v/1"},
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

class Misspelled : public testing::TestWithParam<Wrong> {};

TEST_P(Misspelled, IsCalledSoWithAHint) {
  const auto result = tote(GetParam().arguments);
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(result.out, "");
  EXPECT_EQ(result.err, std::string("tote: Error: ") + GetParam().complaint + "\n");
}

INSTANTIATE_TEST_SUITE_P(
    All, Misspelled,
    testing::Values(
        Wrong{"Command",
              {"cpoy", "-b", "a.io/bb", "--to-tar", "x"},
              "unknown command 'cpoy' for 'tote'\nhint: did you mean 'tote copy'?"},
        Wrong{"CommandBehindAFlag",
              {"--tty", "psuh", "-f", "x"},
              "unknown command 'psuh' for 'tote'\nhint: did you mean 'tote push'?"},
        Wrong{"BeginningOfACommand",
              {"desc"},
              "unknown command 'desc' for 'tote'\nhint: did you mean 'tote describe'?"},
        Wrong{"UpperCase",
              {"PULL", "-i", "x"},
              "unknown command 'PULL' for 'tote'\nhint: did you mean 'tote pull'?"},
        Wrong{"CommandOfAnother",
              {"list", "-i", "x"},
              "unknown command 'list' for 'tote'\nhint: did you mean 'tote tag list'?"},
        Wrong{"Subcommand",
              {"tag", "reslove", "-i", "x"},
              "unknown command 'reslove' for 'tote tag'\nhint: did you mean 'tote tag resolve'?"},
        Wrong{"SubcommandThatThereIsNot",
              {"tag", "frobnicate", "-i", "x"},
              "unknown command 'frobnicate' for 'tote tag'\nhint: the commands are list, resolve; "
              "see "
              "'tote tag --help'"},
        Wrong{
            "NothingLikeIt",
            {"frobnicate", "-u", "ann"},
            "unknown command 'frobnicate' for 'tote'\nhint: the commands are copy, describe, pull, "
            "push, registry, tag, version; see 'tote --help'"},
        Wrong{"HelpForIt",
              {"help", "cpoy"},
              "unknown command 'cpoy' for 'tote'\nhint: did you mean 'tote copy'?"},
        Wrong{"Flag",
              {"copy", "--tar-fromat", "oci"},
              "unknown flag: --tar-fromat\nhint: did you mean '--tar-format'?"},
        Wrong{"FlagWithAValue",
              {"copy", "--to-rep=a.io/bb"},
              "unknown flag: --to-rep\nhint: did you mean '--to-repo'?"},
        Wrong{"BeginningOfAFlag",
              {"copy", "--cosign", "-b", "a"},
              "unknown flag: --cosign\nhint: did you mean '--cosign-signatures'?"},
        Wrong{"EndOfAFlag",
              {"push", "--insecure"},
              "unknown flag: --insecure\nhint: did you mean '--registry-insecure'?"},
        Wrong{"OneDash",
              {"copy", "-to-tar", "x"},
              "unknown shorthand flag: 't' in -to-tar\nhint: did you mean '--to-tar'?"},
        Wrong{"OneDashThatIsALetterToo",
              {"pull", "-image", "x", "-o", "y"},
              "command 'tote pull' does not accept extra arguments 'x'\nhint: did you mean "
              "'--image'?"},
        Wrong{"ValueOfASwitch",
              {"pull", "--tty", "false", "-i", "x", "-o", "y"},
              "command 'tote pull' does not accept extra arguments 'false'\nhint: the value of a "
              "switch stands behind '=': --tty=false"},
        Wrong{"NoFlagLikeIt",
              {"pull", "--nonsense"},
              "unknown flag: --nonsense\nhint: see 'tote pull --help'"},
        Wrong{"Argument",
              {"version", "a"},
              "command 'tote version' does not accept extra arguments 'a'\nhint: see 'tote version "
              "--help'"}),
    [](const auto& row) { return row.param.name; });

class Dash : public testing::TestWithParam<Wrong> {};

TEST_P(Dash, IsNoFileForAFlagOfTote) {
  const test::TempDir dir;
  const auto result = tote(GetParam().arguments, {.directory = dir.path()});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(result.err, fmt::format("tote: Error: {} does not take '-': standard input and output "
                                    "are not supported here\nhint: a file of that name is './-'\n",
                                    GetParam().complaint));
  EXPECT_TRUE(std::filesystem::is_empty(dir.path()));
}

INSTANTIATE_TEST_SUITE_P(
    All, Dash,
    testing::Values(
        Wrong{"PushFile", {"push", "-i", "a.io/bb", "-f", "-"}, "--file"},
        Wrong{"PushFileInAList", {"push", "-i", "a.io/bb", "-f", "a,-"}, "--file"},
        Wrong{"PushLock", {"push", "-b", "a.io/bb", "--lock-output=-"}, "--lock-output"},
        Wrong{"PullOutput", {"pull", "-i", "a.io/bb", "-o", "-"}, "--output"},
        Wrong{"PullLock", {"pull", "--lock", "-", "-o", "x"}, "--lock"},
        Wrong{"PullLayout", {"pull", "--layout", "-", "-o", "x"}, "--layout"},
        Wrong{"CopyLock", {"copy", "--lock", "-", "--to-tar", "x"}, "--lock"},
        Wrong{"CopyLayout", {"copy", "--layout", "-", "--to-repo", "a.io/bb"}, "--layout"},
        Wrong{"CopyToLayout", {"copy", "-b", "a.io/bb", "--to-layout", "-"}, "--to-layout"},
        Wrong{"CopyLockOutput",
              {"copy", "-b", "a.io/bb", "--to-repo", "a.io/cc", "--lock-output", "-"},
              "--lock-output"},
        Wrong{"DescribeLayout", {"describe", "--layout", "-"}, "--layout"},
        Wrong{"Ca",
              {"tag", "list", "-i", "a.io/bb", "--registry-ca-cert-path", "-"},
              "--registry-ca-cert-path"},
        Wrong{"ServeReadyFile", {"registry", "serve", "--ready-file", "-"}, "--ready-file"},
        Wrong{"ServeDir", {"registry", "serve", "--dir", "-"}, "--dir"},
        Wrong{"ServePreload", {"registry", "serve", "--preload", "-"}, "--preload"},
        Wrong{"ServePreloadAs", {"registry", "serve", "--preload", "app=-"}, "--preload"},
        Wrong{"ServeSnapshot", {"registry", "serve", "--snapshot", "-"}, "--snapshot"},
        Wrong{"ServeHtpasswd", {"registry", "serve", "--htpasswd", "-"}, "--htpasswd"},
        Wrong{"ServeRules", {"registry", "serve", "--rules", "-"}, "--rules"},
        Wrong{"ServeTokenKey", {"registry", "serve", "--token-key", "-"}, "--token-key"},
        Wrong{"ServeTlsCert", {"registry", "serve", "--tls-cert", "-"}, "--tls-cert"},
        Wrong{"ServeTlsKey", {"registry", "serve", "--tls-key", "-"}, "--tls-key"},
        Wrong{"ServeTlsCaOut", {"registry", "serve", "--tls-ca-out", "-"}, "--tls-ca-out"},
        Wrong{"ServeTlsClientCa", {"registry", "serve", "--tls-client-ca", "-"}, "--tls-client-ca"},
        Wrong{"GcDir", {"registry", "gc", "--dir", "-"}, "--dir"}),
    [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace tote
