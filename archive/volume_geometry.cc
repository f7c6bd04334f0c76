#include "archive/volume_geometry.h"

#include "base/error.h"

#include <fmt/format.h>

#include <algorithm>

namespace tote::archive {
namespace {

std::uint64_t divided_up(std::uint64_t number, std::uint64_t by) {
  return (number + by - 1) / by;
}

// What fits into a file beside header and sums.
std::uint64_t payload_in(std::uint64_t volume_size) {
  const std::uint64_t room = volume_size - kVolumeHeader;
  const std::uint64_t blocks = room / (kVolumeBlock + kVolumeSum);
  const std::uint64_t rest = room - blocks * (kVolumeBlock + kVolumeSum);
  return blocks * kVolumeBlock + (rest > kVolumeSum ? rest - kVolumeSum : 0);
}

[[noreturn]] void refuse(std::string text) {
  throw Error(ErrorKind::kUsage, std::move(text));
}

}  // namespace

VolumeGeometry VolumeGeometry::plan(std::uint64_t archive_size, std::uint64_t volume_size,
                                    std::uint32_t parity) {
  if (volume_size < kMinVolume)
    refuse(fmt::format("Expected volumes of at least {} bytes, got {}", kMinVolume, volume_size));
  if (parity > kMaxParity)
    refuse(fmt::format("Expected at most {} volumes of parity, got {}", kMaxParity, parity));
  if (archive_size == 0) refuse("Expected something to split: it is empty");
  const std::uint64_t payload = payload_in(volume_size);
  const std::uint64_t data = divided_up(archive_size, payload);
  if (data > kMaxDataVolumes || archive_size > kMaxArchive)
    refuse(fmt::format("{} bytes in volumes of {} are {} volumes, more than {}", archive_size,
                       volume_size, data, kMaxDataVolumes));
  return {archive_size, payload, static_cast<std::uint32_t>(data), parity};
}

bool VolumeGeometry::is_possible() const noexcept {
  return archive_size > 0 && archive_size <= kMaxArchive && payload > 0 &&
         payload <= 2 * kMaxArchive && parity <= kMaxParity && data <= kMaxDataVolumes &&
         divided_up(archive_size, payload) == data;
}

std::uint32_t VolumeGeometry::group_of(std::uint32_t volume) const noexcept {
  return is_parity(volume) ? (volume - data) / parity : volume % groups();
}

std::uint32_t VolumeGeometry::members(std::uint32_t group) const noexcept {
  return (data - group + groups() - 1) / groups();
}

std::uint32_t VolumeGeometry::member(std::uint32_t group, std::uint32_t index) const noexcept {
  const std::uint32_t with_data = members(group);
  if (index < with_data) return index * groups() + group;
  return data + group * parity + (index - with_data);
}

std::uint32_t VolumeGeometry::index_in_group(std::uint32_t volume) const noexcept {
  if (!is_parity(volume)) return volume / groups();
  return members(group_of(volume)) + (volume - data) % parity;
}

std::uint64_t VolumeGeometry::payload_of(std::uint32_t volume) const noexcept {
  if (is_parity(volume)) return std::min(payload, archive_size);
  return std::min(payload, archive_size - payload * volume);
}

std::uint64_t VolumeGeometry::blocks_of(std::uint32_t volume) const noexcept {
  return divided_up(payload_of(volume), kVolumeBlock);
}

std::uint64_t VolumeGeometry::block_size(std::uint32_t volume, std::uint64_t block) const noexcept {
  const std::uint64_t size = payload_of(volume);
  if (block * kVolumeBlock >= size) return 0;
  return std::min<std::uint64_t>(kVolumeBlock, size - block * kVolumeBlock);
}

std::uint64_t VolumeGeometry::file_size(std::uint32_t volume) const noexcept {
  return kVolumeHeader + payload_of(volume) + blocks_of(volume) * kVolumeSum;
}

std::filesystem::path VolumeGeometry::name(const std::filesystem::path& file,
                                           std::uint32_t volume) const {
  if (is_parity(volume)) return fmt::format("{}.p{:02}", file.string(), volume - data + 1);
  return fmt::format("{}.{:03}", file.string(), volume + 1);
}

}  // namespace tote::archive
