#include "archive/archive_reader.h"
#include "archive/split.h"
#include "archive/volume_writer.h"
#include "tests/archive/damage.h"
#include "tests/archive/small_archive.h"
#include "tests/support/image_builder.h"
#include "tests/support/matchers.h"

#include <gmock/gmock.h>

namespace tote::archive {
namespace {

namespace fs = std::filesystem;
using test::random_bytes;
using test::read_text;
using test::TempDir;
using test::ThrowsError;
using test::write_text;

std::string read_volumes(const fs::path& path, std::vector<std::string>* notices = nullptr) {
  const auto volumes = find_volumes(path, [&](const std::string& line) {
    if (notices != nullptr) notices->push_back(line);
  });
  if (!volumes) throw Error(ErrorKind::kParse, "no volume");
  RangeSource all(volumes, 0, volumes->size());
  return read_all(all, 1U << 30U, "volumes");
}

std::vector<std::string> names_in(const fs::path& directory) {
  std::vector<std::string> names;
  for (const auto& [name, content] : test::read_tree(directory)) names.push_back(name);
  return names;
}

class Volumes : public testing::Test {
 protected:
  VolumeGeometry split(std::size_t size, const SplitOptions& options) {
    whole_ = random_bytes(size, 7);
    write_text(outside_ / "whole", whole_);
    return split_file(outside_ / "whole", dir_ / "a.tar", options, {});
  }
  fs::path volume(const VolumeGeometry& geometry, std::uint32_t number) const {
    return geometry.name(dir_ / "a.tar", number);
  }

  const TempDir outside_;
  const TempDir dir_;
  std::string whole_;
};

TEST_F(Volumes, AreReadFromAnyOfThemInPlace) {
  split(20'000, {8192, 2});
  EXPECT_THAT(names_in(dir_.path()), testing::ElementsAre("a.tar.001", "a.tar.002", "a.tar.003",
                                                          "a.tar.p01", "a.tar.p02"));
  for (const std::string& name : names_in(dir_.path()))
    EXPECT_EQ(read_volumes(dir_ / name), whole_) << name;
  EXPECT_EQ(read_volumes(dir_ / "a.tar"), whole_) << "by the name of the whole";
}

TEST_F(Volumes, AreAtMostAsLargeAsTheyMayBeAndTheSameEveryTime) {
  split(20'000, {8192, 1});
  for (const std::string& name : names_in(dir_.path()))
    EXPECT_LE(fs::file_size(dir_ / name), 8192U);
  const auto first = test::read_tree(dir_.path());
  split(20'000, {8192, 1});
  EXPECT_EQ(test::read_tree(dir_.path()), first);
}

TEST_F(Volumes, OfSeveralBlocksHoldTheirBytes) {
  for (const std::size_t size : {kVolumeBlock - 1, kVolumeBlock, kVolumeBlock + 1}) {
    SCOPED_TRACE(size);
    const VolumeGeometry geometry =
        split(3 * size + 11, {kVolumeHeader + size + 2 * kVolumeSum, 1});
    EXPECT_EQ(read_volumes(dir_ / "a.tar"), whole_);
    fs::remove(volume(geometry, 1));
    EXPECT_EQ(read_volumes(dir_ / "a.tar"), whole_);
  }
}

TEST_F(Volumes, AreFoundByTheirHeadersWhateverTheyAreCalled) {
  const VolumeGeometry geometry = split(20'000, {8192, 1});
  fs::rename(volume(geometry, 0), dir_ / "one of them");
  fs::rename(volume(geometry, 2), dir_ / "a.tar.007");
  EXPECT_EQ(read_volumes(dir_ / "one of them"), whole_);
  EXPECT_EQ(read_volumes(dir_ / "a.tar.007"), whole_);
}

TEST_F(Volumes, OfAnotherSetBesideThemDoNoHarm) {
  split(20'000, {8192, 0});
  const std::string other = random_bytes(20'000, 8);
  write_text(outside_ / "whole", other);
  split_file(outside_ / "whole", dir_ / "b.tar", {8192, 0}, {});
  EXPECT_EQ(read_volumes(dir_ / "a.tar.002"), whole_);
  EXPECT_EQ(read_volumes(dir_ / "b.tar.002"), other);
}

// All ways to lose as many as there are with parity, and one more.
TEST_F(Volumes, OfWhichAnyAsManyAreLostAsThereIsParityAreRebuilt) {
  const VolumeGeometry geometry = split(20'000, {4096, 3});
  ASSERT_EQ(geometry.volumes(), 9U);
  int rebuilt = 0;
  int refused = 0;
  for (unsigned subset = 0; subset < 1U << geometry.volumes(); ++subset) {
    const int lost = __builtin_popcount(subset);
    if (lost > 4 || lost < 3) continue;
    for (std::uint32_t i = 0; i < geometry.volumes(); ++i)
      if ((subset >> i & 1U) != 0) fs::rename(volume(geometry, i), outside_ / std::to_string(i));
    if (lost == 3) {
      ASSERT_EQ(read_volumes(dir_ / "a.tar"), whole_) << subset;
      ++rebuilt;
    } else {
      ASSERT_THROW(read_volumes(dir_ / "a.tar"), Error) << subset;
      ++refused;
    }
    for (std::uint32_t i = 0; i < geometry.volumes(); ++i)
      if ((subset >> i & 1U) != 0) fs::rename(outside_ / std::to_string(i), volume(geometry, i));
  }
  EXPECT_EQ(rebuilt, 84);
  EXPECT_EQ(refused, 126);
}

TEST_F(Volumes, OfSeveralGroupsAreRebuiltThoughNeighboursAreLost) {
  const VolumeGeometry geometry = split(401 * 3'552, {4096, 1});
  ASSERT_EQ(geometry.data, 401U);
  ASSERT_EQ(geometry.groups(), 3U);
  for (const std::uint32_t lost : {199U, 200U, 201U}) fs::remove(volume(geometry, lost));
  EXPECT_EQ(read_volumes(dir_ / "a.tar"), whole_);
  fs::remove(volume(geometry, 202));
  EXPECT_THAT([&] { read_volumes(dir_ / "a.tar"); },
              ThrowsError(ErrorKind::kParse, "a.tar.203' is not there"));
}

TEST_F(Volumes, SayWhichOfThemAreLostOrDamaged) {
  const VolumeGeometry geometry = split(20'000, {8192, 2});
  fs::remove(volume(geometry, 0));
  std::string damaged = read_text(volume(geometry, 1));
  damaged[5000] ^= 1;
  write_text(volume(geometry, 1), damaged);
  std::vector<std::string> notices;
  EXPECT_EQ(read_volumes(dir_ / "a.tar", &notices), whole_);
  EXPECT_THAT(notices, testing::ElementsAre(
                           testing::HasSubstr("a.tar.001' is not there; its bytes are rebuilt"),
                           testing::HasSubstr("a.tar.002' is damaged: the block at byte 512")));
  const auto volumes = find_volumes(dir_ / "a.tar", {});
  EXPECT_EQ(volumes->check(0), "is not there");
  EXPECT_THAT(volumes->check(1), testing::StartsWith("is damaged"));
  EXPECT_EQ(volumes->check(2), "");
  EXPECT_EQ(volumes->check(3), "");
}

// More of them than there is parity: but not at the same place.
TEST_F(Volumes, AreRebuiltBlockByBlock) {
  const VolumeGeometry geometry =
      split(9 * kVolumeBlock, {kVolumeHeader + 3 * (kVolumeBlock + kVolumeSum), 1});
  ASSERT_EQ(geometry.data, 3U);
  for (std::uint32_t i = 0; i < 3; ++i) {
    std::string damaged = read_text(volume(geometry, i));
    damaged[kVolumeHeader + i * kVolumeBlock] ^= 1;
    write_text(volume(geometry, i), damaged);
  }
  EXPECT_EQ(read_volumes(dir_ / "a.tar"), whole_);
}

TEST_F(Volumes, WithoutParityAreRefusedWhenOneIsDamaged) {
  const VolumeGeometry geometry = split(20'000, {8192, 0});
  std::string damaged = read_text(volume(geometry, 1));
  damaged[5000] ^= 1;
  write_text(volume(geometry, 1), damaged);
  EXPECT_THAT([&] { read_volumes(dir_ / "a.tar"); },
              ThrowsError(ErrorKind::kParse, "a.tar.002' is damaged: the block at byte 512"));
}

TEST_F(Volumes, OfANewerVersionSayThatANewerToteIsNeeded) {
  const VolumeGeometry geometry = split(20'000, {8192, 0});
  std::string newer = read_text(volume(geometry, 0));
  newer[8] = 2;
  const Sha256 digest = sha256_of(as_bytes(newer.substr(0, 480)));
  newer.replace(480, 32, as_text(digest));
  write_text(volume(geometry, 0), newer);
  EXPECT_THAT([&] { read_volumes(volume(geometry, 0)); },
              ThrowsError(ErrorKind::kParse, "a volume of version 2; this tote reads version 1"));
}

// ---- every byte --------------------------------------------------------------------------------

class DamagedVolumes : public testing::TestWithParam<std::uint32_t> {
 protected:
  DamagedVolumes() {
    test::write_archive(dir_ / "a.tar", {"one layer"},
                        {.format = ArchiveFormat::kOci, .volumes = {4096, GetParam()}});
    for (const auto& entry : fs::directory_iterator(dir_.path())) files_.push_back(entry.path());
    whole_ = read();
  }
  std::string read() const { return test::all_of(ArchiveReader(dir_ / "a.tar")); }
  // With parity nothing is lost.
  void expect(const test::DamageCount& count, const fs::path& file) const {
    if (GetParam() > 0)
      EXPECT_EQ(count.detected, 0) << file;
    else
      EXPECT_GT(count.detected, count.harmless) << file;
  }

  const TempDir dir_;
  std::vector<fs::path> files_;
  std::string whole_;
};

TEST_P(DamagedVolumes, GiveTheArchiveOrAnErrorWhateverByteIsAnother) {
  for (const fs::path& file : files_)
    expect(test::change_every_byte(file, [&] { return read(); }), file);
}

TEST_P(DamagedVolumes, GiveTheArchiveOrAnErrorWhereverTheyAreCut) {
  for (const fs::path& file : files_)
    expect(test::cut_everywhere(file, 32, [&] { return read(); }), file);
}

INSTANTIATE_TEST_SUITE_P(Parity, DamagedVolumes, testing::Values(0U, 1U));

// ---- writing -----------------------------------------------------------------------------------

class WritingVolumes : public testing::Test {
 protected:
  ArchiveWriterOptions resume() const {
    return {.resume = true, .keep_part = true, .volumes = {16'384, 1}};
  }
  const TempDir dir_;
  const fs::path file_ = dir_ / "a.tar";
  const std::string one_ = random_bytes(50'000, 1);
  const std::string two_ = random_bytes(50'000, 2);
  ThreadPool pool_{2};
};

TEST_F(WritingVolumes, GivesTheBytesOfThePlainArchive) {
  test::write_archive(dir_ / "plain.tar", {one_, two_});
  test::write_archive(file_, {one_, two_}, resume());
  EXPECT_EQ(read_volumes(file_), read_text(dir_ / "plain.tar"));
}

TEST_F(WritingVolumes, GoesOnWhereItWasBrokenOff) {
  {
    ArchiveWriter writer(file_, test::contents_with({one_, two_}), resume());
    test::write_layer(writer, one_);
  }
  EXPECT_FALSE(fs::exists(dir_ / "a.tar.001"));
  EXPECT_THAT([&] { ArchiveReader(dir_ / "a.tar.001.part"); },
              ThrowsError(ErrorKind::kParse, "a volume of a set that was never finished"));
  ArchiveWriter writer(file_, test::contents_with({one_, two_}), resume());
  EXPECT_EQ(writer.reuse_layers(pool_, {}), 1U);
  test::write_layer(writer, two_);
  writer.finish();
  EXPECT_EQ(ArchiveReader(file_).contents().layers.size(), 2U);
  for (const std::string& name : names_in(dir_.path())) EXPECT_FALSE(name.ends_with(".part"));
}

TEST_F(WritingVolumes, TakesLayersFromAnOlderSetAndReplacesIt) {
  test::write_archive(file_, {one_, random_bytes(90'000, 3)}, resume());
  const std::size_t before = names_in(dir_.path()).size();
  ArchiveWriter writer(file_, test::contents_with({one_, two_}), resume());
  EXPECT_EQ(writer.reuse_layers(pool_, {}), 1U);
  test::write_layer(writer, two_);
  writer.finish();
  EXPECT_LT(names_in(dir_.path()).size(), before) << "volumes of the older set are left";
  EXPECT_EQ(ArchiveReader(file_).contents().layers.size(), 2U);
}

// As it is after a kill between two renames.
TEST_F(WritingVolumes, GoesOnWithRenaming) {
  test::write_archive(file_, {one_, two_}, resume());
  const auto whole = test::read_tree(dir_.path());
  for (const char* name : {"a.tar.001", "a.tar.002", "a.tar.004"})
    fs::rename(dir_ / name, dir_ / (std::string(name) + ".part"));
  EXPECT_EQ(ArchiveReader(dir_ / "a.tar.003").contents().layers.size(), 2U);
  ArchiveWriter writer(file_, test::contents_with({one_, two_}), resume());
  EXPECT_EQ(writer.reuse_layers(pool_, {}), 2U);
  writer.finish();
  EXPECT_EQ(test::read_tree(dir_.path()), whole);
}

TEST_F(WritingVolumes, LeavesAloneWhatIsNoVolume) {
  write_text(dir_ / "a.tar.002.part", "somebody's notes");
  EXPECT_THAT([&] { test::write_archive(file_, {one_}, resume()); },
              ThrowsError(ErrorKind::kIo, "a.tar.002.part is in the way"));
  EXPECT_EQ(read_text(dir_ / "a.tar.002.part"), "somebody's notes");
}

TEST_F(WritingVolumes, IsForOneProcess) {
  const ArchiveWriter first(file_, test::contents_with({one_}), resume());
  EXPECT_THAT([&] { ArchiveWriter(file_, test::contents_with({one_}), resume()); },
              ThrowsError(ErrorKind::kIo, "another process is writing"));
}

TEST(VolumeGeometry, RefusesWhatIsTooSmallOrTooMuch) {
  EXPECT_THAT([] { VolumeGeometry::plan(1, 4095, 0); },
              ThrowsError(ErrorKind::kUsage, "at least 4096 bytes, got 4095"));
  EXPECT_THAT([] { VolumeGeometry::plan(1, 4096, 51); },
              ThrowsError(ErrorKind::kUsage, "at most 50 volumes of parity"));
  EXPECT_THAT([] { VolumeGeometry::plan(std::uint64_t{1} << 40U, 4096, 0); },
              ThrowsError(ErrorKind::kUsage, "volumes, more than 9999"));
}

TEST(JoinVolumes, WritesTheWholeOrLeavesWhatWasThere) {
  const TempDir dir;
  write_text(dir / "whole", random_bytes(20'000, 1));
  split_file(dir / "whole", dir / "a.tar", {8192, 0}, {});
  join_volumes(*find_volumes(dir / "a.tar.002", {}), dir / "joined", {});
  EXPECT_EQ(read_text(dir / "joined"), read_text(dir / "whole"));
  std::string damaged = read_text(dir / "a.tar.002");
  damaged[5000] ^= 1;
  write_text(dir / "a.tar.002", damaged);
  write_text(dir / "joined", "old");
  EXPECT_THAT([&] { join_volumes(*find_volumes(dir / "a.tar.002", {}), dir / "joined", {}); },
              ThrowsError(ErrorKind::kParse, "can not be had"));
  EXPECT_EQ(read_text(dir / "joined"), "old");
  EXPECT_EQ(names_in(dir.path()).size(), 5U) << "nothing half-written is left";
}

}  // namespace
}  // namespace tote::archive
