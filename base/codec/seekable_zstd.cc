#include "base/codec/seekable_zstd.h"

#include "base/codec/zstd_frame.h"
#include "base/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

namespace tote {
namespace {

constexpr std::size_t kKept = 32U << 20U;  // bytes
// A frame of content that does not compress is a little larger than it; more is no frame of it.
constexpr std::uint32_t kMaxOverhead = 1U << 16U;

}  // namespace

SeekableZstd::SeekableZstd(ReaderPtr file, SeekTable table)
    : BlockReader(std::max<std::size_t>(4, kKept / table.frame_content())),
      file_(std::move(file)),
      table_(std::move(table)) {}

ReaderPtr SeekableZstd::try_open(ReaderPtr file) {
  auto table = SeekTable::read(*file);
  if (!table) return nullptr;
  return std::make_shared<const SeekableZstd>(std::move(file), *std::move(table));
}

BlockReader::Block SeekableZstd::block_at(std::uint64_t offset) const {
  const std::uint64_t number = offset / table_.frame_content();
  return {number, number * table_.frame_content(),
          table_.frame(static_cast<std::uint32_t>(number)).content};
}

std::string SeekableZstd::load(const Block& block) const {
  const Slots::Slot slot(unpacking_);
  const SeekTable::Frame frame = table_.frame(static_cast<std::uint32_t>(block.number));
  return while_doing(
      [&] { return fmt::format("{}: the frame at byte {}", file_->name(), frame.offset); },
      [&] {
        if (frame.size > frame.content + kMaxOverhead)
          throw Error(ErrorKind::kParse, "it is larger than any with so much content");
        std::string packed(frame.size, '\0');
        if (file_->read_at(std::as_writable_bytes(std::span(packed)), frame.offset) != frame.size)
          throw Error(ErrorKind::kIo, "the file has become shorter");
        std::string content(frame.content, '\0');
        decode_zstd_frame(as_bytes(packed), std::as_writable_bytes(std::span(content)));
        if (zstd_frame_checksum(as_bytes(packed)) != frame.checksum)
          throw Error(ErrorKind::kParse, "it has another checksum than the seek table says");
        return content;
      });
}

}  // namespace tote
