#include "base/codec/tar_reader.h"

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

std::string text_or_empty(const char* text) {
  return text == nullptr ? "" : text;
}

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

// Where libarchive gets bytes from.
class Feed {
 public:
  Feed() = default;
  Feed(const Feed&) = delete;
  Feed& operator=(const Feed&) = delete;
  virtual ~Feed() = default;
  // Valid until the next call; empty at the end.
  virtual ConstBytes read() = 0;
  // Returns how many of `bytes` it has skipped.
  virtual std::uint64_t skip(std::uint64_t bytes) = 0;
};

// One reader of libarchive's, whose failures are Errors.
class Archive {
 public:
  explicit Archive(Feed& feed) : feed_(feed) {}
  Archive(const Archive&) = delete;
  Archive& operator=(const Archive&) = delete;
  ~Archive() { archive_read_free(archive_); }

  struct archive* get() const noexcept {
    return archive_;
  }

  void open() {
    archive_read_set_read_callback(archive_, &Archive::on_read);
    archive_read_set_skip_callback(archive_, &Archive::on_skip);
    archive_read_set_callback_data(archive_, this);
    check(archive_read_open1(archive_));
  }

  // 0 at the end of the entry's content.
  std::size_t read_data(MutableBytes out) {
    const la_ssize_t n = archive_read_data(archive_, out.data(), out.size());
    if (n < 0) check(static_cast<int>(n));
    return static_cast<std::size_t>(n);
  }

  void check(int result) {
    if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
    if (result == ARCHIVE_OK) return;
    throw Error(ErrorKind::kParse,
                fmt::format("reading tar: {}", text_or_empty(archive_error_string(archive_))));
  }

  // False at the end. Warnings are errors: of a record that libarchive did not understand another
  // reader may make something else. But for one: in the plain locale it warns of every name that
  // is not ASCII, and leaves it as it is.
  bool next_header(archive_entry** entry) {
    const int result = archive_read_next_header(archive_, entry);
    if (result == ARCHIVE_EOF) return false;
    const std::string_view text = result == ARCHIVE_WARN ? archive_error_string(archive_) : "";
    if (failure_ || !text.ends_with("can't be converted from UTF-8 to current locale."))
      check(result);
    return true;
  }

 private:
  template <class Call>
  static std::int64_t guarded(struct archive* archive, Archive& me, Call call) noexcept {
    try {
      return static_cast<std::int64_t>(call());
    } catch (...) {
      me.failure_ = std::current_exception();
      archive_set_error(archive, 0, "reading failed");
      return -1;
    }
  }

  static la_ssize_t on_read(struct archive* archive, void* self, const void** out) noexcept {
    auto& me = *static_cast<Archive*>(self);
    return guarded(archive, me, [&] {
      const ConstBytes bytes = me.feed_.read();
      *out = bytes.data();
      return bytes.size();
    });
  }

  static la_int64_t on_skip(struct archive* archive, void* self, la_int64_t bytes) noexcept {
    auto& me = *static_cast<Archive*>(self);
    return guarded(archive, me, [&] { return me.feed_.skip(static_cast<std::uint64_t>(bytes)); });
  }

  Feed& feed_;
  std::exception_ptr failure_;
  struct archive* archive_ = archive_read_new();
};

class SourceFeed final : public Feed {
 public:
  explicit SourceFeed(Source& source) : source_(source), buffer_(kStreamChunk) {}
  ConstBytes read() override { return ConstBytes(buffer_).first(source_.read_some(buffer_)); }
  std::uint64_t skip(std::uint64_t) override { return 0; }

 private:
  Source& source_;
  std::vector<std::byte> buffer_;
};

class RandomFeed final : public Feed {
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
class Decompressed final : public Feed {
 public:
  explicit Decompressed(Source& source)
      : source_(source), archive_(source_), buffer_(kStreamChunk) {
    archive_read_support_filter_gzip(archive_.get());
    archive_read_support_filter_zstd(archive_.get());
    archive_read_support_format_raw(archive_.get());
    archive_read_support_format_empty(archive_.get());
    archive_.open();
    archive_entry* whole = nullptr;
    is_empty_ = !archive_.next_header(&whole);
  }
  ConstBytes read() override {
    return ConstBytes(buffer_).first(is_empty_ ? 0 : archive_.read_data(buffer_));
  }
  std::uint64_t skip(std::uint64_t) override { return 0; }

 private:
  SourceFeed source_;
  Archive archive_;
  std::vector<std::byte> buffer_;
  bool is_empty_ = false;
};

// Remembers what libarchive reads as the headers of an entry.
class Recorder final : public Feed {
 public:
  explicit Recorder(std::unique_ptr<Feed> feed) : feed_(std::move(feed)) {}

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

  std::unique_ptr<Feed> feed_;
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
  explicit Impl(std::unique_ptr<Feed> feed) : recorder_(std::move(feed)), archive_(recorder_) {
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
  Archive archive_;
  bool is_in_entry_ = false;
  // The entry's content.
  std::uint64_t size_ = 0;         // bytes, holes included
  std::uint64_t at_ = 0;           // how many were read or skipped
  ConstBytes block_;               // libarchive's, valid until it is asked for more
  std::uint64_t block_begin_ = 0;  // where it lies in the content: at `at_` or after a hole
};

TarReader::TarReader(Source& tar)
    : impl_(std::make_unique<Impl>(std::make_unique<Decompressed>(tar))) {}
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
