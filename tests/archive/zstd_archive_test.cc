// Archives that are compressed while they are written, and read where they lie.
#include "archive/archive_reader.h"
#include "archive/settled_ranges.h"
#include "archive/zstd_part.h"
#include "tests/archive/damage.h"
#include "tests/archive/small_archive.h"
#include "tests/support/failing_disk.h"
#include "tests/support/image_builder.h"
#include "tests/support/matchers.h"
#include "tests/support/run_program.h"

#include <gmock/gmock.h>

namespace tote::archive {
namespace {

namespace fs = std::filesystem;
using test::random_bytes;
using test::read_text;
using test::TempDir;
using test::ThrowsError;
using test::write_text;

constexpr Compression kZstd = Compression::kZstd;

TEST(SettledRanges, GrowByWhatFollows) {
  SettledRanges ranges;
  ranges.add(10, 5);
  EXPECT_EQ(ranges.up_to(), 0U);
  ranges.add(20, 10);
  ranges.add(0, 10);
  EXPECT_EQ(ranges.up_to(), 15U);
  ranges.add(12, 8);
  EXPECT_EQ(ranges.up_to(), 30U);
  ranges.add(3, 4);
  EXPECT_EQ(ranges.up_to(), 30U);
}

class ZstdArchive : public testing::Test {
 protected:
  fs::path file() const { return dir_ / "a.tar.zst"; }
  fs::path frames() const { return dir_ / "a.tar.zst.part"; }
  fs::path plain() const { return dir_ / "a.tar.zst.part.tar"; }

  // A run that ends after some of the layers.
  void begin(const std::vector<std::string>& layers, std::size_t count) const {
    ArchiveWriter writer(file(), test::contents_with(layers),
                         {.keep_part = true, .compression = kZstd});
    for (std::size_t i = 0; i < count; ++i) test::write_layer(writer, layers[i]);
  }
  // How many layers were there already.
  std::size_t resume(const std::vector<std::string>& layers) const {
    ArchiveWriter writer(file(), test::contents_with(layers),
                         {.resume = true, .keep_part = true, .compression = kZstd});
    ThreadPool pool(2);
    const std::size_t reused = writer.reuse_layers(pool, {}).value_or(0);
    for (const std::string& layer : layers)
      if (!writer.has_blob({"", oci::Digest::of(layer), layer.size()}, {}))
        test::write_layer(writer, layer);
    writer.finish();
    return reused;
  }

  const TempDir dir_;
};

TEST_F(ZstdArchive, HoldsWhatThePlainOneHoldsInWhateverOrderItCame) {
  std::vector<std::string> layers;
  for (unsigned i = 0; i < 5; ++i)
    layers.push_back(random_bytes(3'000'000, i) + std::string(1'500'000, 'z'));
  test::write_archive(dir_ / "a.tar", layers);
  test::write_archive(file(), layers, {.compression = kZstd});
  const std::string first = read_text(file());
  EXPECT_LT(first.size(), 16'000'000U);
  {
    ArchiveWriter writer(file(), test::contents_with(layers), {.compression = kZstd});
    for (std::size_t i = layers.size(); i-- > 0;) test::write_layer(writer, layers[i]);
    writer.finish();
  }
  EXPECT_TRUE(read_text(file()) == first) << "the same bytes";
  EXPECT_EQ(test::read_tree(dir_.path()).size(), 2U) << "and nothing is left beside it";
  EXPECT_EQ(SeekTable::read(*open_for_reading(file()))->frames(), 6U);
  std::vector<std::string> notices;
  const ArchiveReader reader(file(),
                             {.notice = [&](const std::string& line) { notices.push_back(line); }});
  EXPECT_THAT(notices, testing::IsEmpty()) << "it is read in place";
  for (const oci::CarriedLayer& layer : reader.contents().layers)
    EXPECT_NO_THROW(read_all(*reader.open_blob(layer.blob), 1U << 30U, "layer"));
  EXPECT_DONE(test::run({"zstd", "-q", "-d", file().string(), "-o", (dir_ / "b.tar").string()}));
  EXPECT_TRUE(read_text(dir_ / "b.tar") == read_text(dir_ / "a.tar"));
}

class SmallZstdArchive : public ZstdArchive {
 protected:
  SmallZstdArchive() {
    test::write_archive(file(), {"one layer", random_bytes(700, 1)}, {.compression = kZstd});
  }
  std::string read() const {
    return test::all_of(ArchiveReader(file(), {.temporary = dir_.path()}));
  }
};

TEST_F(SmallZstdArchive, WithAChangedByteIsNoOther) {
  const test::DamageCount count = test::change_every_byte(file(), [&] { return read(); });
  EXPECT_GT(count.detected, count.harmless);
}

TEST_F(SmallZstdArchive, CutShortIsNoOther) {
  const test::DamageCount count = test::cut_everywhere(file(), 1, [&] { return read(); });
  EXPECT_GT(count.detected, count.harmless);
}

TEST_F(SmallZstdArchive, UnpacksToNoMoreThanAThousandTimesItsSize) {
  ZstdFrameEncoder encoder;
  const std::string zeros(kZstdFrame, '\0');
  const std::string frame(as_text(encoder.encode(as_bytes(zeros))));
  SeekTable table(kZstdFrame);
  std::string frames;
  for (int i = 0; i < 4; ++i) {
    frames += frame;
    table.add(static_cast<std::uint32_t>(frame.size()), kZstdFrame,
              zstd_frame_checksum(as_bytes(frame)));
  }
  write_text(file(), frames + table.encode());
  EXPECT_THAT([&] { open_archive(file()); }, ThrowsError(ErrorKind::kParse, "1000 times its size"));
}

TEST_F(ZstdArchive, GoesOnWhereAnEarlierRunWas) {
  std::vector<std::string> layers;
  for (unsigned i = 0; i < 4; ++i) layers.push_back(random_bytes(3'000'000, i));
  std::sort(layers.begin(), layers.end(),
            [](const auto& a, const auto& b) { return oci::Digest::of(a) < oci::Digest::of(b); });
  test::write_archive(file(), layers, {.compression = kZstd});
  const std::string whole = read_text(file());
  for (std::size_t count = 0; count <= layers.size(); ++count) {
    fs::remove(file());
    begin(layers, count);
    EXPECT_EQ(fs::exists(frames()), count > 0);
    EXPECT_EQ(resume(layers), count);
    EXPECT_TRUE(read_text(file()) == whole) << count;
    EXPECT_FALSE(fs::exists(frames()) || fs::exists(plain()));
  }
}

// A process may be stopped, or the machine, while a frame is written.
TEST_F(ZstdArchive, GoesOnBehindTheLastFrameThatIsWhole) {
  std::vector<std::string> layers;
  for (unsigned i = 0; i < 3; ++i) layers.push_back(random_bytes(5'000'000, i));
  std::sort(layers.begin(), layers.end(),
            [](const auto& a, const auto& b) { return oci::Digest::of(a) < oci::Digest::of(b); });
  test::write_archive(file(), layers, {.compression = kZstd});
  const std::string whole = read_text(file());
  fs::remove(file());
  for (const std::uint64_t cut : {1U, 5'000'000U, 8'000'000U}) {
    begin(layers, 2);
    ASSERT_GT(fs::file_size(frames()), cut);
    fs::resize_file(frames(), cut);
    EXPECT_EQ(resume(layers), 2U) << "their content is still beside it";
    EXPECT_TRUE(read_text(file()) == whole) << cut;
    fs::remove(file());
  }
  begin(layers, 2);
  std::string damaged = read_text(frames());
  damaged[5'000'000] ^= 1;
  write_text(frames(), damaged);
  EXPECT_EQ(resume(layers), 2U);
  EXPECT_TRUE(read_text(file()) == whole);
}

TEST_F(ZstdArchive, TakesALayerAgainOfWhichTheEndIsLost) {
  const std::vector<std::string> layers = {random_bytes(5'000'000, 1)};
  test::write_archive(file(), layers, {.compression = kZstd});
  const std::string whole = read_text(file());
  fs::remove(file());
  begin(layers, 1);
  const std::string frame_of_all = read_text(frames());
  fs::resize_file(frames(), frame_of_all.size() - 1);  // the last frame
  const FilePtr lost = File::open(plain(), O_RDWR);
  lost->write_at(as_bytes(std::string(4096, '\0')), 4'500'000);
  EXPECT_EQ(resume(layers), 0U);
  EXPECT_TRUE(read_text(file()) == whole);
}

TEST_F(ZstdArchive, WithFramesOfSomethingElseIsRefused) {
  const std::vector<std::string> layers = {random_bytes(9'000'000, 1)};
  begin(layers, 1);
  // Whole frames of the right size, with another layer's content in the second.
  const std::string right = read_text(frames());
  const std::size_t first = zstd_frame_at(as_bytes(right))->frame;
  ZstdFrameEncoder encoder;
  const std::string other = random_bytes(kZstdFrame, 9);
  write_text(frames(),
             right.substr(0, first) + std::string(as_text(encoder.encode(as_bytes(other)))));
  EXPECT_THAT([&] { resume(layers); },
              ThrowsError(ErrorKind::kIo, "a.tar.zst.part holds other bytes than were written"));
}

TEST_F(ZstdArchive, TakesTheLayersOfAnOlderOne) {
  test::write_archive(file(), {"kept", "gone"}, {.compression = kZstd});
  EXPECT_EQ(resume({"kept", "new"}), 1U);
  EXPECT_EQ(ArchiveReader(file()).contents().layers.size(), 2U);
  EXPECT_TRUE(ArchiveReader(file()).has_blob(oci::Digest::of("new")));
}

TEST_F(ZstdArchive, ReplacesThePartOfAnotherOne) {
  begin({random_bytes(5'000'000, 1), "a"}, 1);
  EXPECT_EQ(resume({"b"}), 0U);
  EXPECT_TRUE(ArchiveReader(file()).has_blob(oci::Digest::of("b")));
  EXPECT_FALSE(fs::exists(frames()) || fs::exists(plain()));
}

TEST_F(ZstdArchive, LeavesAloneWhatIsNone) {
  for (const fs::path& path : {frames(), plain()}) {
    write_text(path, "notes of somebody");
    EXPECT_THAT([&] { test::write_archive(file(), {"a"}, {.compression = kZstd}); },
                ThrowsError(ErrorKind::kIo, path.string() + " is in the way"));
    EXPECT_EQ(read_text(path), "notes of somebody");
    fs::remove(path);
  }
}

TEST_F(ZstdArchive, IsTheOldOneOrTheNewOneWhereTheDiskFails) {
  const std::vector<std::string> layers = {"one", random_bytes(5'000'000, 1)};
  test::write_archive(dir_ / "good", layers, {.compression = kZstd});
  const std::string good = read_text(dir_ / "good");
  const int steps = test::fail_at_every_step(
      [&] {
        write_text(file(), "old");
        test::write_archive(file(), layers, {.compression = kZstd});
      },
      [&](bool failed) {
        const std::string there = read_text(file());
        EXPECT_TRUE(there == good || (failed && there == "old"));
        EXPECT_FALSE(fs::exists(frames()) || fs::exists(plain()));
      });
  EXPECT_GT(steps, 10);
  test::fail_at_every_step(
      [&] {
        fs::remove(file());
        resume(layers);
      },
      [&](bool) {
        resume(layers);
        EXPECT_TRUE(read_text(file()) == good);
        EXPECT_FALSE(fs::exists(frames()) || fs::exists(plain()));
      });
}

}  // namespace
}  // namespace tote::archive
