#include "base/sha256_stream.h"

#include "base/hash.h"
#include "base/sha256_openssl.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <algorithm>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace tote {
namespace {

std::vector<std::byte> random_bytes(std::size_t size) {
  std::mt19937 random(static_cast<unsigned>(size));
  std::vector<std::byte> bytes(size);
  std::generate(bytes.begin(), bytes.end(), [&] { return static_cast<std::byte>(random()); });
  return bytes;
}

std::string by_openssl(ConstBytes data) {
  std::vector<std::byte> digest(32);
  EVP_Digest(data.data(), data.size(), reinterpret_cast<unsigned char*>(digest.data()), nullptr,
             EVP_sha256(), nullptr);
  return to_hex(digest);
}

// In pieces of up to `most` bytes.
std::string in_pieces(Sha256Combiner& combiner, ConstBytes data, std::size_t most, unsigned seed) {
  std::mt19937 random(seed);
  Sha256Stream stream(combiner);
  while (!data.empty()) {
    const std::size_t n = std::min<std::size_t>(data.size(), random() % (most + 1));
    stream.update(data.first(n));
    data = data.subspan(n);
  }
  return to_hex(stream.finish());
}

// A kernel that needs no instructions stands for those that this processor does not have.
std::vector<Sha256Kernel> all_kernels() {
  std::vector<Sha256Kernel> kernels(sha256_kernels().begin(), sha256_kernels().end());
  kernels.push_back({.name = "plain",
                     .lanes = 3,
                     .worth = 2,
                     .crowd = 2,
                     .run = [](std::span<const Sha256Lane> lanes, std::size_t blocks) noexcept {
                       for (const Sha256Lane& lane : lanes)
                         sha256_by_openssl(*lane.state, lane.data, blocks);
                     }});
  return kernels;
}

TEST(Sha256Stream, EndsMessagesOfEveryLengthAsOpenSslDoes) {
  Sha256Combiner combiner({.kernel = all_kernels().back(), .alone = sha256_by_openssl, .cores = 1});
  const auto data = random_bytes(4 * kSha256Block);
  for (std::size_t size = 0; size <= data.size(); ++size) {
    const ConstBytes message = std::span(data).first(size);
    EXPECT_EQ(in_pieces(combiner, message, size, 1), by_openssl(message)) << size;
    EXPECT_EQ(in_pieces(combiner, message, 3, 1), by_openssl(message)) << size;
  }
}

TEST(Sha256Stream, HashesManyMessagesAtATime) {
  constexpr std::size_t kThreads = 20;
  std::vector<std::vector<std::byte>> messages;
  for (std::size_t i = 0; i < kThreads; ++i) messages.push_back(random_bytes(1'000'000 + 7 * i));
  for (const Sha256Kernel& kernel : all_kernels()) {
    for (const std::size_t cores : {1U, 2U, 8U}) {
      Sha256Combiner combiner({.kernel = kernel, .alone = sha256_by_openssl, .cores = cores});
      std::vector<std::string> got(kThreads);
      std::vector<std::jthread> threads;
      for (unsigned i = 0; i < kThreads; ++i)
        threads.emplace_back(
            [&, i] { got[i] = in_pieces(combiner, messages[i], 30'000 * (1 + i % 8), i); });
      threads.clear();
      for (std::size_t i = 0; i < kThreads; ++i)
        EXPECT_EQ(got[i], by_openssl(messages[i])) << kernel.name << ", " << cores << " cores";
      EXPECT_EQ(combiner.present(), 0U);
    }
  }
}

}  // namespace
}  // namespace tote
