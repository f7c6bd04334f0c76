#include "base/tar_reader.h"

#include "base/error.h"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <exception>
#include <locale.h>
#include <sys/stat.h>
#include <vector>

namespace tote {
namespace {

constexpr mode_t kModeBits = 07777;
constexpr std::size_t kFileBlock = 64 * 1024;

struct FreeArchive {
  void operator()(struct archive* a) const noexcept { archive_read_free(a); }
};

TarEntryType type_of(archive_entry* entry) {
  if (archive_entry_hardlink(entry) != nullptr) return TarEntryType::kHardLink;
  switch (archive_entry_filetype(entry)) {
    case AE_IFREG:
      return TarEntryType::kFile;
    case AE_IFDIR:
      return TarEntryType::kDirectory;
    case AE_IFLNK:
      return TarEntryType::kSymbolicLink;
    default:
      return TarEntryType::kOther;
  }
}

// libarchive converts names to the locale of the calling thread, and warns of those that it can
// not show there. In this one every UTF-8 name can be shown.
class Utf8Locale {
 public:
  Utf8Locale() : before_(uselocale(instance())) {}
  Utf8Locale(const Utf8Locale&) = delete;
  Utf8Locale& operator=(const Utf8Locale&) = delete;
  ~Utf8Locale() { uselocale(before_); }

 private:
  static locale_t instance() {
    static const locale_t kUtf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    return kUtf8 == nullptr ? LC_GLOBAL_LOCALE : kUtf8;
  }
  locale_t before_;
};

std::string text_or_empty(const char* text) {
  return text == nullptr ? "" : text;
}

}  // namespace

class TarReader::Impl final : public Source {
 public:
  explicit Impl(Source& tar) : tar_(&tar), buffer_(kStreamChunk) {
    archive_read_support_filter_gzip(archive_.get());
    archive_read_support_filter_zstd(archive_.get());
    check(archive_read_open(archive_.get(), this, nullptr, &Impl::on_read, nullptr));
  }

  explicit Impl(int file) { check(archive_read_open_fd(archive_.get(), file, kFileBlock)); }

  std::optional<TarEntry> next() {
    const Utf8Locale locale;
    archive_entry* entry = nullptr;
    const int result = archive_read_next_header(archive_.get(), &entry);
    if (result == ARCHIVE_EOF) return std::nullopt;
    // Warnings are errors: of a record that libarchive did not understand, or of a name that it
    // had to cut, another reader may make something else.
    check(result);
    TarEntry out;
    out.name = text_or_empty(archive_entry_pathname(entry));
    if (archive_entry_sparse_count(entry) > 0)
      throw Error(ErrorKind::kParse, fmt::format("reading tar: '{}' is a sparse file", out.name));
    out.type = type_of(entry);
    out.link_target =
        text_or_empty(out.type == TarEntryType::kHardLink ? archive_entry_hardlink(entry)
                                                          : archive_entry_symlink(entry));
    out.mode = archive_entry_mode(entry) & kModeBits;
    out.uid = archive_entry_uid(entry);
    out.gid = archive_entry_gid(entry);
    out.mtime = archive_entry_mtime(entry);
    out.size = static_cast<std::uint64_t>(archive_entry_size(entry));
    // What the format reader has consumed so far are the headers.
    out.offset = static_cast<std::uint64_t>(archive_filter_bytes(archive_.get(), 0));
    return out;
  }

  [[nodiscard]] std::size_t read_some(MutableBytes out) override {
    const la_ssize_t n = archive_read_data(archive_.get(), out.data(), out.size());
    if (n < 0) check(static_cast<int>(n));
    return static_cast<std::size_t>(n);
  }

 private:
  static la_ssize_t on_read(struct archive* archive, void* self, const void** out) noexcept {
    auto* me = static_cast<Impl*>(self);
    try {
      *out = me->buffer_.data();
      return static_cast<la_ssize_t>(me->tar_->read_some(me->buffer_));
    } catch (...) {
      me->failure_ = std::current_exception();
      archive_set_error(archive, 0, "reading failed");
      return -1;
    }
  }

  void check(int result) {
    if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
    if (result == ARCHIVE_OK) return;
    throw Error(
        ErrorKind::kParse,
        fmt::format("reading tar: {}", text_or_empty(archive_error_string(archive_.get()))));
  }

  static struct archive* make() {
    struct archive* a = archive_read_new();
    archive_read_support_format_tar(a);
    archive_read_support_format_empty(a);
    return a;
  }

  Source* tar_ = nullptr;
  std::vector<std::byte> buffer_;
  std::exception_ptr failure_;
  std::unique_ptr<struct archive, FreeArchive> archive_{make()};
};

TarReader::TarReader(Source& tar) : impl_(std::make_unique<Impl>(tar)) {}
TarReader::TarReader(int file) : impl_(std::make_unique<Impl>(file)) {}
TarReader::~TarReader() = default;
std::optional<TarEntry> TarReader::next() {
  return impl_->next();
}
Source& TarReader::content() {
  return *impl_;
}

}  // namespace tote
