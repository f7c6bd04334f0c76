#include "archive/open_archive.h"

#include "archive/archive_reader.h"
#include "archive/checksums.h"
#include "tests/archive/damage.h"
#include "tests/archive/small_archive.h"
#include "tests/support/image_builder.h"
#include "tests/support/matchers.h"
#include "tests/support/run_program.h"

#include <gmock/gmock.h>

namespace tote::archive {
namespace {

using test::TempDir;
using test::ThrowsError;

struct Packer {
  const char* name;
  std::vector<std::string> command;
};

class Compressed : public testing::TestWithParam<Packer> {
 protected:
  Compressed() {
    test::write_archive(dir_ / "a.tar", {"one layer", test::random_bytes(700, 1)});
    whole_ = test::all_of(ArchiveReader(dir_ / "a.tar"));
    pack();
  }
  void pack() const {
    std::vector<std::string> command = GetParam().command;
    command.insert(command.end(), {"-k", "-f", (dir_ / "a.tar").string()});
    ASSERT_EQ(test::run(command).exit_code, 0);
  }
  std::filesystem::path packed() const { return (dir_ / "a.tar").string() + "." + GetParam().name; }
  std::string read() const { return test::all_of(ArchiveReader(packed(), options_)); }

  const TempDir dir_;
  std::string whole_;
  std::vector<std::string> notices_;
  ReadOptions options_{
      [this](const std::string& line) { notices_.push_back(line); }, dir_.path(), false, {}};
};

TEST_P(Compressed, IsUnpackedOnceAndThatIsSaid) {
  EXPECT_EQ(read(), whole_);
  EXPECT_THAT(notices_, testing::ElementsAre("the archive is compressed: it is unpacked to '" +
                                             dir_.path().string() + "' first"));
  EXPECT_EQ(test::read_tree(dir_.path()).size(), 2U) << "nothing is left there";
}

TEST_P(Compressed, NoChangedByteGivesAnotherArchive) {
  const test::DamageCount count = test::change_every_byte(packed(), [&] { return read(); });
  EXPECT_GT(count.detected, count.harmless);
}

TEST_P(Compressed, NoCutGivesAnotherArchive) {
  const test::DamageCount count = test::cut_everywhere(packed(), 16, [&] { return read(); });
  EXPECT_GT(count.detected, count.harmless);
}

INSTANTIATE_TEST_SUITE_P(With, Compressed,
                         testing::Values(Packer{"gz", {"gzip"}}, Packer{"xz", {"xz"}},
                                         Packer{"zst", {"zstd", "-q"}}),
                         [](const auto& packer) { return packer.param.name; });

TEST(OpenArchive, RefusesWhatUnpacksToMuchMoreThanItIs) {
  const TempDir dir;
  test::write_text(dir / "a", std::string(64U << 20U, '\0'));
  ASSERT_EQ(test::run({"zstd", "-q", (dir / "a").string()}).exit_code, 0);
  EXPECT_THAT([&] { open_archive(dir / "a.zst", {.temporary = dir.path()}); },
              ThrowsError(ErrorKind::kParse, "1000 times its size"));
}

TEST(OpenArchive, StopsUnpackingWhenItIsTold) {
  const TempDir dir;
  test::write_text(dir / "a", test::random_bytes(10'000, 1));
  ASSERT_EQ(test::run({"gzip", (dir / "a").string()}).exit_code, 0);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_THROW(open_archive(dir / "a.gz", {.temporary = dir.path(), .stop = stop.get_token()}),
               Cancelled);
}

TEST(WriteChecksums, IsWhatSha256sumChecks) {
  const TempDir dir;
  test::write_archive(dir / "a.tar", {"one layer"});
  test::write_archive(dir / "v.tar", {"one layer"}, {.volumes = {4096, 1}});
  write_checksums(dir / "a.tar", false, {});
  write_checksums(dir / "v.tar", true, {});
  const auto checked =
      test::run({"sha256sum", "-c", "a.tar.sha256", "v.tar.sha256"}, {.directory = dir.path()});
  EXPECT_EQ(checked.exit_code, 0) << checked.err;
  EXPECT_THAT(checked.out, testing::HasSubstr("a.tar: OK\nv.tar.001: OK\n"));
  EXPECT_THAT(checked.out, testing::HasSubstr("v.tar.p01: OK\n"));
}

}  // namespace
}  // namespace tote::archive
