#include "base/codec/gzip_writer.h"

#include "base/codec/deflate_block.h"
#include "base/codec/deflate_matcher.h"
#include "base/pipeline.h"

#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <system_error>
#include <vector>

namespace tote {
namespace {

using deflate::kMaxDistance;
using deflate::kPieceSize;

constexpr std::size_t kMinMatched = 128;  // a shorter last piece is not searched for matches
constexpr std::size_t kMinCoded = 17;     // and a shorter one still is stored
// Method deflate, no flags, no time, "fastest", unknown system (RFC 1952, 2.3).
constexpr std::string_view kHeader("\x1f\x8b\x08\0\0\0\0\0\x04\xff", 10);

// One piece of input behind the end of the one before it, and what was found in it.
struct Piece {
  std::vector<std::byte> buffer = std::vector<std::byte>(kMaxDistance + kPieceSize);
  std::size_t previous_size = 0;
  std::size_t size = 0;
  std::vector<deflate::Sequence> sequences;

  std::byte* begin() { return buffer.data() + kMaxDistance; }
  const std::byte* begin() const { return buffer.data() + kMaxDistance; }
  ConstBytes bytes() const { return {begin(), size}; }
  ConstBytes previous() const { return {begin() - previous_size, previous_size}; }
};

}  // namespace

class GzipWriter::Impl {
 public:
  Impl(Sink& out, GzipThreads threads, Hasher* content)
      : out_(out), threads_(threads), content_(content) {
    bits_.reserve(kHeader.size());
    bits_.append(as_bytes(kHeader));
  }

  void write(ConstBytes data) {
    while (!data.empty()) {
      const std::size_t n = std::min(data.size(), kPieceSize - piece_->size);
      std::memcpy(piece_->begin() + piece_->size, data.data(), n);
      piece_->size += n;
      data = data.subspan(n);
      if (piece_->size == kPieceSize) begin_next_piece();
    }
  }

  void finish() {
    prepare(*piece_);
    if (pipeline_) {
      pipeline_->submit();
      pipeline_->drain();
    } else {
      write_block(*piece_);
    }
    deflate::write_stored(bits_, {}, deflate::Final::kYes);
    bits_.reserve(8);
    bits_.put(crc_, 32);
    bits_.put(length_, 32);
    flush();
  }

 private:
  // The first stage, always on the caller's thread.
  void prepare(Piece& piece) {
    piece.sequences.clear();
    if (piece.size >= kMinMatched) matcher_.find(piece.previous(), piece.bytes(), piece.sequences);
  }

  // The second, which owns what it uses while the pipeline has jobs.
  void write_block(const Piece& piece) {
    sum_up(piece.bytes());
    if (piece.size >= kMinMatched)
      deflate::write_sequences(bits_, piece.bytes(), piece.sequences);
    else if (piece.size >= kMinCoded)
      deflate::write_literals(bits_, piece.bytes());
    else if (piece.size > 0)
      deflate::write_stored(bits_, piece.bytes(), deflate::Final::kNo);
    flush();
  }

  void sum_up(ConstBytes bytes) {
    crc_ = static_cast<std::uint32_t>(
        ::crc32_z(crc_, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
    length_ += static_cast<std::uint32_t>(bytes.size());  // modulo 2^32, as the trailer wants it
    if (content_ != nullptr) content_->update(bytes);
  }

  void begin_next_piece() {
    const Piece& full = *piece_;
    prepare(*piece_);
    piece_ = &hand_over();
    // What is full may still be read by the other thread, and is not used again before that is
    // done.
    std::memcpy(piece_->buffer.data(), full.begin() + kPieceSize - kMaxDistance, kMaxDistance);
    piece_->previous_size = kMaxDistance;
    piece_->size = 0;
  }

  // A thread is worth its while only for more than one piece.
  Piece& hand_over() {
    if (pipeline_) {
      pipeline_->submit();
    } else {
      write_block(*piece_);
      if (threads_ == GzipThreads::kTwo) try_second_thread();
      if (!pipeline_) return *piece_;
    }
    return pipeline_->next();
  }

  void try_second_thread() {
    try {
      pipeline_.emplace([this](const Piece& piece) { write_block(piece); });
    } catch (const std::system_error&) {
      threads_ = GzipThreads::kOne;  // there is none to be had; the bytes are the same
    }
  }

  void flush() {
    out_.write(bits_.bytes());
    bits_.clear();
  }

  Sink& out_;
  GzipThreads threads_;
  Hasher* content_;
  deflate::BitWriter bits_;
  deflate::Matcher matcher_;
  std::uint32_t crc_ = 0;
  std::uint32_t length_ = 0;
  Piece first_;
  Piece* piece_ = &first_;  // being filled
  std::optional<Pipeline<Piece>> pipeline_;
};

GzipWriter::GzipWriter(Sink& out, GzipThreads threads, Hasher* content)
    : impl_(std::make_unique<Impl>(out, threads, content)) {}
GzipWriter::~GzipWriter() = default;
void GzipWriter::write(ConstBytes data) {
  impl_->write(data);
}
void GzipWriter::finish() {
  impl_->finish();
}

}  // namespace tote
