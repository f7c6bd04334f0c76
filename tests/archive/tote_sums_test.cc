#include "archive/tote_sums.h"

#include "archive/archive_reader.h"
#include "base/text.h"
#include "tests/archive/damage.h"
#include "tests/archive/small_archive.h"
#include "tests/support/image_builder.h"
#include "tests/support/matchers.h"

namespace tote::archive {
namespace {

using test::make_tar;
using test::TempDir;
using test::ThrowsError;
using test::write_text;

class ToteSumsOf : public testing::TestWithParam<ArchiveFormat> {
 protected:
  ToteSumsOf() {
    test::write_archive(file_, {"one layer", test::random_bytes(700, 1)}, {.format = GetParam()});
  }
  std::string read() const { return test::all_of(ArchiveReader(file_)); }

  const TempDir dir_;
  const std::filesystem::path file_ = dir_ / "a.tar";
};

TEST_P(ToteSumsOf, NoChangedByteGivesAnotherArchive) {
  const test::DamageCount count = test::change_every_byte(file_, [&] { return read(); });
  EXPECT_GT(count.detected, 2000);
}

TEST_P(ToteSumsOf, NoCutGivesAnotherArchive) {
  const test::DamageCount count = test::cut_everywhere(file_, 64, [&] { return read(); });
  EXPECT_GT(count.detected, 100);
}

INSTANTIATE_TEST_SUITE_P(, ToteSumsOf, testing::Values(ArchiveFormat::kImgpkg, ArchiveFormat::kOci),
                         [](const auto& format) {
                           return format.param == ArchiveFormat::kOci ? "oci" : "imgpkg";
                         });

// An archive of tote's with another text in place of one that is as long.
void expect_refused(const std::string& from, const std::string& to, const char* because) {
  const TempDir dir;
  test::write_archive(dir / "a.tar", {"layer"});
  std::string tar = test::read_text(dir / "a.tar");
  ASSERT_EQ(from.size(), to.size());
  const std::size_t at = tar.rfind(from);
  ASSERT_NE(at, std::string::npos) << from;
  tar.replace(at, from.size(), to);
  write_text(dir / "a.tar", tar);
  EXPECT_THAT([&] { ArchiveReader(dir / "a.tar"); }, ThrowsError(ErrorKind::kParse, because));
}

TEST(ToteSums, SaysWhichFileIsAnother) {
  expect_refused(R"(image.ref.name":"v1")", R"(image.ref.name":"v2")",
                 "tote.sums: index.json has SHA-256 '");
  expect_refused("  oci-layout\n", "  oci_layout\n",
                 "tote.sums: oci-layout has SHA-256 "
                 "'18f0797eab35a4597c1e9624aa4f15fd91f6254e5538c1e0d193b2a95dd4acc6', but 'none' "
                 "was written");
}

TEST(ToteSums, OfANewerVersionSaysThatANewerToteIsNeeded) {
  expect_refused("# tote.sums 1", "# tote.sums 2", "it is of version '2'; this tote reads version");
  expect_refused("# tote.sums 1", "# what is it?", "it is no list of SHA-256 digests and names");
}

TEST(ToteSums, IsTheLastEntryAndWhatSha256sumReads) {
  const TempDir dir;
  test::write_archive(dir / "a.tar", {"layer"});
  const auto files = open_tar(open_archive(dir / "a.tar"));
  const std::string text = *files->read(kToteSums, 4096);
  const std::vector<std::string> lines = split(text, '\n');
  ASSERT_EQ(lines.size(), 5U) << text;
  EXPECT_EQ(lines[0], "# tote.sums 1");
  EXPECT_EQ(lines[1],
            oci::Digest::of(*files->read("manifest.json", 1 << 20)).hex() + "  manifest.json");
  EXPECT_EQ(lines[2].substr(64), "  index.json");
  EXPECT_EQ(lines[3].substr(64), "  oci-layout");
}

// They have none, and names in them are taken as they are.
TEST(ToteSums, AreNotMissedInArchivesOfOthers) {
  const std::filesystem::path recorded = std::filesystem::path(TOTE_TEST_DATA) / "imgpkg";
  EXPECT_FALSE(open_tar(open_archive(recorded / "outer.tar"))->find(kToteSums));
  EXPECT_NO_THROW(ArchiveReader(recorded / "outer.tar"));
}

}  // namespace
}  // namespace tote::archive
