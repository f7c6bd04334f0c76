#include "base/codec/tar_header.h"

#include "base/codec/tar_reader.h"
#include "tests/support/matchers.h"

#include <gtest/gtest.h>

namespace tote {
namespace {

std::vector<TarEntry> read_back(const TarHeader& header) {
  const std::string content(header.type == TarType::kFile ? header.size : 0, 'x');
  const std::string tar = encode_tar_header(header) + content +
                          std::string(tar_padding(content.size()), '\0') + std::string(tar_end());
  BytesSource source{std::string_view(tar)};
  TarReader reader(source);
  std::vector<TarEntry> entries;
  while (auto entry = reader.next()) entries.push_back(*entry);
  return entries;
}

std::string field(const std::string& header, std::size_t offset, std::size_t size) {
  return header.substr(offset, size);
}

TEST(TarHeader, WritesPlainUstar) {
  const std::string header = encode_tar_header({.name = "config/c.yml", .mode = 0600, .size = 5});
  ASSERT_EQ(header.size(), 512U);
  EXPECT_EQ(field(header, 0, 13), std::string("config/c.yml\0", 13));
  EXPECT_EQ(field(header, 100, 8), std::string("0000600\0", 8));
  EXPECT_EQ(field(header, 108, 16), std::string("0000000\0000000000\0", 16));
  EXPECT_EQ(field(header, 124, 12), std::string("00000000005\0", 12));
  EXPECT_EQ(field(header, 136, 12), std::string("00000000000\0", 12));
  EXPECT_EQ(field(header, 154, 2), std::string("\0 ", 2));
  EXPECT_EQ(header[156], '0');
  EXPECT_EQ(field(header, 257, 8), std::string("ustar\00000", 8));
  EXPECT_EQ(field(header, 329, 16), std::string("0000000\0000000000\0", 16));
}

TEST(TarHeader, WritesOwnersInAPaxRecordWhereTheFieldsAreTooSmall) {
  const std::string plain = encode_tar_header({.name = "a", .user = 65532, .group = 07777777});
  ASSERT_EQ(plain.size(), 512U);
  EXPECT_EQ(field(plain, 108, 16), std::string("0177774\0007777777\0", 16));
  const std::string large =
      encode_tar_header({.name = "a", .user = 010000000, .group = 4294967294U});
  ASSERT_EQ(large.size(), 3 * 512U);
  EXPECT_EQ(field(large, 512, 33), "18 gid=4294967294\n15 uid=2097152\n");
  EXPECT_EQ(field(large, 2 * 512 + 108, 16), std::string("0000000\0000000000\0", 16));
  const std::vector<TarEntry> entries = read_back({.name = "a", .user = 2097152, .group = 5});
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].uid, 2097152);
  EXPECT_EQ(entries[0].gid, 5);
}

TEST(TarHeader, SplitsALongNameAtTheLastSlashThatFits) {
  const std::string name =
      std::string(60, 'd') + "/" + std::string(60, 'e') + "/" + std::string(60, 'f');
  const std::string header = encode_tar_header({.name = name});
  ASSERT_EQ(header.size(), 512U);
  EXPECT_EQ(field(header, 0, 60), std::string(60, 'f'));
  EXPECT_EQ(field(header, 345, 121), std::string(60, 'd') + "/" + std::string(60, 'e'));
}

TEST(TarHeader, TakesAPaxRecordForWhatUstarCanNotHold) {
  const std::string long_name(120, 'g');
  const std::string header = encode_tar_header({.name = long_name});
  ASSERT_EQ(header.size(), 3 * 512U);
  EXPECT_EQ(header[156], 'x');
  EXPECT_EQ(field(header, 512, 130), "130 path=" + long_name + "\n");
  EXPECT_EQ(field(header, 0, 13), "PaxHeaders.0/");

  const std::string utf8 = encode_tar_header({.name = "gr\u00fc\u00dfe/a"});
  EXPECT_EQ(field(utf8, 0, 18), "gre/PaxHeaders.0/a");
  EXPECT_EQ(field(utf8, 1024, 5), "gre/a");
}

TEST(TarHeader, WritesSizesOver8GiBInPax) {
  const std::string header = encode_tar_header({.name = "big", .size = 1ULL << 33U});
  EXPECT_EQ(field(header, 512, 20), std::string("19 size=8589934592\n\0", 20));
  EXPECT_EQ(field(header, 1024 + 124, 12), std::string("00000000000\0", 12));
}

TEST(TarHeader, TakesTheGnuFormForModesThatDoNotFit) {
  const std::string header =
      encode_tar_header({.name = ".", .type = TarType::kDirectory, .mode = (1ULL << 31U) | 0755U});
  ASSERT_EQ(header.size(), 512U);
  EXPECT_EQ(field(header, 100, 8), std::string("\x80\0\0\0\x80\0\x01\xed", 8));
  EXPECT_EQ(field(header, 257, 8), std::string("ustar  \0", 8));
  const std::string long_name = encode_tar_header(
      {.name = std::string(150, 'n'), .type = TarType::kDirectory, .mode = 1ULL << 31U});
  EXPECT_EQ(field(long_name, 0, 13), "././@LongLink");
  EXPECT_EQ(long_name[156], 'L');
}

TEST(TarHeader, CutsNamesAsGoDoes) {
  // The 100th byte is a slash: what a reader without pax sees must not be a directory.
  const std::string name = std::string(99, 'a') + "/" + std::string(120, 'b');
  const std::string header = encode_tar_header({.name = name});
  ASSERT_EQ(header.size(), 3 * 512U);
  EXPECT_EQ(field(header, 1024, 100), std::string(99, 'a') + '\0');
  EXPECT_EQ(field(header, 0, 100), std::string(99, 'a') + '\0')
      << "dir/PaxHeaders.0/base, cut likewise";
  // A name outside ASCII stands raw in the GNU form, and its GNU long name too.
  const std::string raw = "gr\u00fc\u00dfe";
  const std::string gnu =
      encode_tar_header({.name = raw, .type = TarType::kDirectory, .mode = 1ULL << 31U});
  EXPECT_EQ(field(gnu, 0, raw.size() + 1), raw + '\0');
  const std::string long_raw = raw + std::string(120, 'n');
  const std::string long_gnu =
      encode_tar_header({.name = long_raw, .type = TarType::kDirectory, .mode = 1ULL << 31U});
  EXPECT_EQ(field(long_gnu, 512, long_raw.size() + 1), long_raw + '\0');
  EXPECT_EQ(field(long_gnu, 1024, 100), long_raw.substr(0, 100));
}

TEST(TarHeader, IsUnderstoodByLibarchive) {
  for (const std::string& name :
       {std::string("a"), std::string(100, 'b'), std::string(101, 'c'),
        std::string(200, 'd') + "/" + std::string(99, 'e'), std::string("日本/\u00e9")})
    for (const std::uint64_t size : {0UL, 1UL, 511UL, 512UL, 513UL}) {
      const auto entries = read_back({.name = name, .mode = 0644, .size = size});
      ASSERT_EQ(entries.size(), 1U) << name;
      EXPECT_EQ(entries[0].name, name);
      EXPECT_EQ(entries[0].size, size);
    }
  const auto link =
      read_back({.name = "l", .type = TarType::kHardLink, .link_target = std::string(150, 't')});
  ASSERT_EQ(link.size(), 1U);
  EXPECT_EQ(link[0].type, TarEntryType::kHardLink);
  EXPECT_EQ(link[0].link_target, std::string(150, 't'));
}

TEST(TarHeader, RefusesANulByteInAName) {
  EXPECT_THAT([] { encode_tar_header({.name = std::string("a\0b", 3)}); },
              test::ThrowsError(ErrorKind::kUsage, "NUL byte"));
}

}  // namespace
}  // namespace tote
