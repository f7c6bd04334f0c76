#include "base/codec/deflate_block.h"

#include "base/codec/huffman.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <numeric>
#include <vector>

namespace tote::deflate {
namespace {

constexpr std::size_t kEndOfBlock = 256;
constexpr std::size_t kLiteralSymbols = 286;
constexpr std::size_t kDistanceSymbols = 30;
constexpr unsigned kLiteralLimit = 15;
constexpr unsigned kCodeLengthLimit = 7;
constexpr std::array<std::uint8_t, 19> kCodeLengthOrder = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                                           11, 4,  12, 3, 13, 2, 14, 1, 15};

// The symbol for a match length or distance, and the bits that follow it.
struct Split {
  std::uint16_t symbol;
  std::uint16_t extra_bits;
  std::uint16_t extra;
};

// RFC 1951, 3.2.5: groups of 4 (lengths) or 2 (distances) symbols share a number of extra bits.
constexpr Split split_value(unsigned value, unsigned group_bits) {
  const unsigned groups = 1U << group_bits;
  if (value < groups * 2) return {static_cast<std::uint16_t>(value), 0, 0};
  const auto top = static_cast<unsigned>(std::bit_width(value)) - 1;
  const unsigned extra_bits = top - group_bits;
  const unsigned symbol = (extra_bits << group_bits) + (value >> extra_bits);
  return {static_cast<std::uint16_t>(symbol), static_cast<std::uint16_t>(extra_bits),
          static_cast<std::uint16_t>(value & ((1U << extra_bits) - 1))};
}

constexpr std::array<Split, 259> kLengths = [] {
  std::array<Split, 259> table{};
  for (unsigned i = 3; i < 258; ++i) {
    table[i] = split_value(i - 3, 2);
    table[i].symbol = static_cast<std::uint16_t>(table[i].symbol + 257);
  }
  table[258] = {285, 0, 0};
  return table;
}();

Split split_distance(unsigned distance_minus_1) {
  return split_value(distance_minus_1, 1);
}

// Literals in four columns: the same byte twice in a row does not wait for itself.
struct Histogram {
  std::array<std::array<std::uint32_t, 256>, 4> bytes{};
  std::array<std::uint32_t, kLiteralSymbols> literals{};  // and lengths
  std::array<std::uint32_t, kDistanceSymbols> distances{};
  std::size_t tokens = 0;  // literals and matches

  void add_literals(ConstBytes run) {
    tokens += run.size();
    std::size_t i = 0;
    for (; i + 4 <= run.size(); i += 4) {
      ++bytes[0][std::to_integer<std::uint8_t>(run[i])];
      ++bytes[1][std::to_integer<std::uint8_t>(run[i + 1])];
      ++bytes[2][std::to_integer<std::uint8_t>(run[i + 2])];
      ++bytes[3][std::to_integer<std::uint8_t>(run[i + 3])];
    }
    for (; i < run.size(); ++i) ++bytes[i % 4][std::to_integer<std::uint8_t>(run[i])];
  }

  void add_match(const Sequence& match) {
    ++tokens;
    ++literals[kLengths[match.length].symbol];
    ++distances[split_distance(match.distance).symbol];
  }

  void finish() {
    for (const auto& column : bytes)
      for (std::size_t i = 0; i < column.size(); ++i) literals[i] += column[i];
    literals[kEndOfBlock] = 1;
  }
};

// Gives `to` what the sequences make of `piece`.
template <class To>
void add_sequences(ConstBytes piece, std::span<const Sequence> sequences, To& to) {
  std::size_t at = 0;
  for (const Sequence& sequence : sequences) {
    to.add_literals(piece.subspan(at, sequence.literals));
    if (sequence.length > 0) to.add_match(sequence);
    at += sequence.literals + std::size_t{sequence.length};
  }
}

Histogram count_symbols(ConstBytes piece, std::span<const Sequence> sequences) {
  Histogram counts;
  add_sequences(piece, sequences, counts);
  counts.finish();
  return counts;
}

std::size_t used_size(std::span<const std::uint32_t> counts) {
  std::size_t size = counts.size();
  while (size > 0 && counts[size - 1] == 0) --size;
  return size;
}

// One symbol of the code-length alphabet with what follows it (RFC 1951, 3.2.7).
struct Run {
  std::uint8_t symbol;
  std::uint8_t extra;
};

constexpr unsigned extra_bits_of(std::uint8_t symbol) {
  return symbol == 16 ? 2 : symbol == 17 ? 3 : symbol == 18 ? 7 : 0;
}

void append_zeros(std::size_t count, std::vector<Run>& runs) {
  for (; count >= 11; count -= std::min<std::size_t>(count, 138))
    runs.push_back({18, static_cast<std::uint8_t>(std::min<std::size_t>(count, 138) - 11)});
  if (count >= 3) {
    runs.push_back({17, static_cast<std::uint8_t>(count - 3)});
    count = 0;
  }
  runs.insert(runs.end(), count, {0, 0});
}

void append_repeats(std::uint8_t length, std::size_t count, std::vector<Run>& runs) {
  runs.push_back({length, 0});
  for (--count; count >= 3; count -= std::min<std::size_t>(count, 6))
    runs.push_back({16, static_cast<std::uint8_t>(std::min<std::size_t>(count, 6) - 3)});
  runs.insert(runs.end(), count, {length, 0});
}

// Literal and distance lengths are one sequence: a run may cross the border.
std::vector<Run> run_lengths(const std::vector<std::uint8_t>& lengths) {
  std::vector<Run> runs;
  for (std::size_t i = 0; i < lengths.size();) {
    std::size_t end = i;
    while (end < lengths.size() && lengths[end] == lengths[i]) ++end;
    lengths[i] == 0 ? append_zeros(end - i, runs) : append_repeats(lengths[i], end - i, runs);
    i = end;
  }
  return runs;
}

std::uint64_t code_size(std::span<const std::uint32_t> counts, const std::vector<Code>& codes) {
  return std::inner_product(counts.begin(), counts.end(), codes.begin(), std::uint64_t{0},
                            std::plus<>(),
                            [](std::uint64_t count, Code code) { return count * code.length; });
}

// Everything that a dynamic block says before its data.
class DynamicBlock {
 public:
  // `literals` and `distances` end with a used symbol.
  DynamicBlock(std::span<const std::uint32_t> literals, std::span<const std::uint32_t> distances)
      : literal_codes_(huffman_code(literals, kLiteralLimit)),
        distance_codes_(huffman_code(distances, kLiteralLimit)) {
    std::vector<std::uint8_t> lengths;
    for (const Code& code : literal_codes_)
      lengths.push_back(static_cast<std::uint8_t>(code.length));
    for (const Code& code : distance_codes_)
      lengths.push_back(static_cast<std::uint8_t>(code.length));
    runs_ = run_lengths(lengths);
    std::array<std::uint32_t, 19> counts{};
    for (const Run& run : runs_) ++counts[run.symbol];
    run_codes_ = huffman_code(counts, kCodeLengthLimit);
    run_codes_sent_ = kCodeLengthOrder.size();
    while (run_codes_sent_ > 4 && counts[kCodeLengthOrder[run_codes_sent_ - 1]] == 0)
      --run_codes_sent_;
    bits_ = 3 + 5 + 5 + 4 + 3 * run_codes_sent_ + code_size(counts, run_codes_) + 2 * counts[16] +
            3 * counts[17] + 7 * counts[18] + code_size(literals, literal_codes_) +
            code_size(distances, distance_codes_);
  }

  // Whether the piece is smaller as it is. The extra bits of matches are left out of the sum.
  bool worse_than_stored(std::size_t piece_size) const {
    return 8 * (piece_size + 5) < bits_ + bits_ / 16;
  }

  void write_header(BitWriter& out) const {
    out.put(0b100, 3);  // not final, dynamic codes
    out.put(literal_codes_.size() - 257, 5);
    out.put(distance_codes_.size() - 1, 5);
    out.put(run_codes_sent_ - 4, 4);
    for (std::size_t i = 0; i < run_codes_sent_; ++i)
      out.put(run_codes_[kCodeLengthOrder[i]].length, 3);
    for (const Run& run : runs_) {
      out.put(run_codes_[run.symbol].bits, run_codes_[run.symbol].length);
      out.put(run.extra, extra_bits_of(run.symbol));
    }
  }

  const std::vector<Code>& literal_codes() const noexcept { return literal_codes_; }
  const std::vector<Code>& distance_codes() const noexcept { return distance_codes_; }

 private:
  std::vector<Code> literal_codes_;
  std::vector<Code> distance_codes_;
  std::vector<Run> runs_;
  std::vector<Code> run_codes_;
  std::size_t run_codes_sent_;
  std::uint64_t bits_;
};

// A code with the bits that follow it.
struct WideCode {
  std::uint32_t bits;
  std::uint32_t length;
};

constexpr WideCode widen(const Code& code, const Split& split) {
  return {code.bits | std::uint32_t{split.extra} << code.length,
          std::uint32_t{code.length} + split.extra_bits};
}

// The data of a dynamic block. Of codes with at most 15 bits three literals, or one match with the
// bits that follow its codes, are what a cursor takes without a flush.
class DataWriter {
 public:
  DataWriter(const DynamicBlock& block, BitWriter& out)
      : out_(out), to_(out.cursor()), literals_(block.literal_codes()) {
    std::copy(block.distance_codes().begin(), block.distance_codes().end(), distances_.begin());
    for (unsigned length = 3; length < lengths_.size(); ++length)
      if (const Split split = kLengths[length]; split.symbol < literals_.size())
        lengths_[length] = widen(literals_[split.symbol], split);
  }

  void add_literals(ConstBytes run) {
    std::size_t i = 0;
    for (; i + 3 <= run.size(); i += 3) {
      add(std::to_integer<std::size_t>(run[i]));
      add(std::to_integer<std::size_t>(run[i + 1]));
      add(std::to_integer<std::size_t>(run[i + 2]));
      to_.flush();
    }
    for (; i < run.size(); ++i) add(std::to_integer<std::size_t>(run[i]));
    to_.flush();
  }

  void add_match(const Sequence& match) {
    const WideCode length = lengths_[match.length];
    to_.add(length.bits, length.length);
    const Split split = split_distance(match.distance);
    const WideCode distance = widen(distances_[split.symbol], split);
    to_.add(distance.bits, distance.length);
    to_.flush();
  }

  void finish() {
    add(kEndOfBlock);
    to_.flush();
    out_.resume(to_);
  }

 private:
  void add(std::size_t symbol) { to_.add(literals_[symbol].bits, literals_[symbol].length); }

  BitWriter& out_;
  BitCursor to_;
  std::span<const Code> literals_;
  std::array<Code, kDistanceSymbols> distances_{};
  std::array<WideCode, 259> lengths_{};
};

// Deflate wants one distance code even where no distance occurs.
constexpr std::array<std::uint32_t, 1> kNoDistances = {1};

}  // namespace

void BitWriter::reserve(std::size_t bytes) {
  const std::size_t used = this->bytes().size();
  buffer_.resize(std::max(buffer_.size(), used + bytes + sizeof(std::uint64_t)));
  cursor_.move_to(buffer_.data() + used);
}

void BitWriter::align() {
  cursor_.align();
  cursor_.flush();
}

void BitWriter::append(ConstBytes bytes) {
  std::memcpy(cursor_.at(), bytes.data(), bytes.size());
  cursor_.move_to(cursor_.at() + bytes.size());
}

void write_stored(BitWriter& out, ConstBytes piece, Final final) {
  out.reserve(kMaxBlock);
  out.put(final == Final::kYes ? 1 : 0, 3);
  out.align();
  out.put(piece.size() | (piece.size() ^ 0xFFFFU) << 16U, 32);
  if (!piece.empty()) out.append(piece);
}

void write_sequences(BitWriter& out, ConstBytes piece, std::span<const Sequence> sequences) {
  const Histogram counts = count_symbols(piece, sequences);
  if (counts.tokens > piece.size() - piece.size() / 16) return write_literals(out, piece);
  const std::size_t distances = used_size(counts.distances);
  const DynamicBlock block(std::span(counts.literals).first(used_size(counts.literals)),
                           distances == 0
                               ? std::span<const std::uint32_t>(kNoDistances)
                               : std::span<const std::uint32_t>(counts.distances).first(distances));
  if (block.worse_than_stored(piece.size())) return write_stored(out, piece, Final::kNo);
  out.reserve(kMaxBlock);
  block.write_header(out);
  DataWriter data(block, out);
  add_sequences(piece, sequences, data);
  data.finish();
}

void write_literals(BitWriter& out, ConstBytes piece) {
  Histogram counts;
  counts.add_literals(piece);
  counts.finish();
  const DynamicBlock block(std::span(counts.literals).first(kEndOfBlock + 1), kNoDistances);
  if (block.worse_than_stored(piece.size())) return write_stored(out, piece, Final::kNo);
  out.reserve(kMaxBlock);
  block.write_header(out);
  DataWriter data(block, out);
  data.add_literals(piece);
  data.finish();
}

}  // namespace tote::deflate
