// The layer encoder: zlib gives the input back, and pieces do not change the output.
#include "base/codec/gzip_writer.h"
#include "tests/fuzz/fuzz.h"

#include <zlib.h>

namespace {

std::string compress(std::string_view text, std::size_t piece,
                     tote::GzipThreads threads = tote::GzipThreads::kOne) {
  tote::StringSink out;
  tote::GzipWriter gzip(out, threads);
  for (std::size_t at = 0; at < text.size(); at += piece)
    gzip.write(tote::as_bytes(text.substr(at, piece)));
  gzip.finish();
  return out.text();
}

std::string inflate_all(std::string gzip, std::size_t size) {
  std::string out(size + 1, '\0');
  z_stream stream{};
  tote::fuzz::require(inflateInit2(&stream, 16 + MAX_WBITS) == Z_OK, "zlib starts");
  stream.next_in = reinterpret_cast<Bytef*>(gzip.data());
  stream.avail_in = static_cast<uInt>(gzip.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  tote::fuzz::require(inflate(&stream, Z_FINISH) == Z_STREAM_END, "zlib accepts the stream");
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using tote::fuzz::require;
  std::string text;
  if (size == 0) return 0;
  // The first byte says how often the rest is repeated, to get beyond one piece.
  for (int i = 0; i < 1 + data[0]; ++i) text += tote::fuzz::as_view(data + 1, size - 1);
  const std::string whole = compress(text, 1U << 20U);
  require(inflate_all(whole, text.size()) == text, "it comes back");
  // Other boundaries of what is written, which say themselves where they are.
  require(compress(text, 1 + size / 2) == whole, "pieces do not matter");
  require(compress(text, 1 + (data[0] * 257U + data[size - 1]) % 70'000U,
                   tote::GzipThreads::kTwo) == whole,
          "nor do threads");
  return 0;
}
