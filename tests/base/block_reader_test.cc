#include "base/block_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace tote {
namespace {

// Text in blocks of three, which counts how often each is loaded.
class Threes final : public BlockReader {
 public:
  explicit Threes(std::string text) : BlockReader(2), text_(std::move(text)) {}
  const std::string& name() const noexcept override { return text_; }
  std::uint64_t size() const override { return text_.size(); }
  const std::vector<std::uint64_t>& loaded() const { return loaded_; }

  std::string read(std::uint64_t offset, std::size_t size) const {
    std::string out(size, '\0');
    out.resize(read_at(std::as_writable_bytes(std::span(out)), offset));
    return out;
  }

 private:
  Block block_at(std::uint64_t offset) const override {
    const std::uint64_t begin = offset / 3 * 3;
    return {offset / 3, begin, std::min<std::uint64_t>(3, size() - begin)};
  }
  std::string load(const Block& block) const override {
    loaded_.push_back(block.number);
    return text_.substr(block.begin, block.size);
  }

  const std::string text_;
  mutable std::vector<std::uint64_t> loaded_;
};

TEST(BlockReader, ReadsAcrossBlocksAndUpToTheEnd) {
  const Threes threes("0123456789");
  EXPECT_EQ(threes.read(0, 10), "0123456789");
  EXPECT_EQ(threes.read(2, 5), "23456");
  EXPECT_EQ(threes.read(8, 5), "89");
  EXPECT_EQ(threes.read(10, 5), "");
}

TEST(BlockReader, KeepsWhatWasUsedLast) {
  const Threes threes("0123456789");
  for (const std::uint64_t offset : {0U, 3U, 1U, 6U, 2U, 3U}) threes.read(offset, 1);
  EXPECT_EQ(threes.loaded(), (std::vector<std::uint64_t>{0, 1, 2, 1}));
}

}  // namespace
}  // namespace tote
