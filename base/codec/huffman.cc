#include "base/codec/huffman.h"

#include <algorithm>
#include <array>

namespace tote::deflate {
namespace {

constexpr unsigned kMaxLength = 15;

struct Leaf {
  std::uint32_t count;
  std::uint16_t symbol;
};

// One row of package-merge: leaves and pairs of the row before, merged by weight.
struct Row {
  std::vector<std::uint64_t> weights;
  std::vector<bool> is_leaf;
};

Row merge(const std::vector<Leaf>& leaves, const std::vector<std::uint64_t>& before) {
  Row row;
  const std::size_t packages = before.size() / 2;
  std::size_t leaf = 0;
  std::size_t package = 0;
  while (leaf < leaves.size() || package < packages) {
    const std::uint64_t weight =
        package < packages ? before[2 * package] + before[2 * package + 1] : UINT64_MAX;
    // A leaf goes first only if it is strictly lighter.
    const bool take_leaf = leaf < leaves.size() && leaves[leaf].count < weight;
    row.weights.push_back(take_leaf ? leaves[leaf].count : weight);
    row.is_leaf.push_back(take_leaf);
    take_leaf ? ++leaf : ++package;
  }
  return row;
}

// lengths[i] belongs to leaves[i].
std::vector<unsigned> package_merge(const std::vector<Leaf>& leaves, unsigned limit) {
  std::vector<Row> rows;
  rows.push_back(merge(leaves, {}));
  while (rows.size() < limit) rows.push_back(merge(leaves, rows.back().weights));

  std::vector<unsigned> lengths(leaves.size());
  std::size_t take = 2 * leaves.size() - 2;
  for (auto row = rows.rbegin(); row != rows.rend() && take > 0; ++row) {
    const auto taken = std::count(row->is_leaf.begin(),
                                  row->is_leaf.begin() + static_cast<std::ptrdiff_t>(take), true);
    for (std::size_t i = 0; i < static_cast<std::size_t>(taken); ++i) ++lengths[i];
    take = 2 * (take - static_cast<std::size_t>(taken));
  }
  return lengths;
}

std::uint16_t reversed(unsigned bits, unsigned length) {
  unsigned out = 0;
  for (unsigned i = 0; i < length; ++i) out |= ((bits >> i) & 1U) << (length - 1 - i);
  return static_cast<std::uint16_t>(out);
}

// Canonical codes: shorter first, then by symbol.
void assign_bits(std::vector<Code>& codes) {
  std::array<unsigned, kMaxLength + 2> next{};
  for (const Code& code : codes)
    if (code.length != 0) ++next[code.length + 1U];
  for (unsigned length = 1; length <= kMaxLength; ++length)
    next[length + 1] = (next[length] + next[length + 1]) << 1U;
  // next[length] is now the first code of that length.
  for (Code& code : codes)
    if (code.length != 0) code.bits = reversed(next[code.length]++, code.length);
}

}  // namespace

std::vector<Code> huffman_code(std::span<const std::uint32_t> counts, unsigned limit) {
  std::vector<Leaf> leaves;
  for (std::size_t i = 0; i < counts.size(); ++i)
    if (counts[i] != 0) leaves.push_back({counts[i], static_cast<std::uint16_t>(i)});
  std::stable_sort(leaves.begin(), leaves.end(),
                   [](const Leaf& a, const Leaf& b) { return a.count < b.count; });

  std::vector<Code> codes(counts.size());
  if (leaves.size() <= 2) {
    for (const Leaf& leaf : leaves) codes[leaf.symbol].length = 1;
  } else {
    limit = std::min(limit, static_cast<unsigned>(leaves.size() - 1));
    const std::vector<unsigned> lengths = package_merge(leaves, limit);
    for (std::size_t i = 0; i < leaves.size(); ++i)
      codes[leaves[i].symbol].length = static_cast<std::uint16_t>(lengths[i]);
  }
  assign_bits(codes);
  return codes;
}

}  // namespace tote::deflate
