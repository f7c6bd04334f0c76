// EVP does not give its state away, so that a message could not move between it and the lanes.
// OpenSSL 3 deprecates the functions that do, but has them; nothing here is called where there are
// SHA instructions.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "base/sha256_openssl.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <algorithm>
#include <charconv>

namespace tote {
namespace {

constexpr unsigned kShaBit = 29;  // of CPUID.(EAX=7,ECX=0).EBX

}  // namespace

// The second number begins with that register (OPENSSL_ia32cap(3)).
bool names_sha_instructions(std::string_view settings) {
  constexpr std::string_view kBefore = ":0x";
  const std::size_t found = settings.find(kBefore);
  if (!settings.starts_with("OPENSSL_ia32cap=") || found == std::string_view::npos) return false;
  const std::string_view number = settings.substr(found + kBefore.size());
  std::uint64_t bits = 0;
  std::from_chars(number.data(), number.data() + number.size(), bits, 16);
  return (bits >> kShaBit & 1U) != 0;
}

bool openssl_has_sha_instructions() {
  const char* settings = ::OPENSSL_info(OPENSSL_INFO_CPU_SETTINGS);
  return settings != nullptr && names_sha_instructions(settings);
}

void sha256_by_openssl(Sha256State& state, const std::byte* data, std::size_t blocks) noexcept {
  SHA256_CTX context;
  ::SHA256_Init(&context);
  std::copy(state.begin(), state.end(), context.h);
  ::SHA256_Update(&context, data, blocks * kSha256Block);
  std::copy_n(context.h, state.size(), state.begin());
}

}  // namespace tote
