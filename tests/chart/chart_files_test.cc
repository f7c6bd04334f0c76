#include "chart/chart_files.h"

#include "base/codec/gzip_writer.h"
#include "tests/support/image_builder.h"
#include "tests/support/matchers.h"
#include "tests/support/temp_dir.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <sys/stat.h>

namespace tote::chart {
namespace {

using test::make_tar;
using test::TarMember;
using test::ThrowsError;
using testing::Contains;
using testing::ElementsAre;
using testing::Key;
using testing::Pair;

std::string gzipped(const std::string& text) {
  StringSink out;
  GzipWriter writer(out);
  writer.write(as_bytes(text));
  writer.finish();
  return out.text();
}

ChartFiles read_archive(const std::string& bytes) {
  ChartBudget budget;
  BytesSource source{std::string_view(bytes)};
  return read_chart_archive(source, "app.tgz", budget);
}

ChartFiles read(const std::filesystem::path& path) {
  ChartBudget budget;
  return read_chart_files(path, budget);
}

TEST(ChartArchiveTest, IsReadPlainAndCompressedWithoutItsDirectory) {
  const std::string tar = make_tar(
      {{"app/", "", '5', 0755}, {"app/Chart.yaml", "name: app"}, {"./app//templates/a.yaml", "a"}});
  for (const std::string& bytes : {tar, gzipped(tar)})
    EXPECT_THAT(read_archive(bytes).files,
                ElementsAre(Pair("Chart.yaml", "name: app"), Pair("templates/a.yaml", "a")));
}

TEST(ChartArchiveTest, TakesTheSlashesOfWindows) {
  EXPECT_THAT(read_archive(make_tar({{"app\\templates\\a.yaml", "a"}})).files,
              ElementsAre(Pair("templates/a.yaml", "a")));
}

struct HostileCase {
  std::vector<TarMember> members;
  const char* complaint;
};

class HostileArchives : public testing::TestWithParam<HostileCase> {};

TEST_P(HostileArchives, AreRefusedWithTheName) {
  EXPECT_THAT([] { read_archive(gzipped(make_tar(GetParam().members))); },
              ThrowsError(ErrorKind::kParse, GetParam().complaint));
}

INSTANTIATE_TEST_SUITE_P(
    Names, HostileArchives,
    testing::Values(
        HostileCase{{{"/etc/passwd", "x"}}, "'/etc/passwd' is an absolute path"},
        HostileCase{{{"app/../../x", "x"}}, "'app/../../x' leads out of the chart"},
        HostileCase{{{"..\\x", "x"}}, "leads out of the chart"},
        HostileCase{{{"app/a", "", '2', 0644, "/etc/passwd"}},
                    "'app/a' is neither a file nor a directory"},
        HostileCase{{{"app/a", "", '1', 0644, "app/b"}},
                    "'app/a' is neither a file nor a directory"},
        HostileCase{{{"app/a", "", '3'}}, "'app/a' is neither a file nor a directory"},
        HostileCase{{{"app/a", "1"}, {"app/./a", "2"}}, "'app/./a' is there more than once"},
        HostileCase{{{"app/a", "1"}, {"other/a", "2"}}, "'other/a' is there more than once"},
        HostileCase{{{"Chart.yaml", "x"}}, "'Chart.yaml' is not in a directory"},
        HostileCase{{{"app/c:\\x", "x"}}, "has a drive in its name"},
        HostileCase{{{"app/", "", '5'}}, "holds no files"}));

TEST(ChartArchiveTest, HasBounds) {
  EXPECT_THAT(
      [] {
        read_archive(gzipped(make_tar({{"a/big", std::string((16U << 20U) + 1, 'x')}})));
      },
      ThrowsError(ErrorKind::kParse, "'a/big' is larger than 16 MiB"));
  std::vector<TarMember> many;
  for (int i = 0; i <= 10'000; ++i) many.push_back({"a/" + std::to_string(i)});
  EXPECT_THAT([&] { read_archive(gzipped(make_tar(many))); },
              ThrowsError(ErrorKind::kParse, "app.tgz: more than 10000 entries"));
  std::vector<TarMember> large;
  for (int i = 0; i < 7; ++i)
    large.push_back({"a/" + std::to_string(i), std::string(15U << 20U, 'x')});
  EXPECT_THAT([&] { read_archive(gzipped(make_tar(large))); },
              ThrowsError(ErrorKind::kParse, "app.tgz: files of more than 100 MiB"));
}

TEST(ChartArchiveTest, SaysWhatIsNoArchive) {
  EXPECT_THAT([] { read_archive("name: app"); },
              ThrowsError(ErrorKind::kParse, "Reading chart 'app.tgz'"));
}

class ChartDirectoryTest : public testing::Test {
 protected:
  void write(const std::string& name, const std::string& text) {
    test::write_text(dir_ / name, text);
  }
  test::TempDir dir_;
};

TEST_F(ChartDirectoryTest, IsReadWithoutWhatIsIgnored) {
  write("Chart.yaml", "c");
  write(".helmignore", "ci/\n*.bak\n");
  write("ci/values.yaml", "x");
  write("templates/a.yaml", "a");
  write("templates/.hidden", "x");
  write("templates/a.yaml.bak", "x");
  EXPECT_THAT(read(dir_.path()).files, ElementsAre(Key(".helmignore"), Pair("Chart.yaml", "c"),
                                                   Pair("templates/a.yaml", "a")));
}

TEST_F(ChartDirectoryTest, FollowsLinksThatStayInside) {
  write("files/a", "a");
  std::filesystem::create_symlink("files", dir_ / "more");
  EXPECT_THAT(read(dir_.path()).files, Contains(Pair("more/a", "a")));
}

TEST_F(ChartDirectoryTest, RefusesWhatLeadsOutOrIsNoFile) {
  write("a", "a");
  std::filesystem::create_symlink("/etc", dir_ / "out");
  EXPECT_THAT([&] { read(dir_.path()); },
              ThrowsError(ErrorKind::kParse, "'out' is a link that leads out of the chart"));
  std::filesystem::remove(dir_ / "out");
  std::filesystem::create_symlink(".", dir_ / "round");
  EXPECT_THAT([&] { read(dir_.path()); },
              ThrowsError(ErrorKind::kParse, "leads nowhere or in a circle"));
  std::filesystem::remove(dir_ / "round");
  ASSERT_EQ(::mkfifo((dir_ / "pipe").c_str(), 0600), 0);
  EXPECT_THAT([&] { read(dir_.path()); },
              ThrowsError(ErrorKind::kParse, "'pipe' is neither a file nor a directory"));
}

TEST_F(ChartDirectoryTest, IsNotNestedWithoutEnd) {
  std::string deep;
  for (int i = 0; i < 65; ++i) deep += "d/";
  write(deep + "a", "a");
  EXPECT_THAT([&] { read(dir_.path()); }, ThrowsError(ErrorKind::kParse, "more than 64 deep"));
}

TEST_F(ChartDirectoryTest, IsToldFromAnArchiveByContent) {
  write("app", gzipped(make_tar({{"app/Chart.yaml", "c"}})));
  EXPECT_THAT(read(dir_ / "app").files, ElementsAre(Pair("Chart.yaml", "c")));
  EXPECT_THAT([] { read("/dev/null"); },
              ThrowsError(ErrorKind::kUsage, "neither a directory nor a file"));
  EXPECT_THAT([&] { read(dir_ / "none"); }, ThrowsError(ErrorKind::kIo, "none"));
}

}  // namespace
}  // namespace tote::chart
