#include "archive/volume_header.h"

#include "base/error.h"
#include "base/hash.h"

#include <fmt/format.h>

#include <algorithm>

namespace tote::archive {
namespace {

constexpr std::string_view kMagic = "tote.vol";
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kDigestAt = kVolumeHeader - kVolumeSum;

class FieldWriter {
 public:
  void number(std::uint64_t value, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i)
      text_ += static_cast<char>(static_cast<unsigned char>(value >> (8 * i)));
  }
  void bytes(ConstBytes bytes) { text_ += as_text(bytes); }
  std::string finish() {
    text_.resize(kDigestAt, '\0');
    text_ += as_text(sha256_of(as_bytes(text_)));
    return std::move(text_);
  }

 private:
  std::string text_;
};

class FieldReader {
 public:
  explicit FieldReader(ConstBytes rest) : rest_(rest) {}
  ConstBytes bytes(std::size_t size) {
    const ConstBytes field = rest_.first(size);
    rest_ = rest_.subspan(size);
    return field;
  }
  std::uint64_t number(std::size_t size) {
    std::uint64_t value = 0;
    const ConstBytes field = bytes(size);
    for (std::size_t i = 0; i < size; ++i)
      value |= std::to_integer<std::uint64_t>(field[i]) << (8 * i);
    return value;
  }
  std::uint32_t number32() { return static_cast<std::uint32_t>(number(4)); }

 private:
  ConstBytes rest_;
};

}  // namespace

Sha256 sha256_of(ConstBytes bytes) {
  Hasher hasher(HashAlgorithm::kSha256);
  hasher.update(bytes);
  Sha256 digest{};
  copy_bytes(hasher.finish(), digest);
  return digest;
}

std::string VolumeHeader::encode() const {
  FieldWriter out;
  out.bytes(as_bytes(kMagic));
  out.number(kVersion, 4);
  out.number(is_finished ? 1 : 0, 4);
  out.bytes(set);
  out.number(volume, 4);
  out.number(geometry.data, 4);
  out.number(geometry.parity, 4);
  out.number(kVolumeBlock, 4);
  out.number(geometry.archive_size, 8);
  out.number(geometry.payload, 8);
  out.bytes(sums_digest);
  return out.finish();
}

std::optional<VolumeHeader> VolumeHeader::decode(ConstBytes bytes) {
  if (bytes.size() < kVolumeHeader || as_text(bytes.first(kMagic.size())) != kMagic ||
      as_text(sha256_of(bytes.first(kDigestAt))) != as_text(bytes.subspan(kDigestAt, kVolumeSum)))
    return std::nullopt;
  FieldReader in(bytes.subspan(kMagic.size()));
  if (const std::uint32_t version = in.number32(); version != kVersion)
    throw Error(ErrorKind::kParse, fmt::format("it is a volume of version {}; this tote reads "
                                               "version {}",
                                               version, kVersion))
        .with_hint("a newer tote reads it");
  VolumeHeader header;
  header.is_finished = in.number32() == 1;
  copy_bytes(in.bytes(header.set.size()), header.set);
  header.volume = in.number32();
  header.geometry.data = in.number32();
  header.geometry.parity = in.number32();
  const std::uint32_t block = in.number32();
  header.geometry.archive_size = in.number(8);
  header.geometry.payload = in.number(8);
  copy_bytes(in.bytes(header.sums_digest.size()), header.sums_digest);
  if (block != kVolumeBlock || !header.geometry.is_possible() ||
      header.volume >= header.geometry.volumes())
    return std::nullopt;
  return header;
}

}  // namespace tote::archive
