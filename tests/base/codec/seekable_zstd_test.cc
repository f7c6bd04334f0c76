#include "base/codec/seekable_zstd.h"

#include "base/codec/zstd_frame.h"
#include "base/error.h"
#include "tests/support/image_builder.h"
#include "tests/support/matchers.h"
#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <span>

namespace tote {
namespace {

using test::ThrowsError;

constexpr std::uint32_t kFrame = 1000;

class Bytes final : public RandomReader {
 public:
  explicit Bytes(std::string bytes) : bytes_(std::move(bytes)) {}
  const std::string& name() const noexcept override { return name_; }
  std::uint64_t size() const override { return bytes_.size(); }
  std::size_t read_at(MutableBytes out, std::uint64_t offset) const override {
    const ConstBytes rest = as_bytes(bytes_).subspan(std::min(offset, size()));
    const ConstBytes part = rest.first(std::min(rest.size(), out.size()));
    copy_bytes(part, out);
    return part.size();
  }

 private:
  const std::string bytes_;
  const std::string name_ = "file";
};

struct Packed {
  std::string frames;
  SeekTable table{kFrame};

  std::string file() const { return frames + table.encode(); }
};

Packed pack(std::string_view content) {
  Packed packed;
  ZstdFrameEncoder encoder;
  for (; !content.empty(); content.remove_prefix(std::min<std::size_t>(kFrame, content.size()))) {
    const std::string_view piece = content.substr(0, kFrame);
    const ConstBytes frame = encoder.encode(as_bytes(piece));
    packed.frames += as_text(frame);
    packed.table.add(static_cast<std::uint32_t>(frame.size()),
                     static_cast<std::uint32_t>(piece.size()), zstd_frame_checksum(frame));
  }
  return packed;
}

std::string read_range(const RandomReader& file, std::uint64_t offset, std::size_t size) {
  std::string out(size, '\0');
  out.resize(file.read_at(std::as_writable_bytes(std::span(out)), offset));
  return out;
}

// Half of it does not compress.
std::string content_of(std::size_t size) {
  return test::random_bytes(size / 2, 1) + std::string(size - size / 2, 'z');
}

TEST(SeekableZstd, IsReadAtAnyOffset) {
  for (const std::size_t size : {1U, 999U, 1000U, 1001U, 3500U}) {
    const std::string content = content_of(size);
    const ReaderPtr file =
        SeekableZstd::try_open(std::make_shared<const Bytes>(pack(content).file()));
    ASSERT_TRUE(file) << size;
    EXPECT_EQ(file->size(), size);
    for (std::size_t offset = 0; offset <= size; offset += 37)
      EXPECT_EQ(read_range(*file, offset, 1200), content.substr(offset, 1200)) << offset;
  }
}

TEST(SeekableZstd, IsUnpackedByOtherProgramsToo) {
  const test::TempDir dir;
  const std::string content = content_of(3500);
  test::write_text(dir / "a.zst", pack(content).file());
  EXPECT_DONE(test::run({"zstd", "-q", "-d", (dir / "a.zst").string()}));
  EXPECT_EQ(test::read_text(dir / "a"), content);
}

TEST(SeekableZstd, IsTheSameEveryTime) {
  EXPECT_EQ(pack(content_of(3500)).file(), pack(content_of(3500)).file());
}

// What is changed in a frame is noticed when that frame is read; no other suffers.
TEST(SeekableZstd, NoChangedByteGivesOtherContent) {
  const std::string content = content_of(2500);
  const std::string right = pack(content).file();
  int in_place = 0;
  for (std::size_t i = 0; i < right.size(); ++i) {
    std::string wrong = right;
    wrong[i] = static_cast<char>(wrong[i] ^ (1 << (i % 8)));
    const ReaderPtr file = SeekableZstd::try_open(std::make_shared<const Bytes>(wrong));
    if (!file) continue;
    ++in_place;
    try {
      EXPECT_EQ(read_range(*file, 0, content.size() + 1), content) << i;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kParse) << error.what();
    }
  }
  EXPECT_GT(in_place, 1000);
}

TEST(SeekableZstd, SaysWhereItIsDamaged) {
  const Packed packed = pack(content_of(3500));
  std::string wrong = packed.file();
  wrong[packed.table.frame(1).offset + 30] ^= 1;
  const ReaderPtr file = SeekableZstd::try_open(std::make_shared<const Bytes>(wrong));
  ASSERT_TRUE(file);
  EXPECT_EQ(read_range(*file, 0, 1000), content_of(3500).substr(0, 1000));
  EXPECT_THAT([&] { read_range(*file, 1000, 1); },
              ThrowsError(ErrorKind::kParse, fmt::format("file: the frame at byte {}: ",
                                                         packed.table.frame(1).offset)));
}

TEST(SeekableZstd, TakesNoOtherFramesThanItsTableSays) {
  Packed swapped = pack(content_of(2000));
  const SeekTable::Frame second = swapped.table.frame(1);
  // Two frames where one should be, with as much content together.
  ZstdFrameEncoder encoder;
  std::string two(as_text(encoder.encode(as_bytes(std::string(500, 'a')))));
  two += as_text(encoder.encode(as_bytes(std::string(500, 'b'))));
  SeekTable table(kFrame);
  table.add(static_cast<std::uint32_t>(second.offset), kFrame, swapped.table.frame(0).checksum);
  table.add(static_cast<std::uint32_t>(two.size()), kFrame, zstd_frame_checksum(as_bytes(two)));
  const ReaderPtr file = SeekableZstd::try_open(std::make_shared<const Bytes>(
      swapped.frames.substr(0, second.offset) + two + table.encode()));
  ASSERT_TRUE(file);
  EXPECT_THAT([&] { read_range(*file, 1000, 1); },
              ThrowsError(ErrorKind::kParse, "is not what is said of it"));
}

std::string with_number(std::string bytes, std::size_t from_end, std::uint32_t number) {
  for (std::size_t i = 0; i < 4; ++i)
    bytes[bytes.size() - from_end + i] = static_cast<char>(number >> (8 * i));
  return bytes;
}

TEST(SeekTable, ThatIsNotRightIsNone) {
  const Packed packed = pack(content_of(3500));
  const std::string right = packed.file();
  const std::size_t table = packed.table.encode().size();
  const std::size_t first = table - 8;  // its first entry, from the end
  EXPECT_TRUE(SeekTable::read(Bytes(right)));
  const std::vector<std::pair<const char*, std::string>> wrong = {
      {"cut short", right.substr(0, right.size() - 1)},
      {"longer", right + " "},
      {"without frames", right.substr(packed.frames.size())},
      {"nothing", ""},
      {"the end alone", right.substr(right.size() - 9)},
      {"no frames", with_number(right, 9, 0)},
      {"fewer frames", with_number(right, 9, 3)},
      {"more frames", with_number(right, 9, 0xffffffff)},
      {"more than there may be", with_number(right, 9, kMaxZstdFrames + 1)},
      {"no checksums", with_number(right, 5, 0x92eab100)},
      {"a bit that is reserved", with_number(right, 5, 0x92eab184)},
      {"a frame beyond the end", with_number(right, first, 0xffffffff)},
      {"frames that leave a gap", with_number(right, first, packed.table.frame(0).size - 1)},
      {"an empty frame", with_number(right, first - 4, 0)},
      {"a frame that is too large", with_number(right, first - 4, 0xffffffff)},
      {"frames of two sizes", with_number(right, first - 12 - 4, 999)},
      {"a last frame that is larger", with_number(right, first - 36 - 4, 1001)}};
  for (const auto& [what, bytes] : wrong) EXPECT_FALSE(SeekTable::read(Bytes(bytes))) << what;
}

}  // namespace
}  // namespace tote
