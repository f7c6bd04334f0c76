#include "archive/open_archive.h"

#include "archive/volume_reader.h"
#include "base/file.h"

namespace tote::archive {

ReaderPtr open_archive(const std::filesystem::path& path, const ReadOptions& options) {
  if (ReaderPtr volumes = find_volumes(path, options.notice)) return volumes;
  return open_for_reading(path);
}

}  // namespace tote::archive
