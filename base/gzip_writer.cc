#include "base/gzip_writer.h"

#include "base/deflate_block.h"
#include "base/deflate_matcher.h"

#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <vector>

namespace tote {
namespace {

using deflate::kPieceSize;

constexpr std::size_t kMinMatched = 128;  // a shorter last piece is not searched for matches
constexpr std::size_t kMinCoded = 17;     // and a shorter one still is stored
// Method deflate, no flags, no time, "fastest", unknown system (RFC 1952, 2.3).
constexpr std::string_view kHeader("\x1f\x8b\x08\0\0\0\0\0\x04\xff", 10);

}  // namespace

class GzipWriter::Impl {
 public:
  explicit Impl(Sink& out) : out_(out), buffer_(2 * kPieceSize) { bits_.append(as_bytes(kHeader)); }

  void write(ConstBytes data) {
    crc_ = static_cast<std::uint32_t>(
        ::crc32_z(crc_, reinterpret_cast<const Bytef*>(data.data()), data.size()));
    length_ += static_cast<std::uint32_t>(data.size());  // modulo 2^32, as the trailer wants it
    while (!data.empty()) {
      const std::size_t n = std::min(data.size(), kPieceSize - filled_);
      std::memcpy(piece() + filled_, data.data(), n);
      filled_ += n;
      data = data.subspan(n);
      if (filled_ == kPieceSize) encode_full_piece();
    }
  }

  void finish() {
    encode_last_piece();
    deflate::write_stored(bits_, {}, deflate::Final::kYes);
    bits_.put(crc_, 32);
    bits_.put(length_, 32);
    flush();
  }

 private:
  // The buffer holds the previous piece and, behind it, the one being filled.
  std::byte* piece() { return buffer_.data() + kPieceSize; }

  void encode_full_piece() {
    encode_with_matches();
    std::memcpy(buffer_.data(), piece(), kPieceSize);
    previous_size_ = kPieceSize;
    filled_ = 0;
    flush();
  }

  void encode_with_matches() {
    tokens_.clear();
    const ConstBytes previous(piece() - previous_size_, previous_size_);
    const ConstBytes current(piece(), filled_);
    matcher_.find(previous, current, tokens_);
    deflate::write_tokens(bits_, current, tokens_);
  }

  void encode_last_piece() {
    if (filled_ >= kMinMatched)
      encode_with_matches();
    else if (filled_ >= kMinCoded)
      deflate::write_literals(bits_, {piece(), filled_});
    else if (filled_ > 0)
      deflate::write_stored(bits_, {piece(), filled_}, deflate::Final::kNo);
  }

  void flush() {
    out_.write(as_bytes(bits_.bytes()));
    bits_.bytes().clear();
  }

  Sink& out_;
  deflate::BitWriter bits_;
  deflate::Matcher matcher_;
  std::vector<deflate::Token> tokens_;
  std::vector<std::byte> buffer_;
  std::size_t previous_size_ = 0;
  std::size_t filled_ = 0;
  std::uint32_t crc_ = 0;
  std::uint32_t length_ = 0;
};

GzipWriter::GzipWriter(Sink& out) : impl_(std::make_unique<Impl>(out)) {}
GzipWriter::~GzipWriter() = default;
void GzipWriter::write(ConstBytes data) {
  impl_->write(data);
}
void GzipWriter::finish() {
  impl_->finish();
}

}  // namespace tote
