#include "base/codec/gzip_reader.h"

#include "base/error.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <isa-l/igzip_lib.h>

namespace tote {
namespace {

constexpr std::uint32_t kHeaderCrc = 2;
constexpr std::uint32_t kExtra = 4;
constexpr std::uint32_t kName = 8;
constexpr std::uint32_t kComment = 16;
constexpr std::uint32_t kReserved = 0xE0;

// In front of what was read, for what the decoder took too much and gives back, at most a word of
// it.
constexpr std::size_t kHeadroom = sizeof(inflate_state::read_in);
constexpr std::size_t kMostAtOnce = 1U << 30U;  // its sizes are of 32 bits

std::uint32_t add_to_crc(std::uint32_t crc, ConstBytes bytes) {
  return static_cast<std::uint32_t>(
      ::crc32_z(crc, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

[[noreturn]] void fail() {
  throw Error(ErrorKind::kParse, "reading tar: gzip decompression failed");
}

[[noreturn]] void fail_truncated() {
  throw Error(ErrorKind::kParse, "reading tar: truncated gzip input");
}

std::uint8_t* as_octets(const std::byte* bytes) {
  return reinterpret_cast<std::uint8_t*>(const_cast<std::byte*>(bytes));
}

}  // namespace

struct GzipReader::Inflate {
  inflate_state state;
};

GzipReader::GzipReader(Source& source)
    : source_(source), buffer_(kHeadroom + kStreamChunk), inflate_(std::make_unique<Inflate>()) {}

GzipReader::~GzipReader() = default;

std::size_t GzipReader::read_some(MutableBytes out) {
  while (state_ != State::kEnd && !out.empty()) {
    if (state_ == State::kTrailer) {
      read_trailer();
      continue;
    }
    if (state_ == State::kHeader) read_header();
    const std::size_t size = inflate(out.first(std::min(out.size(), kMostAtOnce)));
    crc_ = add_to_crc(crc_, out.first(size));
    length_ += static_cast<std::uint32_t>(size);
    if (inflate_->state.block_state == ISAL_BLOCK_FINISH) state_ = State::kTrailer;
    if (size > 0) return size;
  }
  return 0;
}

// False at the end of the source.
bool GzipReader::refill() {
  const MutableBytes room = std::span(buffer_).subspan(kHeadroom);
  unread_ = room.first(source_.read_some(room));
  return !unread_.empty();
}

// 0: the member ends here.
std::size_t GzipReader::inflate(MutableBytes out) {
  inflate_state& state = inflate_->state;
  state.next_out = as_octets(out.data());
  state.avail_out = static_cast<std::uint32_t>(out.size());
  while (state.avail_out == out.size() && state.block_state != ISAL_BLOCK_FINISH) {
    const bool is_end = unread_.empty() && !refill();
    state.next_in = as_octets(unread_.data());
    state.avail_in = static_cast<std::uint32_t>(unread_.size());
    if (::isal_inflate(&state) != ISAL_DECOMP_OK) fail();
    unread_ = unread_.last(state.avail_in);
    const bool has_come_on = state.avail_out < out.size() || state.block_state == ISAL_BLOCK_FINISH;
    if (is_end && !has_come_on) fail_truncated();
  }
  if (state.block_state == ISAL_BLOCK_FINISH) take_back_unused();
  return out.size() - state.avail_out;
}

// Whole bytes behind the stream that it has taken into its word of bits.
void GzipReader::take_back_unused() {
  inflate_state& state = inflate_->state;
  const int bits = std::max(state.read_in_length, 0);
  const auto count = static_cast<std::size_t>(bits / 8);
  std::uint64_t word = state.read_in >> static_cast<unsigned>(bits % 8);
  std::byte* first = buffer_.data() + (unread_.data() - buffer_.data()) - count;
  for (std::size_t i = 0; i < count; ++i, word >>= 8U)
    first[i] = static_cast<std::byte>(word & 0xFFU);
  unread_ = {first, unread_.size() + count};
  state.read_in_length = 0;
}

std::uint32_t GzipReader::take_byte() {
  if (unread_.empty() && !refill()) fail_truncated();
  const auto byte = std::to_integer<std::uint32_t>(unread_.front());
  unread_ = unread_.subspan(1);
  return byte;
}

std::uint32_t GzipReader::take_header_byte() {
  const std::uint32_t value = take_byte();
  const auto byte = static_cast<std::byte>(value);
  header_crc_ = add_to_crc(header_crc_, {&byte, 1});
  return value;
}

// Of four bytes, the lowest first.
std::uint32_t GzipReader::take_number() {
  std::uint32_t number = 0;
  for (unsigned shift = 0; shift < 32; shift += 8) number |= take_byte() << shift;
  return number;
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
  if (!is_gzip || !is_deflate || (flags & kReserved) != 0) fail();
  for (int i = 0; i < 6; ++i) take_header_byte();  // time, level, system
  if ((flags & kExtra) != 0) {
    const std::uint32_t low = take_header_byte();
    for (std::uint32_t left = low | take_header_byte() << 8U; left > 0; --left) take_header_byte();
  }
  if ((flags & kName) != 0) skip_header_text();
  if ((flags & kComment) != 0) skip_header_text();
  if ((flags & kHeaderCrc) != 0) {
    const std::uint32_t want = header_crc_ & 0xFFFFU;
    const std::uint32_t low = take_byte();
    if ((low | take_byte() << 8U) != want) fail();
  }
  ::isal_inflate_init(&inflate_->state);
  inflate_->state.crc_flag = ISAL_DEFLATE;
  crc_ = length_ = 0;
  state_ = State::kContent;
}

void GzipReader::read_trailer() {
  const bool is_right = take_number() == crc_ && take_number() == length_;
  if (!is_right)
    throw Error(ErrorKind::kParse, "reading tar: gzip content does not have its checksum");
  state_ = is_member_next() ? State::kHeader : State::kEnd;
}

// As far as a header says so without a doubt: padding and other things are found behind members.
bool GzipReader::is_member_next() {
  constexpr std::size_t kHeader = 10;
  if (unread_.size() < kHeader) {
    // To the front, to have them together.
    const MutableBytes room = std::span(buffer_).subspan(kHeadroom);
    std::copy(unread_.begin(), unread_.end(), room.begin());
    const std::size_t more =
        read_full(source_, room.subspan(unread_.size(), kHeader - unread_.size()));
    unread_ = room.first(unread_.size() + more);
  }
  return unread_.size() >= kHeader && as_text(unread_).starts_with("\x1f\x8b\x08") &&
         (std::to_integer<std::uint32_t>(unread_[3]) & kReserved) == 0;
}

}  // namespace tote
