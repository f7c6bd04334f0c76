#include "archive/volume_set.h"

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <system_error>

namespace tote::archive {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPart = ".part";

using Volumes = std::map<fs::path, VolumeHeader>;

bool is_regular(const fs::path& path) {
  std::error_code failed;
  return fs::is_regular_file(path, failed);
}

// Of another file in the directory than the one that was named.
std::optional<VolumeHeader> try_header(const fs::path& path) {
  try {
    return read_volume_header(path);
  } catch (const Error&) {
    return std::nullopt;
  }
}

// The one set whose volumes are called after `file`; nullopt: there is none.
std::optional<VolumeHeader> set_called(const fs::path& file, const Volumes& volumes) {
  std::map<VolumeSetId, VolumeHeader> sets;
  for (const auto& [path, header] : volumes)
    if (header.is_finished && name_without_number(path) == file) sets.emplace(header.set, header);
  if (sets.size() > 1)
    throw Error(ErrorKind::kParse,
                fmt::format("there are volumes of {} sets called {}", sets.size(), file.string()))
        .with_hint("name a volume of the one that is meant");
  if (sets.empty()) return std::nullopt;
  return sets.begin()->second;
}

// The header of any volume of the set that is meant.
std::optional<VolumeHeader> choose_set(const fs::path& path, const Volumes& volumes) {
  if (const auto own = volumes.find(path); own != volumes.end()) {
    if (own->second.is_finished) return own->second;
    throw Error(ErrorKind::kParse, "it is a volume of a set that was never finished")
        .with_hint("copy --to-tar FILE --split SIZE --resume goes on with it");
  }
  return set_called(name_without_number(path).value_or(path), volumes);
}

// What the volumes are called after: as the one that was named, else as any.
fs::path file_name_of(const fs::path& path, const VolumeSetId& set, const Volumes& volumes) {
  if (const auto file = name_without_number(path)) return *file;
  for (const auto& [found, header] : volumes)
    if (header.set == set)
      if (const auto file = name_without_number(found)) return *file;
  return path;
}

std::string what_is_wrong(const fs::path& path, std::uint64_t want_size) {
  std::error_code failed;
  const std::uint64_t size = fs::file_size(path, failed);
  if (!failed && size == want_size) return {};
  return fmt::format("has {} bytes instead of {}", size, want_size);
}

VolumeSet collect(const VolumeHeader& any, const fs::path& file, const Volumes& volumes) {
  VolumeSet set{any.geometry, any.set, std::vector<FoundVolume>(any.geometry.volumes())};
  for (std::uint32_t i = 0; i < set.volumes.size(); ++i) {
    FoundVolume& volume = set.volumes[i];
    volume.path = set.geometry.name(file, i);
    volume.wrong =
        is_regular(volume.path) ? "has a damaged header, or is of another set" : "is not there";
  }
  for (const auto& [path, header] : volumes) {
    if (!header.is_finished || header.set != any.set || header.geometry != any.geometry) continue;
    FoundVolume& volume = set.volumes[header.volume];
    if (volume.wrong.empty()) continue;  // a copy of one that is right
    volume = {path, header.sums_digest, what_is_wrong(path, set.geometry.file_size(header.volume))};
  }
  return set;
}

}  // namespace

std::optional<VolumeHeader> read_volume_header(const fs::path& path) {
  std::array<std::byte, kVolumeHeader> bytes{};
  const std::size_t size = open_for_reading(path)->read_at(bytes, 0);
  return VolumeHeader::decode(ConstBytes(bytes).first(size));
}

std::optional<fs::path> name_without_number(const fs::path& path) {
  std::string name = path.string();
  if (name.ends_with(kPart)) name.resize(name.size() - kPart.size());
  const std::size_t dot = name.rfind('.');
  if (dot == std::string::npos || dot == 0 || name[dot - 1] == '/') return std::nullopt;
  std::string_view number = std::string_view(name).substr(dot + 1);
  const bool is_parity = number.starts_with('p');
  if (is_parity) number.remove_prefix(1);
  const bool is_number = number.find_first_not_of("0123456789") == std::string_view::npos;
  if (!is_number || number.size() < (is_parity ? 2U : 3U)) return std::nullopt;
  return fs::path(name.substr(0, dot));
}

Volumes volumes_in(const fs::path& directory) {
  Volumes volumes;
  std::error_code failed;
  // As it is written: what stands in front of the names of its files in errors.
  fs::directory_iterator entry(directory.empty() ? "." : directory, failed);
  for (; !failed && entry != fs::directory_iterator(); entry.increment(failed)) {
    const fs::path path = directory / entry->path().filename();
    if (!is_regular(path)) continue;
    if (const auto header = try_header(path)) volumes.emplace(path, *header);
  }
  return volumes;
}

std::optional<VolumeSet> find_volume_set(const fs::path& path) {
  const bool is_there = is_regular(path);
  if (!is_there && fs::exists(path)) return std::nullopt;
  const bool is_volume = is_there && read_volume_header(path);
  if (is_there && !is_volume && !name_without_number(path)) return std::nullopt;
  const Volumes volumes = volumes_in(path.parent_path());
  const auto any = choose_set(path, volumes);
  if (!any) return std::nullopt;
  return collect(*any, file_name_of(path, any->set, volumes), volumes);
}

}  // namespace tote::archive
