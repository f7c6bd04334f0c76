#include "testregistry/values/random_name.h"

#include "base/error.h"
#include "base/hash.h"

#include <openssl/rand.h>

#include <array>

namespace tote::testregistry {
namespace {

constexpr std::size_t kRandomBytes = 16;

}  // namespace

std::string random_name() {
  std::array<unsigned char, kRandomBytes> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
    throw Error(ErrorKind::kInternal, "no random bytes to be had");
  return to_hex(std::as_bytes(std::span(bytes)));
}

bool is_random_name(std::string_view name) noexcept {
  return name.size() == 2 * kRandomBytes &&
         name.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace tote::testregistry
