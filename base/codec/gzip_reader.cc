#include "base/codec/gzip_reader.h"

#include "base/error.h"

#include <zlib.h>

#include <algorithm>

namespace tote {
namespace {

constexpr std::uint32_t kHeaderCrc = 2;
constexpr std::uint32_t kExtra = 4;
constexpr std::uint32_t kName = 8;
constexpr std::uint32_t kComment = 16;
constexpr std::uint32_t kReserved = 0xE0;

std::uint32_t add_to_crc(std::uint32_t crc, ConstBytes bytes) {
  return static_cast<std::uint32_t>(
      ::crc32_z(crc, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

}  // namespace

std::size_t GzipReader::read_some(MutableBytes out) {
  while (rest_.empty() && state_ != State::kEnd) {
    if (state_ == State::kHeader) read_header();
    rest_ = inflater_.next();
    crc_ = add_to_crc(crc_, rest_);
    length_ += static_cast<std::uint32_t>(rest_.size());
    if (rest_.empty()) read_trailer();
  }
  const ConstBytes bytes = rest_.first(std::min(rest_.size(), out.size()));
  copy_bytes(bytes, out);
  rest_ = rest_.subspan(bytes.size());
  return bytes.size();
}

std::uint32_t GzipReader::take_header_byte() {
  const std::uint32_t value = in_.take(8);
  const auto byte = static_cast<std::byte>(value);
  header_crc_ = add_to_crc(header_crc_, {&byte, 1});
  return value;
}

void GzipReader::skip_header_text() {
  while (take_header_byte() != 0) {
  }
}

void GzipReader::read_header() {
  header_crc_ = 0;
  const bool is_gzip = take_header_byte() == 0x1F && take_header_byte() == 0x8B;
  const bool is_deflate = take_header_byte() == 8;
  const std::uint32_t flags = take_header_byte();
  if (!is_gzip || !is_deflate || (flags & kReserved) != 0) in_.fail();
  for (int i = 0; i < 6; ++i) take_header_byte();  // time, level, system
  if ((flags & kExtra) != 0) {
    const std::uint32_t low = take_header_byte();
    for (std::uint32_t left = low | take_header_byte() << 8U; left > 0; --left) take_header_byte();
  }
  if ((flags & kName) != 0) skip_header_text();
  if ((flags & kComment) != 0) skip_header_text();
  const std::uint32_t want = header_crc_ & 0xFFFFU;
  if ((flags & kHeaderCrc) != 0 && in_.take(16) != want) in_.fail();
  in_.align();
  inflater_.begin();
  crc_ = length_ = 0;
  state_ = State::kContent;
}

void GzipReader::read_trailer() {
  if (in_.take(32) != crc_ || in_.take(32) != length_)
    throw Error(ErrorKind::kParse, "reading tar: gzip content does not have its checksum");
  in_.align();
  state_ = is_member_next() ? State::kHeader : State::kEnd;
}

// As far as a header says so without a doubt: padding and other things are found behind members.
bool GzipReader::is_member_next() {
  const ConstBytes next = in_.peek_bytes(10);
  return next.size() == 10 && as_text(next).starts_with("\x1f\x8b\x08") &&
         (std::to_integer<std::uint32_t>(next[3]) & kReserved) == 0;
}

}  // namespace tote
