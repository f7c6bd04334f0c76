#include "base/codec/gzip_writer.h"
#include "base/error.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <random>

namespace tote {
namespace {

std::string compress(const std::string& text, std::size_t write_size = SIZE_MAX,
                     GzipThreads threads = GzipThreads::kOne) {
  StringSink out;
  GzipWriter gzip(out, threads);
  for (std::size_t at = 0; at < text.size(); at += std::min(write_size, text.size() - at))
    gzip.write(as_bytes(std::string_view(text).substr(at, write_size)));
  gzip.finish();
  return out.text();
}

std::string inflate_all(const std::string& gzip) {
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, 16 + MAX_WBITS), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(gzip.data()));
  stream.avail_in = static_cast<uInt>(gzip.size());
  std::string out;
  std::string chunk(1 << 20, '\0');
  int result = Z_OK;
  while (result == Z_OK) {
    stream.next_out = reinterpret_cast<Bytef*>(chunk.data());
    stream.avail_out = static_cast<uInt>(chunk.size());
    result = inflate(&stream, Z_NO_FLUSH);
    out.append(chunk, 0, chunk.size() - stream.avail_out);
  }
  EXPECT_EQ(result, Z_STREAM_END) << "zlib does not accept the stream";
  EXPECT_EQ(stream.avail_in, 0U) << "bytes behind the stream";
  inflateEnd(&stream);
  return out;
}

enum class Kind { kZeros, kRandom, kWords, kFewSymbols, kRepeatsFarBack };

std::string make_text(Kind kind, std::size_t size, unsigned seed) {
  std::mt19937 random(seed);
  std::string text;
  while (text.size() < size) switch (kind) {
      case Kind::kZeros:
        text.append(size, '\0');
        break;
      case Kind::kRandom:
        text += static_cast<char>(random());
        break;
      case Kind::kWords:
        text += std::to_string(random() % 600 * 7919) + " ";
        break;
      case Kind::kFewSymbols:
        text += random() % 97 == 0 ? 'b' : 'a';
        break;
      case Kind::kRepeatsFarBack:
        if (text.size() > 40'000)
          text += text.substr(text.size() - 32'768 - random() % 3, 4 + random() % 400);
        else
          text += static_cast<char>(random());
        break;
    }
  text.resize(size);
  return text;
}

TEST(GzipWriter, HasTheFixedHeaderAndTheFinalEmptyStoredBlock) {
  const std::string nothing = compress("");
  EXPECT_EQ(nothing, std::string("\x1f\x8b\x08\0\0\0\0\0\x04\xff"
                                 "\x01\0\0\xff\xff"
                                 "\0\0\0\0\0\0\0\0",
                                 23));
}

TEST(GzipWriter, StoresUpToSixteenBytes) {
  const std::string gzip = compress("abc");
  EXPECT_EQ(gzip.substr(10, 8), std::string("\0\x03\0\xfc\xff"
                                            "abc",
                                            8));
}

TEST(GzipWriter, RoundTripsThroughZlibAtEveryBoundary) {
  for (const Kind kind :
       {Kind::kZeros, Kind::kRandom, Kind::kWords, Kind::kFewSymbols, Kind::kRepeatsFarBack})
    for (const std::size_t size :
         {0UL, 1UL, 16UL, 17UL, 127UL, 128UL, 129UL, 65534UL, 65535UL, 65536UL, 65535UL + 17,
          65535UL + 127, 65535UL + 128, 3 * 65535UL, 400'000UL}) {
      const std::string text = make_text(kind, size, static_cast<unsigned>(size));
      EXPECT_EQ(inflate_all(compress(text)), text)
          << "kind " << static_cast<int>(kind) << ", size " << size;
    }
}

TEST(GzipWriter, DoesNotDependOnHowTheInputIsCut) {
  const std::string text = make_text(Kind::kWords, 300'000, 1);
  const std::string whole = compress(text);
  for (const std::size_t cut : {1UL, 7UL, 4096UL, 65535UL, 65536UL, 100'001UL})
    EXPECT_EQ(compress(text, cut), whole) << cut;
}

TEST(GzipWriter, DoesNotDependOnTheNumberOfThreads) {
  for (const Kind kind :
       {Kind::kZeros, Kind::kRandom, Kind::kWords, Kind::kFewSymbols, Kind::kRepeatsFarBack})
    for (const std::size_t size : {0UL, 100UL, 65535UL, 65536UL, 2 * 65535UL, 2'000'000UL}) {
      const std::string text = make_text(kind, size, 3);
      EXPECT_TRUE(compress(text, 9999, GzipThreads::kTwo) == compress(text))
          << "kind " << static_cast<int>(kind) << ", size " << size;
    }
}

class FullDisk final : public Sink {
 public:
  void write(ConstBytes) override { throw Error(ErrorKind::kIo, "no space left"); }
};

TEST(GzipWriter, ReportsWhatTheOtherThreadThrew) {
  FullDisk out;
  const std::string text = make_text(Kind::kWords, 100'000, 1);
  for (const int pieces : {1, 2, 50}) {
    GzipWriter gzip(out, GzipThreads::kTwo);
    EXPECT_THROW(
        {
          for (int i = 0; i < pieces; ++i) gzip.write(as_bytes(text));
          gzip.finish();
        },
        Error);
  }
}

TEST(GzipWriter, HasWrittenTheBeginningIfItIsAbandoned) {
  const std::string text = make_text(Kind::kWords, 500'000, 1);
  const std::string whole = compress(text);
  for (const GzipThreads threads : {GzipThreads::kOne, GzipThreads::kTwo}) {
    StringSink out;
    {
      GzipWriter gzip(out, threads);
      gzip.write(as_bytes(text));
    }
    EXPECT_LT(out.text().size(), whole.size());
    EXPECT_TRUE(whole.starts_with(out.text()));
  }
}

TEST(GzipWriter, CompressesWhatRepeats) {
  EXPECT_LT(compress(make_text(Kind::kZeros, 300'000, 1)).size(), 2000U);
  EXPECT_LT(compress(make_text(Kind::kWords, 300'000, 1)).size(), 200'000U);
  EXPECT_LT(compress(make_text(Kind::kRandom, 300'000, 1)).size(), 300'200U);
}

}  // namespace
}  // namespace tote
