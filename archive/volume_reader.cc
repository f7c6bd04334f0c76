#include "archive/volume_reader.h"

#include "base/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <fcntl.h>

namespace tote::archive {
namespace {

constexpr std::size_t kKeptBlocks = 32;

std::vector<std::filesystem::path> paths_of(const VolumeSet& set) {
  std::vector<std::filesystem::path> paths;
  for (const FoundVolume& volume : set.volumes) paths.push_back(volume.path);
  return paths;
}

std::string read_exactly(const File& file, std::uint64_t offset, std::uint64_t size) {
  std::string bytes(size, '\0');
  if (file.read_at(std::as_writable_bytes(std::span(bytes)), offset) != size)
    throw Error(ErrorKind::kIo, "it has become shorter");
  return bytes;
}

}  // namespace

VolumeReader::VolumeReader(VolumeSet set, TellNotice notice)
    : BlockReader(kKeptBlocks),
      set_(std::move(set)),
      name_(set_.volumes.front().path.string()),
      notice_(std::move(notice)),
      files_(paths_of(set_), O_RDONLY),
      wrong_(set_.volumes.size()),
      is_useless_(set_.volumes.size()),
      sums_(set_.volumes.size()) {
  refuse_what_is_lost();
  for (std::uint32_t i = 0; i < set_.volumes.size(); ++i)
    if (!set_.volumes[i].wrong.empty()) {
      report(i, set_.volumes[i].wrong);
      const Lock lock(mutex_);
      is_useless_[i] = true;
    }
}

void VolumeReader::refuse_what_is_lost() const {
  std::vector<std::uint32_t> lost(set_.geometry.groups());
  std::string names;
  for (std::uint32_t i = 0; i < set_.volumes.size(); ++i) {
    const FoundVolume& volume = set_.volumes[i];
    if (volume.wrong.empty()) continue;
    ++lost[set_.geometry.group_of(i)];
    names +=
        fmt::format("{}'{}' {}", names.empty() ? "" : ", ", volume.path.string(), volume.wrong);
  }
  if (*std::max_element(lost.begin(), lost.end()) <= set_.geometry.parity) return;
  throw Error(ErrorKind::kParse,
              set_.geometry.parity == 0
                  ? fmt::format("volumes are missing or damaged: {}", names)
                  : fmt::format("more volumes are missing or damaged than the {} that parity can "
                                "make up for: {}",
                                set_.geometry.parity, names))
      .with_hint("fetch these again into the same directory");
}

BlockReader::Block VolumeReader::block_at(std::uint64_t offset) const {
  const VolumeGeometry& geometry = set_.geometry;
  const auto volume = static_cast<std::uint32_t>(offset / geometry.payload);
  const std::uint64_t block = offset % geometry.payload / kVolumeBlock;
  return {volume * geometry.blocks_of(0) + block, volume * geometry.payload + block * kVolumeBlock,
          geometry.block_size(volume, block)};
}

std::string VolumeReader::load(const Block& block) const {
  const std::uint64_t in_each = set_.geometry.blocks_of(0);
  const auto volume = static_cast<std::uint32_t>(block.number / in_each);
  if (auto bytes = read_block(volume, block.number % in_each)) return *std::move(bytes);
  return rebuild(volume, block.number % in_each);
}

std::shared_ptr<const std::string> VolumeReader::read_sums(std::uint32_t volume) const {
  const VolumeGeometry& geometry = set_.geometry;
  auto sums = std::make_shared<const std::string>(
      read_exactly(*files_.open(volume), kVolumeHeader + geometry.payload_of(volume),
                   geometry.blocks_of(volume) * kVolumeSum));
  if (sha256_of(as_bytes(*sums)) != set_.volumes[volume].sums_digest)
    throw Error(ErrorKind::kParse, "the sums at its end are damaged");
  return sums;
}

std::shared_ptr<const std::string> VolumeReader::sums_of(std::uint32_t volume) const {
  {
    const Lock lock(mutex_);
    if (is_useless_[volume] || sums_[volume]) return sums_[volume];
  }
  std::shared_ptr<const std::string> sums;
  try {
    sums = read_sums(volume);
  } catch (const Error& error) {
    report(volume, fmt::format("can not be used: {}", error.message()));
  }
  const Lock lock(mutex_);
  is_useless_[volume] = sums == nullptr;
  return sums_[volume] = sums;
}

std::optional<std::string> VolumeReader::try_read_block(std::uint32_t volume,
                                                        std::uint64_t block) const {
  const auto sums = sums_of(volume);
  if (!sums) return std::nullopt;
  std::string bytes = read_exactly(*files_.open(volume), block_offset(block),
                                   set_.geometry.block_size(volume, block));
  const std::string_view want = std::string_view(*sums).substr(block * kVolumeSum, kVolumeSum);
  if (as_text(sha256_of(as_bytes(bytes))) == want) return bytes;
  throw Error(ErrorKind::kParse,
              fmt::format("the block at byte {} has another SHA-256", block_offset(block)));
}

// A medium that can not be read is a kind of damage: parity is there for that.
std::optional<std::string> VolumeReader::read_block(std::uint32_t volume,
                                                    std::uint64_t block) const {
  try {
    return try_read_block(volume, block);
  } catch (const Error& error) {
    report(volume, fmt::format("is damaged: {}", error.message()));
    return std::nullopt;
  }
}

std::vector<unsigned> VolumeReader::sources_for(std::uint32_t volume, std::uint64_t block,
                                                const std::set<unsigned>& bad) const {
  const VolumeGeometry& geometry = set_.geometry;
  const std::uint32_t group = geometry.group_of(volume);
  const std::uint32_t wanted = geometry.members(group);
  std::vector<unsigned> sources;
  for (unsigned i = 0; i < wanted + geometry.parity && sources.size() < wanted; ++i)
    if (!bad.contains(i) && sums_of(geometry.member(group, i))) sources.push_back(i);
  if (sources.size() == wanted) return sources;
  std::string others;
  for (unsigned i = 0; i < wanted + geometry.parity; ++i) {
    const std::uint32_t other = geometry.member(group, i);
    if (other != volume && !wrong_with(other).empty())
      others += fmt::format(", '{}' {}", set_.volumes[other].path.string(), wrong_with(other));
  }
  throw Error(ErrorKind::kParse,
              fmt::format("bytes from {} on can not be had: volume '{}' {}{}",
                          volume * geometry.payload + block * kVolumeBlock,
                          set_.volumes[volume].path.string(), wrong_with(volume), others))
      .with_hint("fetch these again into the same directory");
}

std::shared_ptr<const BlockSums> VolumeReader::sum_of(std::uint32_t volume,
                                                      const std::vector<unsigned>& sources) const {
  const VolumeGeometry& geometry = set_.geometry;
  const Lock lock(mutex_);
  const std::pair wanted(volume, sources);
  if (!rebuilding_ || rebuilt_ != wanted) {
    rebuilding_ = std::make_shared<const BlockSums>(
        rebuilding_sum(geometry.members(geometry.group_of(volume)), geometry.parity, sources,
                       geometry.index_in_group(volume)));
    rebuilt_ = wanted;
  }
  return rebuilding_;
}

std::string VolumeReader::rebuild(std::uint32_t volume, std::uint64_t block) const {
  const VolumeGeometry& geometry = set_.geometry;
  const std::uint32_t group = geometry.group_of(volume);
  std::set<unsigned> bad{geometry.index_in_group(volume)};
  for (;;) {
    const std::vector<unsigned> sources = sources_for(volume, block, bad);
    const auto sum = sum_of(volume, sources);
    const std::uint64_t stripe = geometry.block_size(geometry.member(group, 0), block);
    std::vector<std::vector<std::byte>> block_bytes(1, std::vector<std::byte>(stripe));
    bool is_whole = true;
    for (unsigned i = 0; i < sources.size() && is_whole; ++i) {
      const std::uint32_t source = geometry.member(group, sources[i]);
      if (geometry.block_size(source, block) == 0) continue;  // zeros
      const auto bytes = read_block(source, block);
      is_whole = bytes.has_value();
      if (is_whole)
        sum->add(i, as_bytes(*bytes), block_bytes);
      else
        bad.insert(sources[i]);
    }
    if (is_whole)
      return std::string(
          as_text(ConstBytes(block_bytes[0]).first(geometry.block_size(volume, block))));
  }
}

void VolumeReader::report(std::uint32_t volume, const std::string& wrong) const {
  {
    const Lock lock(mutex_);
    if (!wrong_[volume].empty()) return;
    wrong_[volume] = wrong;
  }
  if (notice_ && set_.geometry.parity > 0)
    notice_(fmt::format("volume '{}' {}; its bytes are rebuilt from parity",
                        set_.volumes[volume].path.string(), wrong));
}

std::string VolumeReader::wrong_with(std::uint32_t volume) const {
  const Lock lock(mutex_);
  return wrong_[volume];
}

std::string VolumeReader::check(std::uint32_t volume) const {
  if (sums_of(volume))
    for (std::uint64_t block = 0; block < set_.geometry.blocks_of(volume); ++block)
      if (!read_block(volume, block)) break;
  return wrong_with(volume);
}

std::shared_ptr<const VolumeReader> find_volumes(const std::filesystem::path& path,
                                                 TellNotice notice) {
  auto set = find_volume_set(path);
  if (!set) return nullptr;
  return std::make_shared<const VolumeReader>(*std::move(set), std::move(notice));
}

}  // namespace tote::archive
