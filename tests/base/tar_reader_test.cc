#include "base/tar_reader.h"

#include "base/file.h"
#include "base/gzip_writer.h"
#include "tests/support/image_builder.h"
#include "tests/support/matchers.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

namespace tote {
namespace {

using test::make_tar;
using test::ThrowsError;

std::vector<TarEntry> entries_of(const std::string& tar) {
  BytesSource source{std::string_view(tar)};
  TarReader reader(source);
  std::vector<TarEntry> entries;
  while (auto entry = reader.next()) entries.push_back(*entry);
  return entries;
}

const std::string& sample() {
  static const std::string kTar = make_tar({{"dir", "", '5', 0755},
                                            {"dir/file", "content", '0', 0640},
                                            {"hard", "", '1', 0644, "dir/file"},
                                            {"soft", "", '2', 0777, "/etc/passwd"},
                                            {"dev", "", '3'}});
  return kTar;
}

TEST(TarReader, TellsTheKindsOfEntriesApart) {
  const auto entries = entries_of(sample());
  ASSERT_EQ(entries.size(), 5U);
  EXPECT_EQ(entries[0].type, TarEntryType::kDirectory);
  EXPECT_EQ(entries[1].type, TarEntryType::kFile);
  EXPECT_EQ(entries[1].mode, 0640U);
  EXPECT_EQ(entries[2].type, TarEntryType::kHardLink);
  EXPECT_EQ(entries[2].link_target, "dir/file");
  EXPECT_EQ(entries[3].type, TarEntryType::kSymbolicLink);
  EXPECT_EQ(entries[4].type, TarEntryType::kOther);
}

TEST(TarReader, OpensGzipByItsFirstBytes) {
  StringSink out;
  GzipWriter gzip(out);
  gzip.write(as_bytes(sample()));
  gzip.finish();
  EXPECT_EQ(entries_of(out.text()).size(), 5U);
}

TEST(TarReader, SaysWhereContentBegins) {
  const test::TempDir dir;
  test::write_text(dir / "t", sample());
  const UniqueFd file = open_for_reading(dir / "t");
  TarReader reader(file.get());
  while (const auto entry = reader.next())
    if (entry->name == "dir/file") {
      EXPECT_EQ(sample().substr(entry->offset, entry->size), "content");
    }
}

TEST(TarReader, TakesNothingForATarWithoutEntries) {
  EXPECT_TRUE(entries_of("").empty());
  EXPECT_TRUE(entries_of(std::string(1024, '\0')).empty());
}

TEST(TarReader, RefusesWhatIsNoTarOrCutShort) {
  EXPECT_THAT([] { entries_of(test::random_bytes(5000, 1)); },
              ThrowsError(ErrorKind::kParse, "reading tar: "));
  EXPECT_THAT([] { entries_of(sample().substr(0, 700)); },
              ThrowsError(ErrorKind::kParse, "reading tar: "));
}

class FailingSource final : public Source {
 public:
  std::size_t read_some(MutableBytes) override {
    throw Error(ErrorKind::kTransport, "the line is cut");
  }
};

TEST(TarReader, LetsTheErrorOfItsSourceThrough) {
  FailingSource source;
  EXPECT_THAT(
      [&] {
        TarReader reader(source);
        reader.next();
      },
      ThrowsError(ErrorKind::kTransport, "the line is cut"));
}

}  // namespace
}  // namespace tote
