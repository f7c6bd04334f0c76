// Messages that are hashed at the same time, cut anywhere: each has the digest that OpenSSL gives
// it, whoever its company is, and whether it ends or is dropped.
#include "base/hash.h"
#include "base/sha256_openssl.h"
#include "base/sha256_stream.h"
#include "tests/fuzz/fuzz.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <memory>
#include <random>
#include <vector>

namespace {

using namespace tote;

constexpr std::size_t kMostBytes = 3 << 20;  // of one input
constexpr std::size_t kMostMessages = 12;
constexpr std::size_t kUnit = 24;  // bytes: the largest piece is longer than what waits

const std::vector<std::byte>& content() {
  static const std::vector<std::byte> kContent = [] {
    std::vector<std::byte> bytes((1U << 16U) * kUnit);
    std::mt19937 random(1);
    std::generate(bytes.begin(), bytes.end(), [&] { return static_cast<std::byte>(random()); });
    return bytes;
  }();
  return kContent;
}

class Message {
 public:
  explicit Message(Sha256Combiner& combiner) : stream_(combiner) {
    fuzz::require(EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1, "OpenSSL begins");
  }

  void put(ConstBytes data) {
    stream_.update(data);
    EVP_DigestUpdate(context_.get(), data.data(), data.size());
  }
  void check() {
    std::array<unsigned char, 32> want{};
    EVP_DigestFinal_ex(context_.get(), want.data(), nullptr);
    fuzz::require(to_hex(stream_.finish()) == to_hex(std::as_bytes(std::span(want))),
                  "the digest is OpenSSL's");
  }

 private:
  Sha256Stream stream_;
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_{EVP_MD_CTX_new(),
                                                                   EVP_MD_CTX_free};
};

// Two numbers of 16 bits each: which message and what with it, and the length of a piece.
void run(Sha256Combiner& combiner, std::string_view input) {
  std::array<std::unique_ptr<Message>, kMostMessages> messages;
  std::size_t bytes = 0;
  const auto number = [&](std::size_t at) {
    return static_cast<unsigned char>(input[at]) * 256U + static_cast<unsigned char>(input[at + 1]);
  };
  for (std::size_t at = 0; at + 4 <= input.size() && bytes < kMostBytes; at += 4) {
    const std::size_t which = number(at);
    auto& message = messages[which % kMostMessages];
    if (!message) message = std::make_unique<Message>(combiner);
    const std::size_t length = number(at + 2) * kUnit + which % 29;
    bytes += length;
    message->put(std::span(content()).first(std::min(length, content().size())));
    if (which >= 0xf000) message->check();
    if (which >= 0xe000) message.reset();
  }
  for (const auto& message : messages)
    if (message) message->check();
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input = fuzz::as_view(data, size);
  for (const Sha256Kernel& kernel : sha256_kernels()) {
    Sha256Combiner combiner({.kernel = kernel, .alone = sha256_by_openssl, .cores = 1});
    run(combiner, input);
  }
  return 0;
}
