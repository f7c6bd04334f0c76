#include "base/codec/zstd_writer.h"

#include "base/codec/decompressor.h"
#include "tests/support/image_builder.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace tote {
namespace {

constexpr std::size_t kFrame = 4U << 20U;

struct Collected final : Sink {
  void write(ConstBytes data) override { text.append(as_text(data)); }
  std::string text;
};

std::string pack(const std::string& content, std::size_t piece) {
  Collected out;
  ZstdWriter writer(out);
  for (std::size_t at = 0; at < content.size(); at += piece)
    writer.write(as_bytes(std::string_view(content).substr(at, piece)));
  writer.finish();
  return out.text;
}

class ZstdWriterSizes : public testing::TestWithParam<std::size_t> {};

TEST_P(ZstdWriterSizes, AreReadBackAndTheSameHoweverTheyAreCut) {
  const std::string content = test::random_bytes(GetParam(), 7);
  const std::string packed = pack(content, std::max<std::size_t>(content.size(), 1));
  BytesSource source{std::string_view(packed)};
  DecompressedSource unpacked(source);
  EXPECT_TRUE(read_all(unpacked, content.size() + 1, "what was packed") == content);
  for (const std::size_t piece : {std::size_t{100'003}, kFrame, kFrame + 1})
    EXPECT_TRUE(pack(content, piece) == packed) << piece;
}

INSTANTIATE_TEST_SUITE_P(Sizes, ZstdWriterSizes,
                         testing::Values(0, 1, kFrame - 1, kFrame, kFrame + 1, 2 * kFrame));

}  // namespace
}  // namespace tote
