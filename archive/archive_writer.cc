#include "archive/archive_writer.h"

#include "base/error.h"
#include "oci/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace tote::archive {
namespace {

constexpr std::size_t kCopyBuffer = 256 * 1024;

void reserve(int fd, std::uint64_t size) {
  const auto length = static_cast<off_t>(size);
  if (::fallocate(fd, 0, 0, length) == 0) return;
  if (errno != EOPNOTSUPP && errno != ENOSYS) throw io_error("reserve space");
  if (::ftruncate(fd, length) != 0) throw io_error("reserve space");
}

bool is_still_called(int fd, const std::filesystem::path& path) {
  struct stat opened {};
  struct stat named {};
  return ::fstat(fd, &opened) == 0 && ::lstat(path.c_str(), &named) == 0 &&
         opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

// Locked. Between opening and locking, another process may have finished the file and given it its
// final name: then it is no part any more.
UniqueFd open_part(const std::filesystem::path& path) {
  for (;;) {
    UniqueFd part(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666));
    if (!part) throw io_error(fmt::format("open {}", path.string()));
    if (::flock(part.get(), LOCK_EX | LOCK_NB) != 0)
      throw Error(ErrorKind::kIo, fmt::format("another process is writing {}", path.string()));
    if (is_still_called(part.get(), path)) return part;
  }
}

}  // namespace

class ArchiveWriter::LayerUpload final : public oci::Upload {
 public:
  LayerUpload(ArchiveWriter& archive, const oci::Descriptor& blob, LayerPlace place)
      : archive_(archive), blob_(blob), place_(place) {}

  std::uint64_t offset() override { return offset_; }

  void append(Source& content, std::uint64_t size) override {
    // A source from the first byte on is verified by the time it reports its end.
    const bool from_start = offset_ == 0;
    std::vector<std::byte> buffer(kCopyBuffer);
    while (size > 0) {
      const std::size_t n = content.read_some(std::span(buffer).first(
          static_cast<std::size_t>(std::min<std::uint64_t>(size, buffer.size()))));
      if (n == 0) oci::throw_wrong_size(offset_, blob_.size);
      write_at(archive_.part_.get(), std::span(buffer).first(n), place_.offset + offset_);
      offset_ += n;
      size -= n;
    }
    expect_end(content);
    verified_ = from_start && offset_ == blob_.size;
  }

  void commit() override {
    if (offset_ != blob_.size) oci::throw_wrong_size(offset_, blob_.size);
    if (!verified_) verify_from_file();
    archive_.mark_done(blob_.digest);
  }

  std::string state() const override { return {}; }

 private:
  void verify_from_file() {
    Hasher hasher(blob_.digest.algorithm());
    std::vector<std::byte> buffer(kCopyBuffer);
    for (std::uint64_t at = 0; at < blob_.size;) {
      const auto want =
          static_cast<std::size_t>(std::min<std::uint64_t>(blob_.size - at, buffer.size()));
      const std::size_t n =
          read_at(archive_.part_.get(), std::span(buffer).first(want), place_.offset + at);
      if (n == 0) throw Error(ErrorKind::kIo, "the archive became shorter while it was written");
      hasher.update(std::span(buffer).first(n));
      at += n;
    }
    oci::check_digest(oci::Digest::of(hasher), blob_.digest, blob_.size);
  }

  ArchiveWriter& archive_;
  oci::Descriptor blob_;
  LayerPlace place_;
  std::uint64_t offset_ = 0;
  bool verified_ = false;
};

ArchiveWriter::ArchiveWriter(const std::filesystem::path& path, const oci::Contents& contents)
    : path_(path), part_path_(path.string() + ".part"), layout_(lay_out(contents)) {
  while_doing([&] { return fmt::format("Creating file '{}'", path_.string()); }, [&] { create(); });
  for (const auto& [digest, place] : layout_.layers) missing_.insert(digest);
}

void ArchiveWriter::create() {
  std::error_code absent;
  const auto status = std::filesystem::status(path_, absent);
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status))
    throw Error(ErrorKind::kIo, "it exists and is no regular file");
  part_ = open_part(part_path_);
  try {
    if (::ftruncate(part_.get(), 0) != 0) throw io_error("truncate");
    reserve(part_.get(), layout_.size);
    for (const FixedPiece& piece : layout_.pieces)
      write_at(part_.get(), as_bytes(piece.bytes), piece.offset);
  } catch (const Error&) {
    ::unlink(part_path_.c_str());  // the destructor will not run
    throw;
  }
}

ArchiveWriter::~ArchiveWriter() {
  if (part_) ::unlink(part_path_.c_str());
}

bool ArchiveWriter::has_blob(const oci::Descriptor& blob, std::stop_token) {
  return !layout_.layers.contains(blob.digest);
}

std::optional<oci::Descriptor> ArchiveWriter::resolve(std::string_view, std::stop_token) {
  return std::nullopt;
}

bool ArchiveWriter::try_mount(const oci::Descriptor&, const oci::Repository&, std::stop_token) {
  return false;
}

std::unique_ptr<oci::Upload> ArchiveWriter::begin_upload(const oci::Descriptor& blob,
                                                         std::string_view, std::stop_token) {
  return std::make_unique<LayerUpload>(*this, blob, layout_.layers.at(blob.digest));
}

void ArchiveWriter::push_manifest(const oci::RawManifest&, std::string_view, std::stop_token) {}

void ArchiveWriter::mark_done(const oci::Digest& digest) {
  const std::lock_guard lock(mutex_);
  missing_.erase(digest);
}

void ArchiveWriter::finish() {
  const std::lock_guard lock(mutex_);
  if (!missing_.empty())
    throw Error(ErrorKind::kInternal,
                fmt::format("layer '{}' was never written", missing_.begin()->str()));
  sync_file(part_.get(), part_path_.string());
  if (std::rename(part_path_.c_str(), path_.c_str()) != 0)
    throw io_error(fmt::format("rename {}", path_.string()));
  part_.reset();
  sync_directory(path_.parent_path());
}

}  // namespace tote::archive
