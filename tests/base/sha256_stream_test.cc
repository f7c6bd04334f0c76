#include "base/sha256_stream.h"

#include "base/hash.h"
#include "base/sha256_openssl.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <algorithm>
#include <deque>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace tote {
namespace {

constexpr std::size_t kLong = 1'800'000;  // bytes
constexpr std::size_t kMessages = 10;

// Of random bytes, the same ones in each message, but not at the same places.
ConstBytes message(std::size_t i) {
  static const std::vector<std::byte> kBytes = [] {
    std::vector<std::byte> bytes(kLong + 1000 * kMessages);
    std::mt19937 random(1);
    std::generate(bytes.begin(), bytes.end(), [&] { return static_cast<std::byte>(random()); });
    return bytes;
  }();
  return std::span(kBytes).subspan(i * 777, kLong + i * 7);
}

std::string by_openssl(ConstBytes data) {
  std::vector<std::byte> digest(32);
  EVP_Digest(data.data(), data.size(), reinterpret_cast<unsigned char*>(digest.data()), nullptr,
             EVP_sha256(), nullptr);
  return to_hex(digest);
}

// A message in random pieces.
class Pieces {
 public:
  Pieces(Sha256Combiner& combiner, ConstBytes data, std::size_t most)
      : stream_(combiner), left_(data), most_(most) {}

  // False: that was all.
  bool put_one() {
    if (left_.empty()) return false;
    const std::size_t n = std::min<std::size_t>(left_.size(), random_() % (most_ + 1));
    stream_.update(left_.first(n));
    left_ = left_.subspan(n);
    return true;
  }
  std::string finish() { return to_hex(stream_.finish()); }
  std::string run() {
    while (put_one()) continue;
    return finish();
  }

 private:
  Sha256Stream stream_;
  ConstBytes left_;
  std::size_t most_;
  std::mt19937 random_{1};
};

// A kernel that needs no instructions stands for those that this processor does not have.
Sha256Kernel plain_kernel() {
  return {.name = "plain",
          .lanes = 3,
          .worth = 2,
          .slowness = 1,
          .run = [](std::span<const Sha256Lane> lanes, std::size_t blocks) noexcept {
            for (const Sha256Lane& lane : lanes) sha256_by_openssl(*lane.state, lane.data, blocks);
          }};
}

class Sha256StreamTest : public testing::TestWithParam<std::string> {
 protected:
  Sha256StreamTest() {
    for (const Sha256Kernel& kernel : sha256_kernels())
      if (kernel.name == GetParam()) kernel_ = kernel;
  }
  void SetUp() override {
    if (kernel_.name != GetParam()) GTEST_SKIP() << "this processor has no " << GetParam();
  }

  Sha256Kernel kernel_ = plain_kernel();
  Sha256Combiner combiner_{{.kernel = kernel_, .alone = sha256_by_openssl, .cores = 1}};
};

TEST_P(Sha256StreamTest, HashesMessagesThatGrowInTurn) {
  std::deque<Pieces> all;
  for (std::size_t i = 0; i < kMessages; ++i)
    all.emplace_back(combiner_, message(i), 10'000 << (i % 6));
  bool is_more = true;
  while (is_more) {
    is_more = false;
    for (Pieces& one : all) is_more |= one.put_one();
  }
  for (std::size_t i = 0; i < kMessages; ++i) EXPECT_EQ(all[i].finish(), by_openssl(message(i)));
}

TEST_P(Sha256StreamTest, HashesMessagesOfManyThreads) {
  std::vector<std::string> got(kMessages);
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < kMessages; ++i)
    threads.emplace_back(
        [&, i] { got[i] = Pieces(combiner_, message(i), 10'000 << (i % 6)).run(); });
  threads.clear();
  for (std::size_t i = 0; i < kMessages; ++i) EXPECT_EQ(got[i], by_openssl(message(i)));
}

TEST_P(Sha256StreamTest, MayGoBeforeItsEnd) {
  for (int round = 0; round < 3; ++round) {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < kMessages; ++i)
      threads.emplace_back([&, i] {
        Pieces some(combiner_, message(i), 100'000);
        for (std::size_t pieces = 0; pieces < 20 + i; ++pieces) some.put_one();
      });
  }
  EXPECT_EQ(Pieces(combiner_, message(0), 100'000).run(), by_openssl(message(0)));
}

INSTANTIATE_TEST_SUITE_P(Kernels, Sha256StreamTest, testing::Values("avx512", "avx2", "plain"),
                         [](const auto& kernel) { return kernel.param; });

TEST(Sha256StreamEnd, IsThatOfOpenSslForEveryLength) {
  Sha256Combiner combiner({.kernel = plain_kernel(), .alone = sha256_by_openssl, .cores = 1});
  for (std::size_t size = 0; size <= 4 * kSha256Block; ++size) {
    const ConstBytes data = message(0).first(size);
    EXPECT_EQ(Pieces(combiner, data, size).run(), by_openssl(data)) << size;
    EXPECT_EQ(Pieces(combiner, data, 3).run(), by_openssl(data)) << size;
  }
}

}  // namespace
}  // namespace tote
