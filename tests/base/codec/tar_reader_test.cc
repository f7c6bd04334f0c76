#include "base/codec/tar_reader.h"

#include "base/codec/gzip_writer.h"
#include "base/file.h"
#include "tests/support/image_builder.h"
#include "tests/support/matchers.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <vector>

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
  const FilePtr file = open_for_reading(dir / "t");
  TarReader reader(*file);
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

// ---- pax records and GNU's long names
// ------------------------------------------------------------

std::string record(const std::string& key, const std::string& value) {
  const std::size_t rest = key.size() + value.size() + 3;
  std::size_t length = rest + 1;
  while (length != rest + std::to_string(length).size())
    length = rest + std::to_string(length).size();
  return std::to_string(length) + " " + key + "=" + value + "\n";
}

std::string with_records(const std::string& records,
                         const test::TarMember& member = {"n", "text"}) {
  return make_tar({{"pax", records, 'x'}, member});
}

TEST(TarReader, GivesNamesAndTargetsAsTheBytesThatAreWritten) {
  for (const std::string& text :
       {std::string("cafe\xcc\x81"), std::string("caf\xc3\xa9"), std::string("caf\xe9"),
        std::string("\xe1\x84\x80\xe1\x85\xa1"), std::string("\xe2\x84\xab"),
        std::string("\xc0\xaf"), std::string("\xed\xa0\x80"), std::string("\xff\xfe"),
        std::string(300, '\xe7'), std::string("a=b\nc"), std::string("\xf0\x9f\x98\x80")}) {
    const auto files = entries_of(with_records(record("path", text) + record("uname", text) +
                                               record("gname", text) + record("mtime", "5")));
    ASSERT_EQ(files.size(), 1U);
    EXPECT_EQ(files[0].name, text);
    EXPECT_EQ(files[0].mtime, 5);
    EXPECT_EQ(files[0].size, 4U);
    const auto links = entries_of(with_records(record("linkpath", text), {"n", "", '2'}));
    EXPECT_EQ(links[0].link_target, text);
    EXPECT_EQ(links[0].type, TarEntryType::kSymbolicLink);
    const auto hard_links = entries_of(with_records(record("linkpath", text), {"n", "", '1'}));
    EXPECT_EQ(hard_links[0].link_target, text);
    EXPECT_EQ(hard_links[0].type, TarEntryType::kHardLink);
    const auto long_names =
        entries_of(make_tar({{"././@LongLink", text + std::string(1, '\0'), 'L'},
                             {"././@LongLink", text, 'K'},
                             {"n", "", '1', 0, "x"}}));
    EXPECT_EQ(long_names[0].name, text);
    EXPECT_EQ(long_names[0].link_target, text);
  }
}

TEST(TarReader, TakesANameWithASlashAtItsEndForADirectoryInAnyScript) {
  EXPECT_EQ(entries_of(with_records(record("path", "e\xcc\x81/"), {"n", ""}))[0].type,
            TarEntryType::kDirectory);
  EXPECT_EQ(entries_of(make_tar({{"n/", ""}}))[0].type, TarEntryType::kDirectory);
}

struct BadHeaders {
  std::string tar;
  std::string complaint;
};

TEST(TarReader, RefusesNamesWithANulAndRecordsThatAreBroken) {
  const std::string nul = std::string("a\0b", 3);
  const std::string accent = record("path", "e\xcc\x81");
  const std::vector<BadHeaders> bad = {
      {with_records(record("path", nul)), "a name with a NUL in it: 'a\\0...'"},
      {with_records(record("path", std::string("\0", 1))), "a name with a NUL"},
      {with_records(record("linkpath", nul), {"n", "", '2'}), "a link target with a NUL"},
      {with_records(record("GNU.sparse.name", nul)), "a name with a NUL"},
      {make_tar({{"././@LongLink", nul, 'L'}, {"n", ""}}), "a name with a NUL"},
      {make_tar({{"././@LongLink", nul, 'K'}, {"n", "", '2'}}), "a link target with a NUL"},
      {with_records(accent + record("path", nul)), "a name with a NUL"},
      {with_records(accent + "7 a=bc"), "malformed pax"},
      {with_records(accent + "5 ab\n"), "pax"},
      {with_records(accent + "x a=b\n"), "malformed pax"},
      {with_records(accent + record("GNU.sparse.map", "0,1,2")), "malformed GNU.sparse.map"},
      {with_records(accent + record("GNU.sparse.realsize", "-5")), "negative size"},
      {with_records(record("path", std::string(1'000'000, 'n'))), "pax extended attribute > 1MB"}};
  for (const BadHeaders& headers : bad)
    EXPECT_THAT([&] { entries_of(headers.tar); },
                ThrowsError(ErrorKind::kParse, headers.complaint));
}

TEST(TarReader, RefusesHeadersWithoutEnd) {
  std::string map = "1200000\n";
  for (int i = 0; i < 1'200'000; ++i) map += std::to_string(i * 10) + "\n1\n";
  const std::string tar =
      with_records(record("GNU.sparse.major", "1") + record("GNU.sparse.minor", "0") +
                       record("GNU.sparse.realsize", "12000000"),
                   {"n", map});
  EXPECT_THAT([&] { entries_of(tar); }, ThrowsError(ErrorKind::kParse, "over 8388608 bytes"));
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
