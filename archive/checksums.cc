#include "archive/checksums.h"

#include "archive/volume_set.h"
#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/temporary_file.h"

#include <fmt/format.h>

#include <vector>

namespace tote::archive {
namespace {

constexpr std::size_t kBuffer = 1U << 20U;
constexpr mode_t kMode = 0644;

std::string sha256_of_file(const std::filesystem::path& path, const std::stop_token& stop) {
  const FilePtr file = open_for_reading(path);
  Hasher hasher(HashAlgorithm::kSha256);
  std::vector<std::byte> buffer(kBuffer);
  std::uint64_t offset = 0;
  while (const std::size_t n = file->read_at(buffer, offset)) {
    if (stop.stop_requested()) throw Cancelled();
    hasher.update(ConstBytes(buffer).first(n));
    offset += n;
  }
  return to_hex(hasher.finish());
}

std::vector<std::filesystem::path> volumes_of(const std::filesystem::path& file) {
  std::vector<std::filesystem::path> paths;
  for (const auto& [path, header] : volumes_in(file.parent_path()))
    if (header.is_finished && name_without_number(path) == file) paths.push_back(path);
  return paths;
}

}  // namespace

void write_checksums(const std::filesystem::path& file, bool is_split,
                     const std::stop_token& stop) {
  std::string text;
  for (const std::filesystem::path& path :
       is_split ? volumes_of(file) : std::vector<std::filesystem::path>{file})
    text += fmt::format("{}  {}\n", sha256_of_file(path, stop), path.filename().string());
  replace_file(file.string() + ".sha256", text, kMode);
}

}  // namespace tote::archive
