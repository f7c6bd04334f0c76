#include "base/codec/gzip_reader.h"

#include "base/codec/decompressor.h"
#include "base/error.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <random>

namespace tote {
namespace {

struct Unpacked {
  std::string content;
  std::string error;  // empty: none
};

// Gives one byte at a time, and then fails or ends.
class SlowSource final : public Source {
 public:
  explicit SlowSource(std::string text, bool fails = false)
      : text_(std::move(text)), fails_(fails) {}
  [[nodiscard]] std::size_t read_some(MutableBytes out) override {
    if (at_ == text_.size()) {
      if (fails_) throw Error(ErrorKind::kTransport, "the line is dead");
      return 0;
    }
    out[0] = static_cast<std::byte>(text_[at_++]);
    return 1;
  }

 private:
  const std::string text_;
  const bool fails_;
  std::size_t at_ = 0;
};

Unpacked unpack(Source& packed, std::size_t piece = 1000) {
  Unpacked out;
  try {
    GzipReader gzip(packed);
    std::vector<std::byte> buffer(piece);
    while (const std::size_t n = gzip.read_some(buffer))
      out.content += as_text(ConstBytes(buffer).first(n));
  } catch (const Error& error) {
    out.error = error.what();
  }
  return out;
}

Unpacked unpack(const std::string& packed) {
  BytesSource source{std::string_view(packed)};
  return unpack(source);
}

struct ZlibVerdict {
  std::string content;
  bool is_good = false;
  std::size_t left = 0;  // bytes behind the member
};

// Of one member.
ZlibVerdict ask_zlib(const std::string& packed) {
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, 16 + MAX_WBITS), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  ZlibVerdict verdict;
  std::string chunk(1U << 16U, '\0');
  int result = Z_OK;
  while (result == Z_OK) {
    stream.next_out = reinterpret_cast<Bytef*>(chunk.data());
    stream.avail_out = static_cast<uInt>(chunk.size());
    result = inflate(&stream, Z_NO_FLUSH);
    verdict.content.append(chunk, 0, chunk.size() - stream.avail_out);
  }
  verdict.is_good = result == Z_STREAM_END;
  verdict.left = stream.avail_in;
  inflateEnd(&stream);
  return verdict;
}

struct How {
  int level = 6;
  int strategy = Z_DEFAULT_STRATEGY;
  gz_header* header = nullptr;
};

std::string pack(const std::string& text, const How& how = {}) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, how.level, Z_DEFLATED, 16 + MAX_WBITS, 8, how.strategy), Z_OK);
  if (how.header != nullptr) deflateSetHeader(&stream, how.header);
  std::string out(deflateBound(&stream, text.size()) + 1000, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(::deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

constexpr int kKinds = 6;

std::string make_text(int kind, std::size_t size, std::mt19937& random) {
  std::string text;
  while (text.size() < size) switch (kind) {
      case 0:
        text += static_cast<char>(random());
        break;
      case 1:
        text += std::to_string(random() % 600 * 7919) + " ";
        break;
      case 2:
        text += random() % 97 == 0 ? 'b' : 'a';
        break;
      case 3:  // every distance
        if (text.size() > 10)
          text += text.substr(text.size() - 1 - random() % std::min(text.size() - 1, 32768UL),
                              3 + random() % 300);
        else
          text += static_cast<char>(random());
        break;
      case 4:
        text.append(size, '\0');
        break;
      default:  // codes of all lengths
        text += static_cast<char>('a' + (random() % 64 & random() % 64 & random() % 64));
    }
  text.resize(size);
  return text;
}

TEST(GzipReader, GivesBackWhatZlibPacks) {
  std::mt19937 random(1);
  for (const int strategy : {Z_DEFAULT_STRATEGY, Z_HUFFMAN_ONLY, Z_RLE, Z_FIXED})
    for (const int level : {0, 1, 6, 9})
      for (int kind = 0; kind < kKinds; ++kind)
        for (const std::size_t size : {0UL, 1UL, 40UL, 3000UL, 70'000UL, 400'000UL}) {
          const std::string text = make_text(kind, size, random);
          const Unpacked out = unpack(pack(text, {.level = level, .strategy = strategy}));
          EXPECT_EQ(out.error, "");
          EXPECT_TRUE(out.content == text) << "strategy " << strategy << ", level " << level
                                           << ", kind " << kind << ", size " << size;
        }
}

TEST(GzipReader, DoesNotDependOnHowInputAndOutputAreCut) {
  std::mt19937 random(2);
  const std::string text = make_text(5, 200'000, random);
  for (const std::size_t piece : {1UL, 7UL, 65536UL, 1'000'000UL}) {
    SlowSource source(pack(text));
    const Unpacked out = unpack(source, piece);
    EXPECT_EQ(out.error, "");
    EXPECT_TRUE(out.content == text) << piece;
  }
}

TEST(GzipReader, RefusesWhatZlibRefusesAndNothingElse) {
  std::mt19937 random(3);
  int refused = 0;
  for (int round = 0; round < 3000; ++round) {
    const std::string text =
        make_text(round % kKinds, random() % (round % 50 == 0 ? 100'000 : 2000), random);
    std::string packed = pack(text, {.level = static_cast<int>(random() % 10),
                                     .strategy = static_cast<int>(random() % 5)});
    // Near the beginning are codes, which are what can be wrong in many ways.
    for (unsigned i = 0; i < 1 + random() % 3; ++i)
      packed[random() % std::min<std::size_t>(packed.size(), round % 2 == 0 ? 100 : SIZE_MAX)] ^=
          static_cast<char>(round % 3 == 0 ? random() : 1U << random() % 8);
    const ZlibVerdict want = ask_zlib(packed);
    const Unpacked got = unpack(packed);
    ASSERT_EQ(got.error.empty(), want.is_good) << "round " << round << ": " << got.error;
    if (want.is_good) {
      ASSERT_TRUE(got.content == want.content) << "round " << round;
    }
    refused += want.is_good ? 0 : 1;
  }
  EXPECT_GT(refused, 1000);
}

TEST(GzipReader, TellsAtEveryByteThatTheInputIsCutShort) {
  std::mt19937 random(4);
  for (const int kind : {0, 1, 4})
    for (const int strategy : {Z_DEFAULT_STRATEGY, Z_FIXED}) {
      const std::string packed = pack(make_text(kind, 300, random), {.strategy = strategy});
      for (std::size_t size = 0; size < packed.size(); ++size)
        ASSERT_EQ(unpack(packed.substr(0, size)).error, "reading tar: truncated gzip input")
            << "kind " << kind << ", " << size << " of " << packed.size();
    }
}

struct Damage {
  const char* name;
  std::string packed;
  std::string content;  // that comes out, if anything
  std::string error = {};
};

std::string with_byte(std::string text, std::size_t from_the_end) {
  text[text.size() - from_the_end] ^= 1;
  return text;
}

std::string with_header(const std::string& text, bool has_crc) {
  gz_header header{};
  std::string name = "a name";
  std::string comment = "a comment";
  std::string extra(300, 'x');
  header.name = reinterpret_cast<Bytef*>(name.data());
  header.comment = reinterpret_cast<Bytef*>(comment.data());
  header.extra = reinterpret_cast<Bytef*>(extra.data());
  header.extra_len = static_cast<uInt>(extra.size());
  header.hcrc = has_crc ? 1 : 0;
  return pack(text, {.header = &header});
}

std::string with_flags(std::string packed, char flags) {
  packed[3] = flags;
  return packed;
}

std::string with_broken_header(const std::string& text) {
  std::string packed = with_header(text, true);
  packed[20] ^= 1;  // in its extra field, which its checksum is about
  return packed;
}

TEST(GzipReader, SaysWhatIsWrongAroundTheContent) {
  const std::string one = pack("one ");
  const std::string two = pack("two");
  const std::string failed = "reading tar: gzip decompression failed";
  const std::string checksum = "reading tar: gzip content does not have its checksum";
  for (const Damage& damage : {
           Damage{"several members", one + two + pack("") + two, "one twotwo"},
           Damage{"zeros behind it", one + std::string(1000, '\0'), "one "},
           Damage{"text behind it", one + "and more", "one "},
           Damage{"half a header behind it", one + two.substr(0, 9), "one "},
           Damage{"a second member cut short", one + two.substr(0, 10), "one ",
                  "reading tar: truncated gzip input"},
           Damage{"a checksum that is wrong", with_byte(one, 8), "one ", checksum},
           Damage{"a length that is wrong", with_byte(one, 4), "one ", checksum},
           Damage{"a second checksum that is wrong", one + with_byte(two, 5), "one two", checksum},
           Damage{"every field in the header", with_header("one ", false), "one "},
           Damage{"a header with a checksum", with_header("one ", true), "one "},
           Damage{"a header whose checksum is wrong", with_broken_header("one "), "", failed},
           Damage{"flags that nobody knows", with_flags(one, '\x20'), "", failed},
           Damage{"another method", std::string("\x1f\x8b\x07") + one.substr(3), "", failed},
           Damage{"no gzip at all", "nothing of the kind", "", failed},
       }) {
    const Unpacked got = unpack(damage.packed);
    EXPECT_EQ(got.content, damage.content) << damage.name;
    EXPECT_EQ(got.error, damage.error) << damage.name;
    const ZlibVerdict zlib = ask_zlib(damage.packed);
    if (zlib.left == 0) {
      EXPECT_EQ(got.error.empty(), zlib.is_good) << damage.name;
    }
  }
}

TEST(GzipReader, LetsTheErrorOfItsSourceThrough) {
  const std::string packed = pack(std::string(5000, 'x') + "y");
  for (std::size_t size = 0; size < packed.size(); ++size) {
    SlowSource source(packed.substr(0, size), true);
    EXPECT_EQ(unpack(source).error, "the line is dead") << size;
  }
}

TEST(DecompressedSource, TakesWhatWasCompressedTwice) {
  const std::string twice = pack(pack("twice"));
  BytesSource source{std::string_view(twice)};
  DecompressedSource content(source);
  EXPECT_EQ(read_all(content, 1000, "it"), "twice");
}

}  // namespace
}  // namespace tote
