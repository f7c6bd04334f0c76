#include "base/public_key.h"

#include "base/error.h"
#include "base/text.h"

#include <fmt/format.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

namespace tote {
namespace {

constexpr int kLeastRsaBits = 2048;
constexpr int kMostRsaBits = 16384;

struct Free {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

// What OpenSSL complains of is an answer here, and must not be found by whoever looks at this
// thread's errors next.
class ErrorsForgotten {
 public:
  ErrorsForgotten() { ERR_set_mark(); }
  ErrorsForgotten(const ErrorsForgotten&) = delete;
  ErrorsForgotten& operator=(const ErrorsForgotten&) = delete;
  ~ErrorsForgotten() { ERR_pop_to_mark(); }
};

const unsigned char* data_of(ConstBytes bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

std::string curve_of(const EVP_PKEY* key) {
  std::array<char, 64> name{};
  std::size_t length = 0;
  if (EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, name.data(), name.size(),
                                     &length) != 1)
    return {};
  return {name.data(), length};
}

// The hash that is as strong as a curve; nullptr for curves that are not taken.
const EVP_MD* hash_of_curve(const std::string& curve) {
  if (curve == "prime256v1") return EVP_sha256();
  if (curve == "secp384r1") return EVP_sha384();
  if (curve == "secp521r1") return EVP_sha512();
  return nullptr;
}

bool verify(EVP_PKEY* key, const EVP_MD* hash, ConstBytes message, ConstBytes signature) {
  const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
  return context && EVP_DigestVerifyInit(context.get(), nullptr, hash, nullptr, key) == 1 &&
         EVP_DigestVerify(context.get(), data_of(signature), signature.size(), data_of(message),
                          message.size()) == 1;
}

// What stands between the next two lines that say so; nullopt: there are no more.
std::optional<std::string_view> take_block(std::string_view& pem) {
  constexpr std::string_view kBegin = "-----BEGIN PUBLIC KEY-----";
  const std::size_t begin = pem.find(kBegin);
  if (begin == std::string_view::npos) return std::nullopt;
  pem.remove_prefix(begin + kBegin.size());
  const std::size_t end = pem.find("-----END PUBLIC KEY-----");
  const std::string_view block = pem.substr(0, end);
  pem.remove_prefix(block.size());
  return block;
}

// Throws std::string: why it is none.
Owned<EVP_PKEY> decode(std::string_view block) {
  std::string text(block);
  std::erase_if(text, [](char c) { return c == '\n' || c == '\r' || c == ' ' || c == '\t'; });
  const std::optional<std::string> der = base64_decode(text);
  const unsigned char* next = der ? data_of(as_bytes(*der)) : nullptr;
  const unsigned char* end = der ? next + der->size() : nullptr;
  Owned<EVP_PKEY> key(der ? d2i_PUBKEY(nullptr, &next, static_cast<long>(der->size())) : nullptr);
  if (!key || next != end) throw std::string("its public key can not be read");
  return key;
}

std::string hint_for(std::string_view pem) {
  if (pem.find("PRIVATE KEY-----") != std::string_view::npos)
    return "it is a private key: name the file with the public one, such as cosign.pub";
  if (pem.find("CERTIFICATE-----") != std::string_view::npos)
    return "it is a certificate: 'openssl x509 -pubkey -noout -in FILE' prints its key";
  return "it begins with -----BEGIN PUBLIC KEY-----, like the cosign.pub that cosign "
         "generate-key-pair writes";
}

}  // namespace

struct PublicKey::Impl {
  Owned<EVP_PKEY> key;
  KeyKind kind;
  const EVP_MD* strong_hash;  // of its curve; nullptr if it is not ECDSA

  // Throws std::string: why it is not taken.
  static Impl of(Owned<EVP_PKEY> key) {
    switch (EVP_PKEY_get_base_id(key.get())) {
      case EVP_PKEY_EC: {
        const std::string curve = curve_of(key.get());
        const EVP_MD* hash = hash_of_curve(curve);
        if (hash == nullptr) throw fmt::format("keys on the curve '{}' are not supported", curve);
        return {std::move(key), KeyKind::kEcdsa, hash};
      }
      case EVP_PKEY_RSA: {
        const int bits = EVP_PKEY_get_bits(key.get());
        if (bits < kLeastRsaBits || bits > kMostRsaBits)
          throw fmt::format("RSA keys have {} to {} bits, this one {}", kLeastRsaBits, kMostRsaBits,
                            bits);
        return {std::move(key), KeyKind::kRsa, nullptr};
      }
      case EVP_PKEY_ED25519:
        return {std::move(key), KeyKind::kEd25519, nullptr};
      default:
        throw std::string("keys of this kind are not supported: ECDSA, RSA and Ed25519 are");
    }
  }
};

std::vector<PublicKey> PublicKey::parse_pem(std::string_view pem, std::string_view what) {
  const ErrorsForgotten errors;
  const auto refuse = [&](const std::string& why) {
    return Error(ErrorKind::kParse, fmt::format("{}: {}", what, why));
  };
  std::vector<PublicKey> keys;
  for (std::string_view rest = pem; const auto block = take_block(rest);) {
    try {
      keys.push_back(PublicKey(std::make_shared<const Impl>(Impl::of(decode(*block)))));
    } catch (const std::string& why) {
      throw refuse(why);
    }
  }
  if (keys.empty()) throw refuse("it holds no public key").with_hint(hint_for(pem));
  return keys;
}

KeyKind PublicKey::kind() const noexcept {
  return impl_->kind;
}

bool PublicKey::verifies(ConstBytes message, ConstBytes signature) const {
  const ErrorsForgotten errors;
  EVP_PKEY* key = impl_->key.get();
  switch (impl_->kind) {
    case KeyKind::kEcdsa:
      return verify(key, EVP_sha256(), message, signature) ||
             (impl_->strong_hash != EVP_sha256() &&
              verify(key, impl_->strong_hash, message, signature));
    case KeyKind::kRsa:
      return verify(key, EVP_sha256(), message, signature);
    case KeyKind::kEd25519:
      return verify(key, nullptr, message, signature);
  }
  return false;
}

}  // namespace tote
