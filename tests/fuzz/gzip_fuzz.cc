// Gzip, decoded: what zlib refuses is refused, what it takes comes out the same.
#include "base/codec/gzip_reader.h"
#include "tests/fuzz/fuzz.h"

#include <zlib.h>

#include <optional>
#include <string>
#include <vector>

namespace {

constexpr std::size_t kMost = 4U << 20U;

// One member; nothing if zlib refuses it.
std::optional<std::string> by_zlib(std::string packed, std::size_t& left) {
  z_stream stream{};
  tote::fuzz::require(inflateInit2(&stream, 16 + MAX_WBITS) == Z_OK, "zlib starts");
  stream.next_in = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_in = static_cast<uInt>(packed.size());
  std::string out(kMost, '\0');
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int result = inflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  left = stream.avail_in;
  inflateEnd(&stream);
  if (result != Z_STREAM_END) return std::nullopt;
  return out;
}

std::optional<std::string> by_us(std::string_view packed) {
  std::optional<std::string> out;
  tote::fuzz::allow_errors([&] {
    tote::BytesSource source(packed);
    tote::GzipReader gzip(source);
    std::string text;
    std::vector<std::byte> buffer(4096);
    while (const std::size_t n = gzip.read_some(buffer)) {
      if (text.size() + n > kMost) return;
      text += tote::as_text(tote::ConstBytes(buffer).first(n));
    }
    out = std::move(text);
  });
  return out;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string packed(tote::fuzz::as_view(data, size));
  std::size_t left = 0;
  const auto want = by_zlib(packed, left);
  const auto got = by_us(packed);
  // Zlib stops behind the first member, we do not.
  if (left == 0) tote::fuzz::require(got == want, "zlib says the same");
  return 0;
}
