#include "base/codec/decompressor.h"

#include "base/codec/gzip_reader.h"
#include "base/codec/libarchive_reader.h"
#include "base/error.h"

#include <archive.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <vector>

namespace tote {
namespace {

class SourceFeed final : public ArchiveFeed {
 public:
  explicit SourceFeed(Source& source) : source_(source), buffer_(kStreamChunk) {}
  ConstBytes read() override { return ConstBytes(buffer_).first(source_.read_some(buffer_)); }
  std::uint64_t skip(std::uint64_t) override { return 0; }

 private:
  Source& source_;
  std::vector<std::byte> buffer_;
};

}  // namespace

bool is_gzip_or_zstd(ConstBytes first) noexcept {
  const std::string_view magic = as_text(first);
  return magic.starts_with("\x1f\x8b") || magic.starts_with("\x28\xb5\x2f\xfd");
}

bool is_xz(ConstBytes first) noexcept {
  constexpr std::string_view kMagic(
      "\xfd"
      "7zXZ\0",
      6);
  return as_text(first).starts_with(kMagic);
}

namespace {

// What `inner` has, with a look at its beginning before.
class PeekedSource final : public Source {
 public:
  explicit PeekedSource(Source& inner) : inner_(inner) {
    rest_ = ConstBytes(first_).first(read_full(inner_, first_));
  }
  ConstBytes first() const noexcept { return rest_; }

  [[nodiscard]] std::size_t read_some(MutableBytes out) override {
    if (rest_.empty()) return inner_.read_some(out);
    const ConstBytes bytes = rest_.first(std::min(rest_.size(), out.size()));
    copy_bytes(bytes, out);
    rest_ = rest_.subspan(bytes.size());
    return bytes.size();
  }

 private:
  Source& inner_;
  std::array<std::byte, 6> first_{};
  ConstBytes rest_;
};

class LibarchiveSource final : public Source {
 public:
  LibarchiveSource(Source& source, DecompressedSource::Xz xz) : feed_(source), archive_(feed_) {
    archive_read_support_filter_gzip(archive_.get());
    archive_read_support_filter_zstd(archive_.get());
    // Otherwise it would run a program of that name.
    if (xz == DecompressedSource::Xz::kToo &&
        archive_read_support_filter_xz(archive_.get()) != ARCHIVE_OK)
      throw Error(ErrorKind::kUsage,
                  "it is compressed with xz, which this build of tote can not read")
          .with_hint("decompress it first: xz -d");
    archive_read_support_format_raw(archive_.get());
    archive_read_support_format_empty(archive_.get());
    archive_.open();
    ::archive_entry* whole = nullptr;
    is_empty_ = !archive_.next_header(&whole);
  }

  [[nodiscard]] std::size_t read_some(MutableBytes out) override {
    return is_empty_ ? 0 : archive_.read_data(out);
  }

 private:
  SourceFeed feed_;
  LibarchiveReader archive_;
  bool is_empty_ = false;
};

bool is_gzip(ConstBytes first) {
  return as_text(first).starts_with("\x1f\x8b");
}

// libarchive has the last word, and takes what was compressed twice: zstd's frames that are to be
// skipped may come first.
bool is_for_libarchive(ConstBytes first, DecompressedSource::Xz xz) {
  return is_gzip_or_zstd(first) ||
         as_text(first.subspan(std::min<std::size_t>(first.size(), 1)))
             .starts_with("\x2a\x4d\x18") ||
         (xz == DecompressedSource::Xz::kToo && is_xz(first));
}

}  // namespace

// Gzip by another library, since libarchive's reader takes longer and looks at no checksum.
class DecompressedSource::Impl {
 public:
  Impl(Source& source, Xz xz) : source_(source) {
    if (is_gzip(source_.first())) {
      gzip_.emplace(source_);
      unzipped_.emplace(*gzip_);
      content_ = &*unzipped_;
    }
    const ConstBytes first = unzipped_ ? unzipped_->first() : source_.first();
    if (is_for_libarchive(first, xz)) content_ = &others_.emplace(*content_, xz);
  }

  std::size_t read(MutableBytes out) { return content_->read_some(out); }

 private:
  PeekedSource source_;
  std::optional<GzipReader> gzip_;
  std::optional<PeekedSource> unzipped_;
  std::optional<LibarchiveSource> others_;
  Source* content_ = &source_;
};

DecompressedSource::DecompressedSource(Source& source, Xz xz)
    : impl_(std::make_unique<Impl>(source, xz)) {}

DecompressedSource::~DecompressedSource() = default;

std::size_t DecompressedSource::read_some(MutableBytes out) {
  return impl_->read(out);
}

}  // namespace tote
