#include "archive/layout_writer.h"

#include "archive/file_upload.h"
#include "archive/layout_directory.h"
#include "archive/oci_layout.h"
#include "base/error.h"
#include "base/file.h"

#include <fmt/format.h>

#include <fcntl.h>
#include <optional>
#include <sys/stat.h>
#include <unistd.h>

namespace tote::archive {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kMode = 0644;

}  // namespace

LayoutWriter::LayoutWriter(const fs::path& directory) : directory_(directory) {
  while_doing([&] { return fmt::format("Creating layout '{}'", directory_.string()); },
              [&] {
                prepare_layout(directory_);
                lock_ = lock_layout(directory_, LayoutUse::kAdding);
              });
}

fs::path LayoutWriter::path_of(const oci::Digest& digest) const {
  return directory_ / blob_path(digest);
}

// A link is none of the layout's own: what it leads to may go.
bool LayoutWriter::has_blob(const oci::Descriptor& blob, std::stop_token stop) {
  const FilePtr file =
      File::try_open(path_of(blob.digest).string(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  return file && S_ISREG(file->status().st_mode) && file->size() == blob.size &&
         holds(file, 0, blob, stop);
}

std::unique_ptr<oci::Upload> LayoutWriter::begin_upload(const oci::Descriptor& blob,
                                                        std::stop_token stop) {
  fs::path aside;
  const FilePtr file = open_passing_blob(directory_, std::string(blob.digest.algorithm_name()),
                                         blob.digest.hex(), aside);
  const std::uint64_t found = file->size();
  // It was meant for this blob, as its name says, but who knows.
  if (found > blob.size && ::ftruncate(file->fd(), 0) != 0)
    throw io_error(fmt::format("cut {}", aside.string()));
  return std::make_unique<FileUpload>(
      file, 0, blob, found > blob.size ? 0 : found,
      [file, aside, target = path_of(blob.digest)] {
        if (::fchmod(file->fd(), kMode) != 0)
          throw io_error(fmt::format("chmod {}", aside.string()));
        rename_file(aside, target);
      },
      std::move(stop));
}

void LayoutWriter::finish(const oci::Contents& contents, const std::string& images_lock) {
  if (::syncfs(lock_.get()) != 0) throw io_error(fmt::format("sync {}", directory_.string()));
  change_index(directory_, [&](const std::optional<std::string>& present) {
    return present ? merge_layout_index(*present, contents, images_lock)
                   : encode_layout_index(contents, images_lock);
  });
  // Whoever is the last to be at work here tidies up.
  if (try_change_use(lock_, LayoutUse::kRemoving)) remove_passing_blobs(directory_);
}

}  // namespace tote::archive
