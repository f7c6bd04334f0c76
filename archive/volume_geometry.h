// How an archive is cut into volumes (docs/formats.md): which bytes are in which, and which parity
// belongs to which. Volumes are numbered from 0: first those with data, in their order, then those
// with parity, group by group.
#pragma once

#include <cstdint>
#include <filesystem>

namespace tote::archive {

inline constexpr std::uint32_t kVolumeHeader = 512;  // bytes
inline constexpr std::uint32_t kVolumeBlock = 256U << 10U;
inline constexpr std::uint32_t kVolumeSum = 32;  // SHA-256 of a block
inline constexpr std::uint64_t kMinVolume = 4096;
inline constexpr std::uint32_t kMaxDataVolumes = 9999;
inline constexpr std::uint32_t kMaxGroup = 200;  // volumes with data
inline constexpr std::uint32_t kMaxParity = 50;  // for each group
inline constexpr std::uint64_t kMaxArchive = std::uint64_t{1} << 50U;

struct VolumeGeometry {
  std::uint64_t archive_size = 0;
  std::uint64_t payload = 0;  // of the archive in each volume with data but the last, in bytes
  std::uint32_t data = 0;     // volumes
  std::uint32_t parity = 0;   // volumes for each group

  // For files of at most `volume_size` bytes. Error{kUsage} if that makes too many or is too small.
  static VolumeGeometry plan(std::uint64_t archive_size, std::uint64_t volume_size,
                             std::uint32_t parity);
  // Whether plan() could have made it.
  bool is_possible() const noexcept;

  std::uint32_t groups() const noexcept { return (data + kMaxGroup - 1) / kMaxGroup; }
  std::uint32_t volumes() const noexcept { return data + groups() * parity; }
  bool is_parity(std::uint32_t volume) const noexcept { return volume >= data; }
  // Neighbours are in different groups: what is lost together is often side by side.
  std::uint32_t group_of(std::uint32_t volume) const noexcept;
  // How many volumes with data are in it.
  std::uint32_t members(std::uint32_t group) const noexcept;
  // The `index`th block of a stripe of that group: first those with data, then parity.
  std::uint32_t member(std::uint32_t group, std::uint32_t index) const noexcept;
  std::uint32_t index_in_group(std::uint32_t volume) const noexcept;

  // Without header and sums, and how many blocks that is.
  std::uint64_t payload_of(std::uint32_t volume) const noexcept;
  std::uint64_t blocks_of(std::uint32_t volume) const noexcept;
  // 0: there is no such block.
  std::uint64_t block_size(std::uint32_t volume, std::uint64_t block) const noexcept;
  std::uint64_t file_size(std::uint32_t volume) const noexcept;

  // "FILE.001", "FILE.p01".
  std::filesystem::path name(const std::filesystem::path& file, std::uint32_t volume) const;

  friend bool operator==(const VolumeGeometry&, const VolumeGeometry&) = default;
};

// Where a block of a volume's payload begins in its file.
constexpr std::uint64_t block_offset(std::uint64_t block) noexcept {
  return kVolumeHeader + block * kVolumeBlock;
}

}  // namespace tote::archive
