#include "base/hash.h"

#include "base/error.h"
#include "base/sha256_openssl.h"
#include "base/sha256_stream.h"

#include <openssl/evp.h>

#include <algorithm>
#include <thread>
#include <variant>

namespace tote {
namespace {

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};

// Only memory exhaustion or a broken OpenSSL installation end here.
void check(int result) {
  if (result != 1) throw Error(ErrorKind::kInternal, "OpenSSL could not compute a digest");
}

using Context = std::unique_ptr<EVP_MD_CTX, FreeContext>;

Context begin_by_openssl(HashAlgorithm algorithm) {
  Context context(EVP_MD_CTX_new());
  const EVP_MD* type = algorithm == HashAlgorithm::kSha256 ? EVP_sha256() : EVP_sha512();
  check(EVP_DigestInit_ex(context.get(), type, nullptr));
  return context;
}

std::unique_ptr<Sha256Combiner> make_combiner() {
  const auto kernels = sha256_kernels();
  if (kernels.empty() || openssl_has_sha_instructions()) return nullptr;
  return std::make_unique<Sha256Combiner>(
      Sha256Ways{.kernel = kernels.front(),
                 .alone = sha256_by_openssl,
                 .cores = std::max(1U, std::thread::hardware_concurrency())});
}

// Null where OpenSSL alone is faster.
Sha256Combiner* combiner() {
  static const std::unique_ptr<Sha256Combiner> kCombiner = make_combiner();
  return kCombiner.get();
}

}  // namespace

struct Hasher::Impl {
  explicit Impl(Context begun) : way(std::move(begun)) {}
  explicit Impl(Sha256Combiner& shared) : way(std::in_place_type<Sha256Stream>, shared) {}

  std::variant<Context, Sha256Stream> way;
};

std::size_t hash_size(HashAlgorithm algorithm) noexcept {
  return algorithm == HashAlgorithm::kSha256 ? 32 : 64;
}

Hasher::Hasher(HashAlgorithm algorithm) : algorithm_(algorithm) {
  Sha256Combiner* shared = algorithm == HashAlgorithm::kSha256 ? combiner() : nullptr;
  impl_ = shared != nullptr ? std::make_unique<Impl>(*shared)
                            : std::make_unique<Impl>(begin_by_openssl(algorithm));
}
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;
Hasher::~Hasher() = default;

void Hasher::update(ConstBytes data) {
  if (auto* stream = std::get_if<Sha256Stream>(&impl_->way))
    stream->update(data);
  else
    check(EVP_DigestUpdate(std::get<Context>(impl_->way).get(), data.data(), data.size()));
}

std::vector<std::byte> Hasher::finish() {
  if (auto* stream = std::get_if<Sha256Stream>(&impl_->way)) return stream->finish();
  std::vector<std::byte> digest(hash_size(algorithm_));
  check(EVP_DigestFinal_ex(std::get<Context>(impl_->way).get(),
                           reinterpret_cast<unsigned char*>(digest.data()), nullptr));
  return digest;
}

std::size_t sha256_lanes() {
  const Sha256Combiner* shared = combiner();
  return shared != nullptr ? shared->useful_lanes() : 1;
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
