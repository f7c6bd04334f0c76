#include "archive/archive_set.h"

#include "archive/sparse_image.h"
#include "base/error.h"
#include "oci/image_graph.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

namespace tote::archive {
namespace {

// One image that two archives have is one image. Of an index that both carry for some platforms it
// is that of both.
void add_labels(const oci::CarriedImage& from, oci::CarriedImage& to) {
  const auto more = from.labels.find(kPlatformsLabel);
  const auto here = to.labels.find(kPlatformsLabel);
  if (here != to.labels.end() && more == from.labels.end())
    to.labels.erase(here);
  else if (here != to.labels.end() && here->second != more->second)
    here->second += "," + more->second;
  for (const auto& [name, value] : from.labels)
    if (name != kPlatformsLabel) to.labels.emplace(name, value);
}

class Merger {
 public:
  void add(const ArchiveReader& archive) {
    for (const oci::CarriedImage& image : archive.contents().images) add(image, archive);
    for (const oci::ManifestPtr& manifest : archive.contents().manifests)
      whole_.manifests.add(manifest);
    for (const oci::CarriedConfig& config : archive.contents().configs)
      configs_.try_emplace(config.blob.digest, config);
    for (const oci::CarriedLayer& layer : archive.contents().layers)
      layers_.try_emplace(layer.blob.digest, layer);
  }

  // In the order that one archive with all of them would have.
  oci::Contents finish() {
    std::vector<oci::CarriedImage> images;
    for (auto& [key, image] : images_) images.push_back(std::move(image));
    oci::sort_images(images);
    for (auto& [digest, config] : configs_) whole_.configs.push_back(std::move(config));
    for (auto& [digest, layer] : layers_) whole_.layers.push_back(std::move(layer));
    return oci::part_of(whole_, std::move(images));
  }

 private:
  using Key = std::tuple<std::string, std::string, std::string>;  // reference, tag, other name

  void add(const oci::CarriedImage& image, const ArchiveReader& archive) {
    if (!image.tag.empty()) expect_one_tag(image, archive);
    const auto [found, is_new] =
        images_.try_emplace(Key(image.reference(), image.tag, image.known_as), image);
    if (!is_new) add_labels(image, found->second);
  }

  void expect_one_tag(const oci::CarriedImage& image, const ArchiveReader& archive) {
    const auto [first, is_new] =
        tags_.try_emplace(fmt::format("{}:{}", image.repository.name(), image.tag),
                          std::pair(image.target.digest, archive.name()));
    const auto& [digest, where] = first->second;
    if (digest == image.target.digest || where == archive.name()) return;
    throw Error(ErrorKind::kUsage,
                fmt::format("'{}' is '{}' in archive '{}', and '{}' in '{}'", first->first,
                            digest.str(), where, image.target.digest.str(), archive.name()))
        .with_hint("copy them one after the other");
  }

  oci::Contents whole_;
  std::map<Key, oci::CarriedImage> images_;
  std::map<oci::Digest, oci::CarriedConfig> configs_;
  std::map<oci::Digest, oci::CarriedLayer> layers_;
  std::map<std::string, std::pair<oci::Digest, std::string>> tags_;  // digest, and in which archive
};

}  // namespace

ArchiveSet::ArchiveSet(const std::vector<std::filesystem::path>& paths,
                       const ReadOptions& options) {
  Merger merger;
  for (const std::filesystem::path& path : paths) {
    archives_.push_back(std::make_unique<const ArchiveReader>(path, options));
    merger.add(*archives_.back());
    name_ += (name_.empty() ? "" : ", ") + path.string();
  }
  contents_ = merger.finish();
}

std::vector<std::filesystem::path> ArchiveSet::paths() const {
  std::vector<std::filesystem::path> paths;
  for (const auto& archive : archives_) paths.push_back(archive->path());
  return paths;
}

std::vector<std::string> ArchiveSet::images_locks() const {
  std::vector<std::string> locks;
  for (const auto& archive : archives_)
    for (std::string& lock : archive->images_locks()) locks.push_back(std::move(lock));
  return locks;
}

const ArchiveReader* ArchiveSet::find(const oci::Digest& blob) const {
  for (const auto& archive : archives_)
    if (archive->has_blob(blob)) return archive.get();
  return nullptr;
}

std::vector<RebuiltLayer> ArchiveSet::rebuilt_layers() const {
  std::map<oci::Digest, RebuiltLayer> layers;
  for (const auto& archive : archives_)
    for (RebuiltLayer& layer : archive->rebuilt_layers())
      if (!has_blob(layer.layer.digest)) layers.try_emplace(layer.layer.digest, std::move(layer));
  std::vector<RebuiltLayer> list;
  for (auto& [digest, layer] : layers) list.push_back(std::move(layer));
  return list;
}

bool ArchiveSet::leaves_out(const oci::Digest& layer) const {
  const auto any = [&](auto has) { return std::any_of(archives_.begin(), archives_.end(), has); };
  return !has_blob(layer) && any([&](const auto& archive) { return archive->leaves_out(layer); }) &&
         !any([&](const auto& archive) { return archive->rebuilds(layer); });
}

// Where none has it, all say so in the same words but for the format.
void ArchiveSet::expect_layer(const oci::Digest& layer) const {
  if (!has_blob(layer)) archives_.front()->expect_layer(layer);
}

std::unique_ptr<Source> ArchiveSet::open_blob(const oci::Descriptor& blob,
                                              std::uint64_t offset) const {
  const ArchiveReader* archive = find(blob.digest);
  return (archive == nullptr ? *archives_.front() : *archive).open_blob(blob, offset);
}

std::unique_ptr<const Archive> open_archives(const std::vector<std::filesystem::path>& paths,
                                             const ReadOptions& options) {
  if (paths.size() == 1) return std::make_unique<const ArchiveReader>(paths.front(), options);
  return std::make_unique<const ArchiveSet>(paths, options);
}

}  // namespace tote::archive
