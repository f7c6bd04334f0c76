#include "base/hash.h"

#include "base/error.h"

#include <openssl/evp.h>

namespace tote {
namespace {

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};

// Only memory exhaustion or a broken OpenSSL installation end here.
void check(int result) {
  if (result != 1) throw Error(ErrorKind::kInternal, "OpenSSL could not compute a digest");
}

}  // namespace

struct Hasher::Impl {
  std::unique_ptr<EVP_MD_CTX, FreeContext> context{EVP_MD_CTX_new()};
};

std::size_t hash_size(HashAlgorithm algorithm) noexcept {
  return algorithm == HashAlgorithm::kSha256 ? 32 : 64;
}

Hasher::Hasher(HashAlgorithm algorithm) : algorithm_(algorithm), impl_(std::make_unique<Impl>()) {
  const EVP_MD* type = algorithm == HashAlgorithm::kSha256 ? EVP_sha256() : EVP_sha512();
  check(EVP_DigestInit_ex(impl_->context.get(), type, nullptr));
}
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;
Hasher::~Hasher() = default;

void Hasher::update(ConstBytes data) {
  check(EVP_DigestUpdate(impl_->context.get(), data.data(), data.size()));
}

std::vector<std::byte> Hasher::finish() {
  std::vector<std::byte> digest(hash_size(algorithm_));
  check(EVP_DigestFinal_ex(impl_->context.get(), reinterpret_cast<unsigned char*>(digest.data()),
                           nullptr));
  return digest;
}

std::string to_hex(ConstBytes bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  hex.reserve(bytes.size() * 2);
  for (const std::byte b : bytes) {
    hex += kDigits[std::to_integer<unsigned>(b) >> 4U];
    hex += kDigits[std::to_integer<unsigned>(b) & 15U];
  }
  return hex;
}

}  // namespace tote
