#include "base/codec/seek_table.h"

#include <algorithm>
#include <span>

namespace tote {
namespace {

constexpr std::uint32_t kSkippable = 0x184D2A5E;
constexpr std::uint32_t kSeekable = 0x8F92EAB1;
constexpr std::size_t kHead = 8;
constexpr std::size_t kEntry = 12;  // with a checksum
constexpr std::size_t kFooter = 9;
constexpr std::size_t kDescriptorAt = 4;  // of the footer
constexpr std::size_t kMagicAt = 5;
constexpr char kChecksumFlag = '\x80';
constexpr char kReservedBits = '\x7c';

std::uint32_t number_at(std::string_view bytes, std::size_t at) {
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < 4; ++i)
    number |= std::uint32_t{static_cast<unsigned char>(bytes[at + i])} << (8 * i);
  return number;
}

void append(std::string& to, std::uint32_t number) {
  for (unsigned i = 0; i < 4; ++i)
    to += static_cast<char>(static_cast<unsigned char>(number >> (8 * i)));
}

// Up to the end of the file; nullopt: it is not as large.
std::optional<std::string> read_end(const RandomReader& file, std::uint64_t size) {
  if (file.size() < size) return std::nullopt;
  std::string bytes(size, '\0');
  if (file.read_at(std::as_writable_bytes(std::span(bytes)), file.size() - size) != size)
    return std::nullopt;
  return bytes;
}

std::optional<std::uint32_t> frames_of(std::string_view footer) {
  const char descriptor = footer[kDescriptorAt];
  const std::uint32_t frames = number_at(footer, 0);
  const bool is_known = number_at(footer, kMagicAt) == kSeekable &&
                        (descriptor & kChecksumFlag) != 0 && (descriptor & kReservedBits) == 0;
  if (!is_known || frames == 0 || frames > kMaxZstdFrames) return std::nullopt;
  return frames;
}

}  // namespace

std::optional<SeekTable> SeekTable::read(const RandomReader& file) {
  const auto footer = read_end(file, kFooter);
  const auto frames = footer ? frames_of(*footer) : std::nullopt;
  if (!frames) return std::nullopt;
  const std::uint64_t size = kHead + *frames * kEntry + kFooter;
  const auto bytes = read_end(file, size);
  if (!bytes || number_at(*bytes, 0) != kSkippable || number_at(*bytes, 4) != size - kHead)
    return std::nullopt;
  const std::uint32_t content = number_at(*bytes, kHead + 4);
  if (content == 0 || content > kMaxSeekableFrame) return std::nullopt;
  SeekTable table(content);
  for (std::uint32_t i = 0; i < *frames; ++i) {
    const std::size_t at = kHead + i * kEntry;
    const std::uint32_t in_frame = number_at(*bytes, at + 4);
    const bool is_last = i + 1 == *frames;
    if (in_frame == 0 || in_frame > content || (in_frame < content && !is_last))
      return std::nullopt;
    table.add(number_at(*bytes, at), in_frame, number_at(*bytes, at + 8));
  }
  if (table.frames_size() != file.size() - size) return std::nullopt;
  return table;
}

void SeekTable::add(std::uint32_t size, std::uint32_t content, std::uint32_t checksum) {
  offsets_.push_back(offsets_.back() + size);
  checksums_.push_back(checksum);
  content_size_ += content;
}

SeekTable::Frame SeekTable::frame(std::uint32_t number) const {
  const std::uint64_t before = std::uint64_t{number} * frame_content_;
  return {
      offsets_[number], static_cast<std::uint32_t>(offsets_[number + 1] - offsets_[number]),
      static_cast<std::uint32_t>(std::min<std::uint64_t>(frame_content_, content_size_ - before)),
      checksums_[number]};
}

std::string SeekTable::encode() const {
  std::string out;
  append(out, kSkippable);
  append(out, static_cast<std::uint32_t>(frames() * kEntry + kFooter));
  for (std::uint32_t i = 0; i < frames(); ++i) {
    const Frame entry = frame(i);
    append(out, entry.size);
    append(out, entry.content);
    append(out, entry.checksum);
  }
  append(out, frames());
  out += kChecksumFlag;
  append(out, kSeekable);
  return out;
}

}  // namespace tote
