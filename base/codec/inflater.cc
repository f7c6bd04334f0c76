#include "base/codec/inflater.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace tote::deflate {
namespace {

constexpr std::size_t kHistory = 32768;
constexpr std::size_t kLimit = kHistory + kStreamChunk;
constexpr std::size_t kOvershoot = 15;
// A round of decode() that was begun before the limit may end behind it.
constexpr std::size_t kSlack = 3 + 258 + kOvershoot;
constexpr unsigned kLiteralBits = 11;
constexpr unsigned kDistanceBits = 9;
constexpr unsigned kLengthBits = 7;
constexpr std::size_t kEndOfBlock = 256;
constexpr std::array<std::uint8_t, 19> kCodeLengthOrder = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                                           11, 4,  12, 3, 13, 2, 14, 1, 15};

using Incomplete = DecodeTable::Incomplete;

template <std::size_t kSize>
void copy_block(std::byte* to, const std::byte* from) {
  std::array<std::byte, kSize> block;
  std::memcpy(block.data(), from, kSize);
  std::memcpy(to, block.data(), kSize);
}

// May write up to kOvershoot bytes more. What a match repeats may begin with bytes that it makes
// itself. Most are short: sixteen bytes without a question are faster than four after one.
void copy_match(std::byte* to, std::size_t distance, std::size_t length) {
  const std::byte* from = to - distance;
  std::byte* const end = to + length;
  if (distance >= 16) {
    do {
      copy_block<16>(to, from);
      to += 16;
      from += 16;
    } while (to < end);
  } else if (distance >= 8) {
    for (; to < end; to += 8, from += 8) copy_block<8>(to, from);
  } else if (distance == 1) {
    std::memset(to, std::to_integer<int>(*from), length);
  } else {
    while (to < end) *to++ = *from++;
  }
}

// What decode() works with, as a whole in registers: nothing points to it.
struct Round {
  BitPosition in;
  std::byte* out;
  const Meaning* literals;
  std::uint64_t mask;

  Meaning look() const { return literals[in.held & mask]; }
  // Returns what comes next.
  Meaning put_literal(Meaning found) {
    *out++ = static_cast<std::byte>(value_of(found));
    in.drop(all_bits(found));
    return look();
  }
  std::size_t take(Meaning found) {
    const std::size_t value = value_in(found, in.held);
    in.drop(all_bits(found));
    return value;
  }
};

}  // namespace

Inflater::Inflater(BitReader& in) : in_(in), window_(kLimit + kSlack) {}

void Inflater::begin() {
  state_ = State::kBetweenBlocks;
  is_last_ = false;
  end_ = 0;
}

ConstBytes Inflater::next() {
  if (end_ > kHistory) {
    std::memmove(window_.data(), window_.data() + end_ - kHistory, kHistory);
    end_ = kHistory;
  }
  const std::size_t begin = end_;
  while (state_ != State::kEnd && end_ < kLimit) step();
  return {window_.data() + begin, end_ - begin};
}

void Inflater::step() {
  if (state_ == State::kStored) return copy_stored();
  if (state_ == State::kCodes) return decode();
  if (!is_last_) return read_block_header();
  in_.align();
  state_ = State::kEnd;
}

void Inflater::read_block_header() {
  is_last_ = in_.take(1) != 0;
  switch (in_.take(2)) {
    case 0:
      return read_stored_length();
    case 1:
      return use_fixed_codes();
    case 2:
      return read_codes();
    default:
      in_.fail();
  }
}

void Inflater::read_stored_length() {
  in_.align();
  const std::uint32_t length = in_.take(16);
  if (in_.take(16) != (length ^ 0xFFFFU)) in_.fail();
  in_.align();
  stored_left_ = length;
  state_ = length == 0 ? State::kBetweenBlocks : State::kStored;
}

void Inflater::copy_stored() {
  const std::size_t room = std::min(stored_left_, kLimit - end_);
  const std::size_t n = in_.take_some(MutableBytes(window_).subspan(end_, room));
  end_ += n;
  stored_left_ -= n;
  if (stored_left_ == 0) state_ = State::kBetweenBlocks;
}

// RFC 1951, 3.2.6.
void Inflater::use_fixed_codes() {
  std::array<std::uint8_t, 288> literals;
  std::fill(literals.begin(), literals.end(), std::uint8_t{8});
  std::fill(literals.begin() + 144, literals.begin() + 256, std::uint8_t{9});
  std::fill(literals.begin() + 256, literals.begin() + 280, std::uint8_t{7});
  std::array<std::uint8_t, 32> distances;
  distances.fill(5);
  build(literals, distances);
}

// RFC 1951, 3.2.7.
void Inflater::read_codes() {
  const std::size_t literals = in_.take(5) + 257;
  const std::size_t distances = in_.take(5) + 1;
  const std::size_t sent = in_.take(4) + 4;
  if (literals > 286 || distances > 30) in_.fail();
  std::array<std::uint8_t, 19> order{};
  for (std::size_t i = 0; i < sent; ++i)
    order[kCodeLengthOrder[i]] = static_cast<std::uint8_t>(in_.take(3));
  if (!literals_.build(order, plain_meanings(), kLengthBits, Incomplete::kNo)) in_.fail();
  std::array<std::uint8_t, 286 + 30> lengths{};
  const std::span both(lengths.data(), literals + distances);
  for (std::size_t at = 0; at < both.size();) at += read_lengths(at, both);
  if (lengths[kEndOfBlock] == 0) in_.fail();
  build(both.first(literals), both.subspan(literals));
}

// One length, or one that is repeated; returns how many.
std::size_t Inflater::read_lengths(std::size_t at, std::span<std::uint8_t> lengths) {
  in_.prepare();
  BitPosition position = in_.position();
  position.load();
  const Meaning found = literals_.find(position.held);
  if ((found & kLiteral) == 0) in_.fail();
  position.drop(all_bits(found));
  in_.resume(position);
  const unsigned symbol = value_of(found);
  if (symbol < 16) {
    lengths[at] = static_cast<std::uint8_t>(symbol);
    return 1;
  }
  if (symbol == 16 && at == 0) in_.fail();
  const std::size_t count = symbol == 16   ? 3 + in_.take(2)
                            : symbol == 17 ? 3 + in_.take(3)
                                           : 11 + in_.take(7);
  if (count > lengths.size() - at) in_.fail();
  const std::uint8_t repeated = symbol == 16 ? lengths[at - 1] : std::uint8_t{0};
  std::fill_n(lengths.begin() + static_cast<std::ptrdiff_t>(at), count, repeated);
  return count;
}

void Inflater::build(std::span<const std::uint8_t> literals,
                     std::span<const std::uint8_t> distances) {
  if (!literals_.build(literals, literal_meanings(), kLiteralBits, Incomplete::kSingle) ||
      !distances_.build(distances, distance_meanings(), kDistanceBits, Incomplete::kSingle))
    in_.fail();
  state_ = State::kCodes;
}

// A round takes at most three literals, or two and a match. Loaded are 56 bits or more: three
// literals of eleven and an index, or two and a length of 20, with what follows it; then once more
// for a distance of 28 and an index. What comes next is looked up before a match is copied, since
// that is waited for.
void Inflater::decode() {
  Round round{in_.position(), window_.data() + end_, literals_.first(), literals_.mask()};
  const std::byte* const limit = window_.data() + kLimit;
  const auto fail_if = [&](bool is_wrong) {
    if (!is_wrong) return;
    in_.resume(round.in);
    in_.fail();
  };
  const std::byte* safe = nullptr;  // up to here rounds may be begun
  Meaning found = 0;
  while (round.out < limit) {
    if (round.in.at >= safe) {
      in_.resume(round.in);
      in_.prepare();
      round.in = in_.position();
      // Near the end of the input each round is looked after.
      safe = std::max(round.in.at + 1, in_.end() - BitReader::kAhead);
      round.in.load();
      found = round.look();
    }
    if ((found & kLiteral) != 0) {
      found = round.put_literal(found);
      if ((found & kLiteral) != 0) found = round.put_literal(found);
      if ((found & kLiteral) != 0) {
        found = round.put_literal(found);
        round.in.load();
        continue;
      }
    }
    if ((found & kFurther) != 0) {
      found = literals_.further(found, round.in.held);
      if ((found & kLiteral) != 0) {
        found = round.put_literal(found);
        round.in.load();
        continue;
      }
    }
    if ((found & kOther) != 0) {
      round.in.drop(all_bits(found));
      fail_if(value_of(found) == 0);
      state_ = State::kBetweenBlocks;
      break;
    }
    const std::size_t length = round.take(found);
    round.in.load();
    const Meaning where = distances_.find(round.in.held);
    fail_if((where & kOther) != 0);
    const std::size_t distance = round.take(where);
    fail_if(distance > static_cast<std::size_t>(round.out - window_.data()));
    found = round.look();
    round.in.load();
    copy_match(round.out, distance, length);
    round.out += length;
  }
  in_.resume(round.in);
  in_.prepare();  // nothing of what was read behind the end is given out
  end_ = static_cast<std::size_t>(round.out - window_.data());
}

}  // namespace tote::deflate
