#include "base/codec/reed_solomon.h"

#include "base/error.h"

#include <isa-l/erasure_code.h>

namespace tote {
namespace {

constexpr std::size_t kTableSize = 32;  // of ISA-L, for one weight

// One row for each block: the data blocks themselves, then the parity blocks.
std::vector<std::uint8_t> matrix_of(unsigned data, unsigned parity) {
  std::vector<std::uint8_t> matrix(std::size_t{data + parity} * data);
  gf_gen_cauchy1_matrix(matrix.data(), static_cast<int>(data + parity), static_cast<int>(data));
  return matrix;
}

}  // namespace

BlockSums::BlockSums(unsigned blocks, unsigned sums, const std::vector<std::uint8_t>& weights)
    : blocks_(blocks), sums_(sums), tables_(kTableSize * blocks * sums) {
  std::vector<std::uint8_t> copy = weights;  // ISA-L's signatures know no const
  ec_init_tables(static_cast<int>(blocks), static_cast<int>(sums), copy.data(), tables_.data());
}

void BlockSums::add(unsigned index, ConstBytes block,
                    std::vector<std::vector<std::byte>>& sums) const {
  if (block.empty()) return;
  std::vector<unsigned char*> rows;
  rows.reserve(sums.size());
  for (std::vector<std::byte>& sum : sums)
    rows.push_back(reinterpret_cast<unsigned char*>(sum.data()));
  auto* tables = const_cast<unsigned char*>(tables_.data());
  auto* bytes = const_cast<unsigned char*>(reinterpret_cast<const unsigned char*>(block.data()));
  ec_encode_data_update(static_cast<int>(block.size()), static_cast<int>(blocks_),
                        static_cast<int>(sums_), static_cast<int>(index), tables, bytes,
                        rows.data());
}

BlockSums parity_sums(unsigned data, unsigned parity) {
  const std::vector<std::uint8_t> matrix = matrix_of(data, parity);
  return {data, parity, {matrix.begin() + std::ptrdiff_t{data} * data, matrix.end()}};
}

BlockSums rebuilding_sum(unsigned data, unsigned parity, const std::vector<unsigned>& sources,
                         unsigned wanted) {
  const std::vector<std::uint8_t> matrix = matrix_of(data, parity);
  std::vector<std::uint8_t> rows;
  for (const unsigned source : sources) {
    const auto row = matrix.begin() + std::ptrdiff_t{source} * data;
    rows.insert(rows.end(), row, row + data);
  }
  std::vector<std::uint8_t> inverse(rows.size());
  if (gf_invert_matrix(rows.data(), inverse.data(), static_cast<int>(data)) != 0)
    throw Error(ErrorKind::kInternal, "a matrix of Cauchy's can not be inverted");
  const auto row = inverse.begin() + std::ptrdiff_t{wanted} * data;
  return {data, 1, {row, row + data}};
}

}  // namespace tote
