#include "base/codec/decompressor.h"

#include "base/codec/libarchive_reader.h"
#include "base/error.h"

#include <archive.h>

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

class DecompressedSource::Impl {
 public:
  Impl(Source& source, Xz xz) : source_(source), archive_(source_) {
    archive_read_support_filter_gzip(archive_.get());
    archive_read_support_filter_zstd(archive_.get());
    // Otherwise it would run a program of that name.
    if (xz == Xz::kToo && archive_read_support_filter_xz(archive_.get()) != ARCHIVE_OK)
      throw Error(ErrorKind::kUsage,
                  "it is compressed with xz, which this build of tote can not read")
          .with_hint("decompress it first: xz -d");
    archive_read_support_format_raw(archive_.get());
    archive_read_support_format_empty(archive_.get());
    archive_.open();
    ::archive_entry* whole = nullptr;
    is_empty_ = !archive_.next_header(&whole);
  }

  std::size_t read(MutableBytes out) { return is_empty_ ? 0 : archive_.read_data(out); }

 private:
  SourceFeed source_;
  LibarchiveReader archive_;
  bool is_empty_ = false;
};

DecompressedSource::DecompressedSource(Source& source, Xz xz)
    : impl_(std::make_unique<Impl>(source, xz)) {}

DecompressedSource::~DecompressedSource() = default;

std::size_t DecompressedSource::read_some(MutableBytes out) {
  return impl_->read(out);
}

}  // namespace tote
