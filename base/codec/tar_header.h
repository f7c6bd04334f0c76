// Writing tar headers the way Go's archive/tar does, whose bytes are part of tote's contract:
// POSIX ustar where it fits, otherwise a pax or GNU extension before it (docs/formats.md).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tote {

inline constexpr std::uint64_t kTarBlock = 512;

enum class TarType : char { kFile = '0', kHardLink = '1', kDirectory = '5' };

// Times and device numbers are always zero.
struct TarHeader {
  std::string name;
  TarType type = TarType::kFile;
  std::uint64_t mode = 0;  // over 07777777 (a Go mode with flag bits) asks for the GNU form
  std::uint64_t size = 0;  // bytes of content
  std::string link_target = {};
  std::uint32_t user = 0;  // numeric; names are never written
  std::uint32_t group = 0;
};

// All header blocks of one entry; the content and its padding follow. Error{kUsage} for a name
// that no form can carry (one with a NUL byte).
std::string encode_tar_header(const TarHeader& header);

// Zeros between the content and the next block: 0..511.
std::uint64_t tar_padding(std::uint64_t size) noexcept;

// The two zero blocks at the end of an archive.
std::string_view tar_end() noexcept;

}  // namespace tote
