// Sprig's functions that encode, and sums of texts.
#include "base/error.h"
#include "base/text.h"
#include "template/base_n.h"
#include "template/sprig.h"
#include "template/sprig_convert.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>

namespace tote::go_template {
namespace {

std::string digest(const EVP_MD* algorithm, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned size = 0;
  if (EVP_Digest(text.data(), text.size(), bytes.data(), &size, algorithm, nullptr) != 1)
    throw Error(ErrorKind::kInternal, "OpenSSL can not compute a digest");
  std::string out;
  for (unsigned i = 0; i < size; ++i) out += fmt::format("{:02x}", bytes[i]);
  return out;
}

std::string adler32(std::string_view text) {
  constexpr std::uint32_t kModulus = 65521;
  std::uint32_t a = 1;
  std::uint32_t b = 0;
  for (const char c : text) {
    a = (a + static_cast<unsigned char>(c)) % kModulus;
    b = (b + a) % kModulus;
  }
  return std::to_string(b << 16U | a);
}

// What can not be read is answered with what is wrong with it.
template <class Decode>
FunctionPtr decoder(Decode decode) {
  return make_function([decode](std::string_view text) -> std::string {
    try {
      return decode(text);
    } catch (const Error& error) {
      return error.message();
    }
  });
}

}  // namespace

void add_encoding_functions(FunctionMap& all) {
  all["b64enc"] = make_function([](std::string_view text) { return base64_encode(text); });
  all["b32enc"] = make_function([](std::string_view text) { return encode_base32(text); });
  all["b64dec"] = decoder(decode_base64);
  all["b32dec"] = decoder(decode_base32);
  all["sha1sum"] = make_function([](std::string_view text) { return digest(EVP_sha1(), text); });
  all["sha256sum"] =
      make_function([](std::string_view text) { return digest(EVP_sha256(), text); });
  all["adler32sum"] = make_function(adler32);
}

}  // namespace tote::go_template
