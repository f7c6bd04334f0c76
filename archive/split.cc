#include "archive/split.h"

#include "archive/volume_writer.h"
#include "base/error.h"
#include "base/paths.h"
#include "base/temporary_file.h"

#include <fmt/format.h>

#include <vector>

namespace tote::archive {
namespace {

constexpr std::size_t kBuffer = 1U << 20U;

void copy_all(const RandomReader& from, const RandomWriter& to, const std::stop_token& stop) {
  std::vector<std::byte> buffer(kBuffer);
  std::uint64_t offset = 0;
  while (const std::size_t n = from.read_at(buffer, offset)) {
    if (stop.stop_requested()) throw Cancelled();
    to.write_at(ConstBytes(buffer).first(n), offset);
    offset += n;
  }
  if (offset != from.size())
    throw Error(ErrorKind::kIo,
                fmt::format("read {}: it has another size than before", from.name()));
}

}  // namespace

VolumeGeometry split_file(const std::filesystem::path& from, const std::filesystem::path& to,
                          const SplitOptions& options, const std::stop_token& stop) {
  const FilePtr file = open_for_reading(from);
  const auto geometry = VolumeGeometry::plan(file->size(), options.volume_size, options.parity);
  VolumeWriter volumes(to, geometry);
  try {
    volumes.begin(geometry.archive_size);
    copy_all(*file, volumes, stop);
    volumes.finish();
  } catch (...) {
    volumes.remove();
    throw;
  }
  return geometry;
}

void join_volumes(const VolumeReader& volumes, const std::filesystem::path& to,
                  const std::stop_token& stop) {
  const std::filesystem::path target = follow_links(to);
  TemporaryFile file(target.string() + ".", 0666, to.string());
  copy_all(volumes, *file.file(), stop);
  file.file()->sync();
  file.rename_to(target);
  sync_directory(target.parent_path());
}

}  // namespace tote::archive
