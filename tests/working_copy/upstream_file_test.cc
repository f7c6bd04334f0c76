#include "bundle/working_copy/upstream_file.h"

#include "base/error.h"
#include "bundle/working_copy/kptfile.h"
#include "tests/support/temp_dir.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace tote::bundle::working_copy {
namespace {

using testing::HasSubstr;

#define D "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

constexpr const char* kWhole = R"(---
origin:
  digest: )" D R"(
  image: r.io/mine:v3
upstream:
  directory: sub/dir
  image: r.io/pkg:v1
  strategy: fast-forward
upstreamLock:
  digest: )" D R"(
  directory: sub/dir
  image: r.io/pkg:v1
version: 1
)";

TEST(UpstreamFile, IsReadAsItWasWritten) {
  const UpstreamFile file = UpstreamFile::parse(kWhole, "upstream.yml");
  EXPECT_EQ(file.upstream->image.name(), "r.io/pkg:v1");
  EXPECT_EQ(file.upstream->directory, "sub/dir");
  EXPECT_EQ(file.upstream->strategy, Strategy::kFastForward);
  EXPECT_EQ(file.lock->digest.str(), D);
  EXPECT_EQ(file.origin->image.name(), "r.io/mine:v3");
  EXPECT_EQ(file.encode(), kWhole);
}

TEST(UpstreamFile, MayHoldAnOriginAlone) {
  const std::string text = "---\norigin:\n  digest: " D "\n  image: r.io/pkg@" D "\nversion: 1\n";
  const UpstreamFile file = UpstreamFile::parse(text, "upstream.yml");
  EXPECT_FALSE(file.upstream || file.lock);
  EXPECT_EQ(file.encode(), text);
}

struct BadRow {
  const char* name;
  const char* text;
  const char* complaint;
};
class BadUpstreamFile : public testing::TestWithParam<BadRow> {};

TEST_P(BadUpstreamFile, IsRefused) {
  try {
    UpstreamFile::parse(GetParam().text, "u.yml");
    FAIL() << "it was read";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kParse);
    EXPECT_THAT(error.message(), HasSubstr(GetParam().complaint));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Rows, BadUpstreamFile,
    testing::Values(
        BadRow{"Empty", "", "expected a map"},
        BadRow{"NoVersion", "origin: null\n", "'version' is missing"},
        BadRow{"Newer", "version: 2\nnews: 1\n",
               "version '2': this tote reads version 1, so a newer one is needed"},
        BadRow{"UnknownKey", "version: 1\nmore: 1\n", "u.yml, line 2: unknown key 'more'"},
        BadRow{"UnknownInner", "version: 1\norigin: {image: r.io/pkg:v1, digest: '" D "', x: 1}\n",
               "unknown key 'x'"},
        BadRow{"NoImage", "version: 1\norigin: {digest: '" D "'}\n", "'image' is missing"},
        BadRow{"BadDigest", "version: 1\norigin: {image: r.io/pkg:v1, digest: x}\n",
               "u.yml, line 2"},
        BadRow{"BadImage", "version: 1\norigin: {image: 'R.io/P', digest: '" D "'}\n",
               "u.yml, line 2"},
        BadRow{"UpstreamAlone", "version: 1\nupstream: {image: r.io/pkg:v1}\n",
               "only there together"},
        BadRow{"LeadsOut",
               "version: 1\nupstream: {image: r.io/pkg:v1, directory: ../x}\nupstreamLock: {image: "
               "r.io/pkg:v1, digest: '" D "'}\n",
               "'..' component"},
        BadRow{"Strategy",
               "version: 1\nupstream: {image: r.io/pkg:v1, strategy: best}\nupstreamLock: {image: "
               "r.io/pkg:v1, digest: '" D "'}\n",
               "unknown strategy 'best'"},
        BadRow{"TwiceAKey", "version: 1\nversion: 1\n", "line 2"}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(UpstreamFileOnDisk, IsWhereItWasSavedAndNoLink) {
  const test::TempDir dir;
  EXPECT_FALSE(UpstreamFile::load(dir.path()));
  UpstreamFile::parse(kWhole, "").save(dir.path());
  EXPECT_EQ(test::read_text(dir / ".imgpkg/upstream.yml"), kWhole);
  EXPECT_EQ(UpstreamFile::load(dir.path())->encode(), kWhole);
  std::filesystem::rename(dir / ".imgpkg/upstream.yml", dir / "elsewhere");
  std::filesystem::create_symlink(dir / "elsewhere", dir / ".imgpkg/upstream.yml");
  EXPECT_THROW(UpstreamFile::load(dir.path()), Error);
  EXPECT_THROW(UpstreamFile::parse(kWhole, "").save(dir.path()), Error);
}

TEST(Kptfile, SaysWhichImageIsTheUpstream) {
  const auto file = parse_kptfile(
      "apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata: {name: x}\nupstream:\n  type: oci\n  oci: "
      "{image: 'oci://r.io/pkg:v1', path: /sub}\n  updateStrategy: force-delete-replace\n"
      "upstreamLock:\n  type: oci\n  oci: {image: 'r.io/pkg:v1', path: sub, digest: '" D "'}\n",
      "Kptfile");
  ASSERT_TRUE(file);
  EXPECT_EQ(file->upstream->image.name(), "r.io/pkg:v1");
  EXPECT_EQ(file->upstream->directory, "sub");
  EXPECT_EQ(file->upstream->strategy, Strategy::kReplace);
  EXPECT_EQ(file->lock->digest.str(), D);
}

TEST(Kptfile, OfGitIsNotSupportedAndOneWithoutAnUpstreamSaysNothing) {
  EXPECT_FALSE(parse_kptfile("kind: Kptfile\n", "Kptfile"));
  EXPECT_FALSE(parse_kptfile("", "Kptfile"));
  EXPECT_THAT(
      [] { parse_kptfile("upstream: {type: git, git: {repo: x}}\n", "Kptfile"); },
      testing::ThrowsMessage<Error>(HasSubstr("an upstream of type 'git' is not supported")));
}

}  // namespace
}  // namespace tote::bundle::working_copy
