#include "base/codec/huffman.h"

#include <gtest/gtest.h>

#include <random>

namespace tote::deflate {
namespace {

// Kraft's sum in units of 2^-15.
std::uint32_t kraft(const std::vector<Code>& codes) {
  std::uint32_t sum = 0;
  for (const Code& code : codes)
    if (code.length > 0) sum += 1U << (15 - code.length);
  return sum;
}

TEST(HuffmanCode, GivesOneAndTwoSymbolsOneBitEach) {
  EXPECT_EQ(huffman_code(std::vector<std::uint32_t>{0, 5, 0}, 15)[1].length, 1);
  const auto two = huffman_code(std::vector<std::uint32_t>{9, 0, 1}, 15);
  EXPECT_EQ(two[0].length, 1);
  EXPECT_EQ(two[0].bits, 0);
  EXPECT_EQ(two[2].bits, 1);
}

TEST(HuffmanCode, NumbersCodesShorterFirstThenBySymbolAndReversesThem) {
  const auto codes = huffman_code(std::vector<std::uint32_t>{1, 1, 2, 4}, 15);
  EXPECT_EQ(codes[3].length, 1);
  EXPECT_EQ(codes[3].bits, 0);
  EXPECT_EQ(codes[2].length, 2);
  EXPECT_EQ(codes[2].bits, 0b01);   // "10" reversed
  EXPECT_EQ(codes[0].bits, 0b011);  // "110" reversed
  EXPECT_EQ(codes[1].bits, 0b111);
}

TEST(HuffmanCode, KeepsTheLimitForFibonacciCountsAndStaysComplete) {
  std::vector<std::uint32_t> counts = {1, 1};
  while (counts.size() < 30)
    counts.push_back(counts[counts.size() - 1] + counts[counts.size() - 2]);
  for (const unsigned limit : {7U, 15U}) {
    const auto codes = huffman_code(counts, limit);
    for (const Code& code : codes) EXPECT_LE(code.length, limit);
    EXPECT_EQ(kraft(codes), 1U << 15U) << "limit " << limit;
  }
}

TEST(HuffmanCode, IsCompleteForRandomCounts) {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    std::vector<std::uint32_t> counts(3 + random() % 283);
    for (std::uint32_t& count : counts)
      count = static_cast<std::uint32_t>(random() % 5 == 0 ? 0 : random() % 1000 + 1);
    counts[0] = counts[1] = counts[2] = 1;
    EXPECT_EQ(kraft(huffman_code(counts, 15)), 1U << 15U) << "round " << round;
  }
}

}  // namespace
}  // namespace tote::deflate
