#include "base/codec/bit_reader.h"

#include "base/error.h"

#include <algorithm>
#include <bit>

namespace tote::deflate {

static_assert(std::endian::native == std::endian::little, "loads assume it");

BitReader::BitReader(Source& source)
    : source_(source),
      buffer_(kStreamChunk + 2 * kAhead),
      position_{.at = buffer_.data()},
      end_(buffer_.data()) {}

void BitReader::refill() {
  if (has_dropped_too_much()) fail();
  if (is_over_) return;
  // What is loaded and not dropped may be given back later, too.
  position_.at -= position_.count / 8;
  position_.count %= 8;
  auto left = static_cast<std::size_t>(end_ - position_.at);
  std::memmove(buffer_.data(), position_.at, left);
  position_.at = buffer_.data();
  while (left < kAhead && !is_over_) {
    const std::size_t n = source_.read_some(MutableBytes(buffer_).subspan(left, kStreamChunk));
    left += n;
    is_over_ = n == 0;
  }
  end_ = buffer_.data() + left;
  if (is_over_) std::memset(buffer_.data() + left, 0, buffer_.size() - left);
}

// Only at the end can more have been loaded than there was.
bool BitReader::has_dropped_too_much() const noexcept {
  return position_.at > end_ && static_cast<std::size_t>(position_.at - end_) * 8 > position_.count;
}

void BitReader::fail() const {
  throw Error(ErrorKind::kParse, has_dropped_too_much() ? "reading tar: truncated gzip input"
                                                        : "reading tar: gzip decompression failed");
}

std::uint32_t BitReader::take(unsigned count) {
  prepare();
  position_.load();
  const auto value = static_cast<std::uint32_t>(position_.peek(count));
  position_.drop(count);
  if (has_dropped_too_much()) fail();
  return value;
}

void BitReader::align() {
  position_.at -= position_.count / 8;
  position_.held = 0;
  position_.count = 0;
}

std::size_t BitReader::take_some(MutableBytes out) {
  prepare();
  const auto there = static_cast<std::size_t>(std::max<std::ptrdiff_t>(end_ - position_.at, 0));
  const std::size_t n = std::min(there, out.size());
  if (n == 0) throw Error(ErrorKind::kParse, "reading tar: truncated gzip input");
  std::memcpy(out.data(), position_.at, n);
  position_.at += n;
  return n;
}

ConstBytes BitReader::peek_bytes(std::size_t count) {
  prepare();
  const auto there = static_cast<std::size_t>(std::max<std::ptrdiff_t>(end_ - position_.at, 0));
  return {position_.at, std::min(there, count)};
}

}  // namespace tote::deflate
