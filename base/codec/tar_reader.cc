#include "base/codec/tar_reader.h"

#include "base/codec/decompressor.h"
#include "base/codec/libarchive_reader.h"
#include "base/codec/tar_special_headers.h"
#include "base/error.h"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <locale.h>
#include <string_view>
#include <sys/stat.h>
#include <vector>

namespace tote {
namespace {

constexpr mode_t kModeBits = 07777;
constexpr std::size_t kFileBlock = 64 * 1024;
// Of the headers of one entry: pax records and maps of sparse files have no limit of their own.
constexpr std::size_t kMaxHeaders = 8U << 20U;

// libarchive converts names to the locale of the calling thread. In a UTF-8 one it also composes
// them, so that two names become one; in this one their bytes stay as they are.
class PlainLocale {
 public:
  PlainLocale() : before_(uselocale(instance())) {}
  PlainLocale(const PlainLocale&) = delete;
  PlainLocale& operator=(const PlainLocale&) = delete;
  ~PlainLocale() { uselocale(before_); }

 private:
  static locale_t instance() {
    static const locale_t kPlain = newlocale(LC_CTYPE_MASK, "C", nullptr);
    return kPlain == nullptr ? LC_GLOBAL_LOCALE : kPlain;
  }
  locale_t before_;
};

class RandomFeed final : public ArchiveFeed {
 public:
  explicit RandomFeed(const RandomReader& bytes) : bytes_(bytes), buffer_(kFileBlock) {}
  ConstBytes read() override {
    const std::size_t n = bytes_.read_at(buffer_, position_);
    position_ += n;
    return ConstBytes(buffer_).first(n);
  }
  std::uint64_t skip(std::uint64_t bytes) override {
    position_ += bytes;
    return bytes;
  }

 private:
  const RandomReader& bytes_;
  std::uint64_t position_ = 0;
  std::vector<std::byte> buffer_;
};

// What a gzip or zstd file holds; of any other all that is in it.
class DecompressedFeed final : public ArchiveFeed {
 public:
  explicit DecompressedFeed(Source& source) : content_(source), buffer_(kStreamChunk) {}
  ConstBytes read() override { return ConstBytes(buffer_).first(content_.read_some(buffer_)); }
  std::uint64_t skip(std::uint64_t) override { return 0; }

 private:
  DecompressedSource content_;
  std::vector<std::byte> buffer_;
};

// Remembers what libarchive reads as the headers of an entry.
class Recorder final : public ArchiveFeed {
 public:
  explicit Recorder(std::unique_ptr<ArchiveFeed> feed) : feed_(std::move(feed)) {}

  // Headers begin at `offset`, at which or before which libarchive is.
  void begin(std::uint64_t offset) {
    headers_ = std::min<std::uint64_t>(offset - begin_, seen_.size());
    is_recording_ = true;
  }

  // What was read from there to `offset`.
  std::string_view end(std::uint64_t offset) {
    is_recording_ = false;
    return std::string_view(seen_).substr(headers_, offset - begin_ - headers_);
  }

  ConstBytes read() override {
    const ConstBytes bytes = feed_->read();
    // Only here, once for all entries of a chunk: what is left moves to the front.
    forget(is_recording_ ? headers_ : seen_.size());
    if (seen_.size() > kMaxHeaders)
      throw Error(
          ErrorKind::kParse,
          fmt::format("reading tar: the headers of an entry are over {} bytes", kMaxHeaders));
    seen_.append(as_text(bytes));
    return bytes;
  }

  std::uint64_t skip(std::uint64_t bytes) override {
    if (is_recording_) return 0;
    const std::uint64_t skipped = feed_->skip(bytes);
    if (skipped > 0) {
      forget(seen_.size());
      begin_ += skipped;
    }
    return skipped;
  }

 private:
  void forget(std::size_t count) {
    seen_.erase(0, count);
    begin_ += count;
    headers_ = 0;
  }

  std::unique_ptr<ArchiveFeed> feed_;
  std::string seen_;         // the last chunk, or from the chunk with the first header on
  std::uint64_t begin_ = 0;  // the offset of its first byte
  std::size_t headers_ = 0;  // where in it they begin
  bool is_recording_ = false;
};

bool is_directory_by_name(const char* name) {
  return std::string_view(name == nullptr ? "" : name).ends_with('/');
}

TarEntryType type_of(archive_entry* entry, const SpecialHeaders& special) {
  if (special.is_hard_link) return TarEntryType::kHardLink;
  switch (archive_entry_filetype(entry)) {
    case AE_IFREG:  // old writers mark directories by a slash alone
      return is_directory_by_name(archive_entry_pathname(entry)) ? TarEntryType::kDirectory
                                                                 : TarEntryType::kFile;
    case AE_IFDIR:
      return TarEntryType::kDirectory;
    case AE_IFLNK:
      return TarEntryType::kSymbolicLink;
    default:
      return TarEntryType::kOther;
  }
}

}  // namespace

class TarReader::Impl final : public Source {
 public:
  explicit Impl(std::unique_ptr<ArchiveFeed> feed)
      : recorder_(std::move(feed)), archive_(recorder_) {
    archive_read_support_format_tar(archive_.get());
    archive_read_support_format_empty(archive_.get());
    recorder_.begin(0);  // opening looks at the first header
    archive_.open();
  }

  std::optional<TarEntry> next() {
    const PlainLocale locale;
    if (is_in_entry_) archive_.check(archive_read_data_skip(archive_.get()));
    recorder_.begin(position());
    archive_entry* entry = nullptr;
    is_in_entry_ = archive_.next_header(&entry);
    const std::string_view headers = recorder_.end(position());
    if (!is_in_entry_) return std::nullopt;
    if (archive_entry_size(entry) < 0)
      throw Error(ErrorKind::kParse, "reading tar: an entry of negative size");
    size_ = static_cast<std::uint64_t>(archive_entry_size(entry));
    at_ = block_begin_ = 0;
    block_ = {};
    return describe(entry, check_special_headers(headers));
  }

  [[nodiscard]] std::size_t read_some(MutableBytes out) override {
    if (const std::uint64_t zeros = hole(); zeros > 0) {
      const MutableBytes begin = out.first(std::min<std::uint64_t>(zeros, out.size()));
      std::fill(begin.begin(), begin.end(), std::byte{0});
      at_ += begin.size();
      return begin.size();
    }
    const ConstBytes bytes = block_.first(std::min(block_.size(), out.size()));
    copy_bytes(bytes, out);
    block_ = block_.subspan(bytes.size());
    block_begin_ += bytes.size();
    at_ += bytes.size();
    return bytes.size();
  }

  std::uint64_t skip_hole() {
    const std::uint64_t zeros = hole();
    at_ += zeros;
    return zeros;
  }

 private:
  // The bytes from here to the next block or to the end, which the tar leaves out.
  std::uint64_t hole() {
    while (block_.empty() && block_begin_ <= at_ && at_ < size_) next_block();
    return block_begin_ - at_;
  }

  // What libarchive has of the content; at its end an empty block.
  void next_block() {
    const void* data = nullptr;
    std::size_t length = 0;
    std::int64_t offset = 0;
    const int result = archive_read_data_block(archive_.get(), &data, &length, &offset);
    if (result != ARCHIVE_EOF) archive_.check(result);
    block_begin_ = result == ARCHIVE_EOF ? size_ : static_cast<std::uint64_t>(offset);
    if (block_begin_ < at_)
      throw Error(ErrorKind::kParse, "reading tar: the parts of a sparse file are not in order");
    block_begin_ = std::min(block_begin_, size_);
    length = std::min<std::uint64_t>(length, size_ - block_begin_);
    block_ = ConstBytes(static_cast<const std::byte*>(data), length);
  }

  // Of all that libarchive has consumed.
  std::uint64_t position() const {
    return static_cast<std::uint64_t>(archive_filter_bytes(archive_.get(), 0));
  }

  TarEntry describe(archive_entry* entry, const SpecialHeaders& special) const {
    TarEntry out;
    out.name = text_or_empty(archive_entry_pathname(entry));
    out.type = type_of(entry, special);
    out.link_target = special.link_target.value_or(
        text_or_empty(out.type == TarEntryType::kHardLink ? archive_entry_hardlink(entry)
                                                          : archive_entry_symlink(entry)));
    out.mode = archive_entry_mode(entry) & kModeBits;
    out.uid = archive_entry_uid(entry);
    out.gid = archive_entry_gid(entry);
    out.mtime = archive_entry_mtime(entry);
    out.size = size_;
    out.offset = position();
    out.is_sparse = special.is_sparse || archive_entry_sparse_count(entry) > 0;
    return out;
  }

  Recorder recorder_;
  LibarchiveReader archive_;
  bool is_in_entry_ = false;
  // The entry's content.
  std::uint64_t size_ = 0;         // bytes, holes included
  std::uint64_t at_ = 0;           // how many were read or skipped
  ConstBytes block_;               // libarchive's, valid until it is asked for more
  std::uint64_t block_begin_ = 0;  // where it lies in the content: at `at_` or after a hole
};

TarReader::TarReader(Source& tar)
    : impl_(std::make_unique<Impl>(std::make_unique<DecompressedFeed>(tar))) {}
TarReader::TarReader(const RandomReader& tar)
    : impl_(std::make_unique<Impl>(std::make_unique<RandomFeed>(tar))) {}
TarReader::~TarReader() = default;
std::optional<TarEntry> TarReader::next() {
  return impl_->next();
}
Source& TarReader::content() {
  return *impl_;
}
std::uint64_t TarReader::skip_hole() {
  return impl_->skip_hole();
}

}  // namespace tote
