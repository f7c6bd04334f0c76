#include "base/codec/reed_solomon.h"

#include "tests/support/image_builder.h"

#include <gtest/gtest.h>

namespace tote {
namespace {

using Blocks = std::vector<std::vector<std::byte>>;

std::vector<std::byte> block_of(const std::string& text) {
  const ConstBytes bytes = as_bytes(text);
  return {bytes.begin(), bytes.end()};
}

Blocks with_parity(Blocks blocks, unsigned parity) {
  const auto data = static_cast<unsigned>(blocks.size());
  Blocks sums(parity, std::vector<std::byte>(blocks[0].size()));
  const BlockSums encoder = parity_sums(data, parity);
  for (unsigned i = 0; i < data; ++i) encoder.add(i, blocks[i], sums);
  blocks.insert(blocks.end(), sums.begin(), sums.end());
  return blocks;
}

// docs/formats.md, by hand: 1/((2 + j) xor i) in GF(2^8) with 0x11d: 1/2 is 0x8e, 1/3 is 0xf4.
TEST(ReedSolomon, AddsUpWhatTheFormatSays) {
  const Blocks blocks = with_parity({block_of("\x01"), block_of(std::string(1, '\0'))}, 2);
  EXPECT_EQ(std::to_integer<int>(blocks[2][0]), 0x8e);
  EXPECT_EQ(std::to_integer<int>(blocks[3][0]), 0xf4);
}

TEST(ReedSolomon, RebuildsEachBlockFromAnyAsManyAsThereWere) {
  constexpr unsigned kData = 4;
  constexpr unsigned kParity = 3;
  Blocks data;
  for (unsigned i = 0; i < kData; ++i) data.push_back(block_of(test::random_bytes(1000, i)));
  const Blocks blocks = with_parity(data, kParity);
  int rebuilt = 0;
  for (unsigned subset = 0; subset < 1U << (kData + kParity); ++subset) {
    std::vector<unsigned> sources;
    for (unsigned i = 0; i < kData + kParity; ++i)
      if ((subset >> i & 1U) != 0) sources.push_back(i);
    if (sources.size() != kData) continue;
    for (unsigned wanted = 0; wanted < kData; ++wanted) {
      const BlockSums sum = rebuilding_sum(kData, kParity, sources, wanted);
      Blocks out(1, std::vector<std::byte>(1000));
      for (unsigned i = 0; i < kData; ++i) sum.add(i, blocks[sources[i]], out);
      EXPECT_EQ(out[0], data[wanted]) << subset;
      ++rebuilt;
    }
  }
  EXPECT_EQ(rebuilt, 35 * 4);
}

TEST(ReedSolomon, WorksForAsManyBlocksAsAGroupMayHave) {
  Blocks data;
  for (unsigned i = 0; i < 200; ++i) data.push_back(block_of(test::random_bytes(64, i)));
  const Blocks blocks = with_parity(data, 50);
  std::vector<unsigned> sources;
  for (unsigned i = 50; i < 250; ++i) sources.push_back(i);
  const BlockSums sum = rebuilding_sum(200, 50, sources, 7);
  Blocks out(1, std::vector<std::byte>(64));
  for (unsigned i = 0; i < 200; ++i) sum.add(i, blocks[sources[i]], out);
  EXPECT_EQ(out[0], data[7]);
}

}  // namespace
}  // namespace tote
