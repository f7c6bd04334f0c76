#include "archive/archive_mender.h"

#include "archive/file_upload.h"
#include "base/error.h"
#include "base/file.h"

#include <fmt/format.h>

#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <utility>

namespace tote::archive {
namespace {

[[noreturn]] void refuse(std::string why) {
  throw Error(ErrorKind::kUsage, std::move(why))
      .with_hint(
          "copy to it again: copy --to-tar FILE --resume takes from FILE what is right in it");
}

bool is_same_file(const File& a, const File& b) {
  struct stat info_a {};
  struct stat info_b {};
  if (::fstat(a.fd(), &info_a) != 0 || ::fstat(b.fd(), &info_b) != 0)
    throw io_error(fmt::format("stat {}", a.name()));
  return info_a.st_dev == info_b.st_dev && info_a.st_ino == info_b.st_ino;
}

// What is read lies in the file of that name as it is, rather than having been unpacked or put
// together of several.
FilePtr open_for_writing(const std::filesystem::path& path, const ReaderPtr& read) {
  if (const auto* file = dynamic_cast<const File*>(read.get())) {
    FilePtr writable = File::open(path, O_RDWR);
    if (is_same_file(*file, *writable)) return writable;
  }
  refuse("an archive that is compressed or in volumes can not be written in place");
}

}  // namespace

bool ArchiveMender::has_blob(const oci::Descriptor& blob, std::stop_token stop) {
  const auto place = archive_.locate(blob.digest);
  return place && place->size == blob.size && holds(place->bytes, place->offset, blob, stop);
}

std::unique_ptr<oci::Upload> ArchiveMender::begin_upload(const oci::Descriptor& blob,
                                                         std::stop_token stop) {
  const auto place = archive_.locate(blob.digest);
  if (!place) refuse("the archive has no room for it");
  if (place->size != blob.size)
    refuse(fmt::format("the archive has room for {} bytes, not {}", place->size, blob.size));
  FilePtr file = open_for_writing(archive_.path(), place->bytes);
  return std::make_unique<FileUpload>(
      file, place->offset, blob, 0, [file] { file->sync(); }, std::move(stop));
}

}  // namespace tote::archive
