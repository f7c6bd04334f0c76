#include "archive/archive_writer.h"

#include "archive/file_upload.h"
#include "base/error.h"
#include "base/mutex.h"
#include "base/paths.h"
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace tote::archive {
namespace {

constexpr std::uint64_t kWorthKeeping = 1U << 20U;  // of a layer that is not whole

// Blocks are taken as content comes: a manifest may claim any size. A file system that does not say
// how large it is calls itself empty.
void make_room(int fd, std::uint64_t size) {
  struct statvfs disk {};
  const bool is_known = ::fstatvfs(fd, &disk) == 0 && disk.f_blocks > 0 && disk.f_frsize > 0;
  if (is_known && size / disk.f_frsize > disk.f_bavail)
    errno = ENOSPC;
  else if (::ftruncate(fd, static_cast<off_t>(size)) == 0)
    return;
  throw io_error(fmt::format("make room for {} bytes", size));
}

bool is_still_called(int fd, const std::filesystem::path& path) {
  struct stat opened {};
  struct stat named {};
  return ::fstat(fd, &opened) == 0 && ::lstat(path.c_str(), &named) == 0 &&
         opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

// Whether every block of the range has been written at some time. Where the file system can not
// tell, it says yes.
bool was_written(int fd, const LayerPlace& place) {
  constexpr std::uint64_t kBlock = 4096;  // the last one may be shared with what follows
  if (place.size <= kBlock) return true;
  const off_t hole = ::lseek(fd, static_cast<off_t>(place.offset), SEEK_HOLE);
  return hole < 0 || static_cast<std::uint64_t>(hole) + kBlock > place.offset + place.size;
}

// How much of a layer an earlier run may have written: it did so from front to back, and what it
// did not come to reads as zeros. Where the file system knows holes only what lies before them is
// looked at.
std::uint64_t written_of(const File& part, const LayerPlace& place, const std::stop_token& stop) {
  const off_t hole = ::lseek(part.fd(), static_cast<off_t>(place.offset), SEEK_HOLE);
  std::uint64_t end = place.size;
  if (hole >= 0) end = std::min(end, static_cast<std::uint64_t>(hole) - place.offset);
  std::vector<std::byte> piece(kStreamChunk);
  while (end > 0) {
    if (stop.stop_requested()) throw Cancelled();
    const std::uint64_t begin = end - std::min<std::uint64_t>(end, piece.size());
    const MutableBytes bytes = std::span(piece).first(static_cast<std::size_t>(end - begin));
    part.read_at(bytes, place.offset + begin);
    const auto last = std::find_if(bytes.rbegin(), bytes.rend(),
                                   [](std::byte byte) { return byte != std::byte{0}; });
    if (last != bytes.rend()) return begin + static_cast<std::uint64_t>(bytes.rend() - last);
    end = begin;
  }
  return 0;
}

// Locked. Between opening and locking, another process may have finished the file and given it its
// final name: then it is no part any more.
FilePtr open_part(const std::filesystem::path& path) {
  for (;;) {
    FilePtr part = File::open(path, O_RDWR | O_CREAT | O_NOFOLLOW, 0666);
    if (::flock(part->fd(), LOCK_EX | LOCK_NB) != 0)
      throw Error(ErrorKind::kIo, fmt::format("another process is writing {}", path.string()));
    if (is_still_called(part->fd(), path)) return part;
  }
}

[[noreturn]] void throw_in_the_way(const std::filesystem::path& path) {
  throw Error(ErrorKind::kIo,
              fmt::format("{} is in the way: it is no archive that was begun", path.string()))
      .with_hint("remove it, or choose another name");
}

}  // namespace

bool ArchiveWriter::would_write(const std::filesystem::path& file,
                                const std::filesystem::path& path) {
  const std::string part = real_path(path.string() + ".part").string();
  const std::string name = real_path(file).string();
  return is_same_or_below(path, file) || name == part || name.starts_with(part + ".old");
}

ArchiveWriter::ArchiveWriter(const std::filesystem::path& path, const oci::Contents& contents,
                             ArchiveWriterOptions options)
    : path_(follow_links(path)),
      part_path_(path_.string() + ".part"),
      options_(std::move(options)),
      layout_(lay_out(contents, options_.format, options_.images_lock)) {
  if (options_.resume) find_earlier_files();
  while_doing([&] { return fmt::format("Creating file '{}'", path_.string()); }, [&] { create(); });
}

void ArchiveWriter::find_earlier_files() {
  std::error_code failed;
  if (std::filesystem::is_regular_file(path_, failed)) add_earlier_file(path_);
  while (std::filesystem::exists(next_old_part(), failed)) {
    const std::filesystem::path part = next_old_part();
    if (!add_earlier_file(part).is_archive()) throw_in_the_way(part);
    old_parts_.push_back(part);
  }
}

const EarlierLayers& ArchiveWriter::add_earlier_file(const std::filesystem::path& path) {
  return while_doing(
      [&] { return fmt::format("Reading previously created tar '{}'", path.string()); },
      [&]() -> const EarlierLayers& { return earlier_.emplace_back(open_for_reading(path)); });
}

// FILE.part.old, then FILE.part.old2, ...
std::filesystem::path ArchiveWriter::next_old_part() const {
  return fmt::format("{}.old{}", part_path_.string(),
                     old_parts_.empty() ? "" : std::to_string(old_parts_.size() + 1));
}

void ArchiveWriter::create() {
  std::error_code absent;
  const auto status = std::filesystem::status(path_, absent);
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status))
    throw Error(ErrorKind::kIo, "it exists and is no regular file");
  part_ = open_part(part_path_);
  continues_part_ = options_.resume && part_has_this_layout();
  if (continues_part_) return;
  if (part_->size() > 0) set_part_aside();
  write_layout();
}

// An old part may still be of use if it is of other contents; its name is free for the new one.
void ArchiveWriter::set_part_aside() {
  std::optional<EarlierLayers> layers;
  try {
    layers.emplace(part_);
  } catch (const Error&) {
  }
  if (!layers || !layers->is_archive()) throw_in_the_way(part_path_);
  std::error_code failed;
  if (options_.resume) {
    old_parts_.push_back(next_old_part());
    std::filesystem::rename(part_path_, old_parts_.back(), failed);
    earlier_.push_back(*std::move(layers));
  } else {
    std::filesystem::remove(part_path_, failed);
  }
  if (failed)
    throw Error(ErrorKind::kIo,
                fmt::format("replace {}: {}", part_path_.string(), to_lower(failed.message())));
  part_ = open_part(part_path_);
}

bool ArchiveWriter::part_has_this_layout() const {
  if (part_->size() != layout_.size) return false;
  return std::all_of(layout_.pieces.begin(), layout_.pieces.end(), [this](const FixedPiece& piece) {
    std::string found(piece.bytes.size(), '\0');
    part_->read_at(std::as_writable_bytes(std::span(found)), piece.offset);
    return found == piece.bytes;
  });
}

void ArchiveWriter::write_layout() {
  try {
    make_room(part_->fd(), layout_.size);
    for (const FixedPiece& piece : layout_.pieces)
      part_->write_at(as_bytes(piece.bytes), piece.offset);
  } catch (const Error&) {
    ::unlink(part_path_.c_str());  // the destructor will not run
    throw;
  }
}

ArchiveWriter::~ArchiveWriter() {
  if (part_ && !is_worth_keeping()) ::unlink(part_path_.c_str());
}

bool ArchiveWriter::is_worth_keeping() const {
  if (!options_.keep_part) return false;
  if (continues_part_) return true;
  const Lock lock(mutex_);
  if (!done_.empty()) return true;
  return has_begun_ &&
         std::any_of(layout_.layers.begin(), layout_.layers.end(), [this](const auto& layer) {
           return written_of(*part_, layer.second, {}) >= kWorthKeeping;
         });
}

std::optional<std::size_t> ArchiveWriter::reuse_layers(ThreadPool& pool, std::stop_token stop) {
  if (earlier_.empty() && !continues_part_) return std::nullopt;
  TaskGroup group(pool, stop);
  for (const auto& [digest, place] : layout_.layers)
    group.run([this, layer = oci::Descriptor{"", digest, place.size}](std::stop_token token) {
      reuse(layer, token);
    });
  group.wait();
  const Lock lock(mutex_);
  return done_.size();
}

void ArchiveWriter::reuse(const oci::Descriptor& layer, const std::stop_token& stop) {
  if (continues_part_ && try_in_place(layer, stop)) return;
  for (const EarlierLayers& archive : earlier_) {
    const std::unique_ptr<Source> content = archive.open(layer);
    if (!content) continue;
    try {
      const auto upload = upload_behind(0, layer, stop);
      upload->append(*content, layer.size);
      return upload->commit();
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kDigestMismatch) throw;  // the next one, or a transfer
    }
  }
}

bool ArchiveWriter::try_in_place(const oci::Descriptor& layer, const std::stop_token& stop) {
  const LayerPlace place = layout_.layers.at(layer.digest);
  if (!was_written(part_->fd(), place)) return false;
  if (!holds(part_, place.offset, layer, stop)) return false;
  mark_done(layer.digest);
  return true;
}

bool ArchiveWriter::is_done(const oci::Digest& layer) const {
  const Lock lock(mutex_);
  return done_.contains(layer);
}

bool ArchiveWriter::has_blob(const oci::Descriptor& blob, std::stop_token) {
  return !layout_.layers.contains(blob.digest) || is_done(blob.digest);
}

std::unique_ptr<oci::Upload> ArchiveWriter::begin_upload(const oci::Descriptor& blob,
                                                         std::stop_token stop) {
  const LayerPlace& place = layout_.layers.at(blob.digest);
  return upload_behind(continues_part_ ? written_of(*part_, place, stop) : 0, blob,
                       std::move(stop));
}

std::unique_ptr<oci::Upload> ArchiveWriter::upload_behind(std::uint64_t found,
                                                          const oci::Descriptor& blob,
                                                          std::stop_token stop) {
  has_begun_ = true;
  return std::make_unique<FileUpload>(
      part_, layout_.layers.at(blob.digest).offset, blob, found,
      [this, digest = blob.digest] { mark_done(digest); }, std::move(stop));
}

void ArchiveWriter::mark_done(const oci::Digest& layer) {
  const Lock lock(mutex_);
  done_.insert(layer);
}

void ArchiveWriter::finish() {
  for (const auto& [digest, place] : layout_.layers)
    if (!is_done(digest))
      throw Error(ErrorKind::kInternal, fmt::format("layer '{}' was never written", digest.str()));
  part_->sync();
  rename_file(part_path_, path_);
  part_.reset();
  for (const std::filesystem::path& path : old_parts_) ::unlink(path.c_str());
  sync_directory(path_.parent_path());
}

}  // namespace tote::archive
