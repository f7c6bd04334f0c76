#include "bundle/layer_content.h"

#include "base/codec/decompressor.h"
#include "base/codec/gzip_writer.h"
#include "base/error.h"
#include "base/hash.h"
#include "oci/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

namespace tote::bundle {
namespace {

constexpr std::uint64_t kSmall = 1U << 20U;  // not worth a thread
// How far what was read may be ahead of what was made of it: more is no layer of our encoder's.
constexpr std::size_t kMaxAhead = 4U << 20U;

// What was read, and what was made again: the same, as far as both have come.
class Comparison {
 public:
  void add_read(ConstBytes bytes) { add(bytes, read_, made_); }
  void add_made(ConstBytes bytes) { add(bytes, made_, read_); }

  bool differs() const noexcept { return differs_; }
  // At the end of both.
  bool is_same() const noexcept { return !differs_ && read_.empty() && made_.empty(); }

 private:
  // At most one of them holds anything.
  void add(ConstBytes bytes, std::string& mine, std::string& other) {
    if (differs_) return;
    std::string_view text = as_text(bytes);
    const std::size_t n = std::min(text.size(), other.size());
    differs_ = text.substr(0, n) != std::string_view(other).substr(0, n) ||
               mine.size() + text.size() > kMaxAhead;
    other.erase(0, n);
    mine.append(text.substr(n));
  }

  std::string read_;
  std::string made_;
  bool differs_ = false;
};

class ComparedSource final : public Source {
 public:
  ComparedSource(Source& inner, Comparison& comparison) : inner_(inner), comparison_(comparison) {}
  [[nodiscard]] std::size_t read_some(MutableBytes out) override {
    const std::size_t n = inner_.read_some(out);
    comparison_.add_read(out.first(n));
    return n;
  }

 private:
  Source& inner_;
  Comparison& comparison_;
};

class ComparedSink final : public Sink {
 public:
  explicit ComparedSink(Comparison& comparison) : comparison_(comparison) {}
  void write(ConstBytes data) override { comparison_.add_made(data); }

 private:
  Comparison& comparison_;
};

class PackedLayer final : public Sink {
 public:
  PackedLayer(const File& to, HashAlgorithm algorithm) : to_(to), hasher_(algorithm) {}
  void write(ConstBytes data) override {
    to_.write_at(data, size_);
    hasher_.update(data);
    size_ += data.size();
  }
  void check(const oci::Descriptor& want) {
    if (size_ != want.size) oci::throw_wrong_size(size_, want.size);
    oci::check_digest(oci::Digest::of(hasher_), want.digest, size_);
  }

 private:
  const File& to_;
  Hasher hasher_;
  std::uint64_t size_ = 0;
};

}  // namespace

std::uint64_t unpack_layer(Source& layer, const File& to, std::uint64_t offset, std::uint64_t limit,
                           const std::stop_token& stop) {
  std::uint64_t size = 0;
  DecompressedSource content(layer);
  const auto read_to_the_end = [&] { for_each_piece(layer, stop, [](ConstBytes) {}); };
  try {
    for_each_piece(content, stop, [&](ConstBytes piece) {
      if (piece.size() > limit - size)
        throw Error(ErrorKind::kParse, fmt::format("it holds more than {} bytes", limit));
      to.write_at(piece, offset + size);
      size += piece.size();
    });
  } catch (const Error& error) {
    // Is it a layer of that kind, or not the one that it should be?
    if (error.kind() == ErrorKind::kParse) read_to_the_end();
    throw;
  }
  read_to_the_end();  // a verifying one gives its verdict there
  return size;
}

bool is_reproducible(Source& layer, const File& content, std::uint64_t limit,
                     const std::stop_token& stop) {
  Comparison comparison;
  ComparedSource read(layer, comparison);
  DecompressedSource unpacked(read);
  ComparedSink made(comparison);
  GzipWriter packer(made);
  std::vector<std::byte> buffer(kStreamChunk);
  std::uint64_t size = 0;
  while (const std::size_t n = unpacked.read_some(buffer)) {
    if (stop.stop_requested()) throw Cancelled();
    if (comparison.differs() || n > limit - size) return false;
    const ConstBytes piece = ConstBytes(buffer).first(n);
    content.write_at(piece, size);
    packer.write(piece);
    size += n;
  }
  while (!comparison.differs() && read.read_some(buffer) != 0)
    if (stop.stop_requested()) throw Cancelled();
  packer.finish();
  return comparison.is_same();
}

void pack_layer(ReaderPtr content, const oci::Descriptor& layer, const File& to,
                const std::stop_token& stop) {
  PackedLayer packed(to, layer.digest.algorithm());
  const std::uint64_t size = content->size();
  GzipWriter packer(packed, size > kSmall ? GzipThreads::kTwo : GzipThreads::kOne);
  RangeSource source(std::move(content), 0, size);
  for_each_piece(source, stop, [&](ConstBytes piece) { packer.write(piece); });
  packer.finish();
  packed.check(layer);
}

}  // namespace tote::bundle
