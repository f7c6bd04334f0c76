// Where the frames of a zstd file begin: the table at its end, of zstd's "seekable format" 0.1.0
// (docs/formats.md, "Compressed archive").
#pragma once

#include "base/random_access.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tote {

// A file with more is not read in place, so that a table takes at most 16 MiB of memory.
inline constexpr std::uint32_t kMaxZstdFrames = 1U << 20U;
inline constexpr std::uint32_t kMaxSeekableFrame = 8U << 20U;  // bytes of content

// All frames hold the same number of bytes, but for the last, which may hold less.
class SeekTable {
 public:
  struct Frame {
    std::uint64_t offset;   // in the file
    std::uint32_t size;     // bytes there
    std::uint32_t content;  // bytes
    std::uint32_t checksum;
  };

  // REQUIRES: 0 < frame_content <= kMaxSeekableFrame
  explicit SeekTable(std::uint32_t frame_content) : frame_content_(frame_content), offsets_{0} {}

  // The one at the end of `file`. nullopt: it has none, or one by which it can not be read in
  // place: with frames of many sizes, too large or too many ones, without checksums, or with sizes
  // that do not make up the file. Error{kIo}.
  static std::optional<SeekTable> read(const RandomReader& file);

  // REQUIRES: all before it are full, and there are less than kMaxZstdFrames
  void add(std::uint32_t size, std::uint32_t content, std::uint32_t checksum);

  std::uint32_t frame_content() const noexcept { return frame_content_; }
  std::uint32_t frames() const noexcept { return static_cast<std::uint32_t>(checksums_.size()); }
  Frame frame(std::uint32_t number) const;
  std::uint64_t content_size() const noexcept { return content_size_; }
  std::uint64_t frames_size() const noexcept { return offsets_.back(); }  // in the file

  // As it stands in the file, behind the last frame.
  std::string encode() const;

 private:
  std::uint32_t frame_content_;
  std::uint64_t content_size_ = 0;
  std::vector<std::uint64_t> offsets_;  // of each frame, and of what is behind the last
  std::vector<std::uint32_t> checksums_;
};

}  // namespace tote
