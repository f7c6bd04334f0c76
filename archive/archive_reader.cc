#include "archive/archive_reader.h"

#include "archive/docker_save.h"
#include "archive/imgpkg_manifest.h"
#include "archive/oci_layout.h"
#include "archive/tote_sums.h"
#include "base/error.h"
#include "oci/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace tote::archive {
namespace fs = std::filesystem;

ArchiveReader::ArchiveReader(const fs::path& path, const ReadOptions& options) : path_(path) {
  while_doing([&] { return fmt::format("Reading archive '{}'", path_.string()); },
              [&] { open(options); });
}

void ArchiveReader::open(const ReadOptions& options) {
  std::error_code failed;
  const auto status = fs::status(path_, failed);
  if (fs::is_directory(status)) {
    is_directory_ = true;
    files_ = open_directory(path_);
    const auto index = files_->read(kIndexJson, kMaxMetadata);
    if (!index || !files_->find(kOciLayout))
      throw Error(ErrorKind::kParse,
                  "it is a directory without the files oci-layout and index.json");
    return read_layout(*index);
  }
  if (fs::exists(status) && !fs::is_regular_file(status))
    throw Error(ErrorKind::kParse, "it is no regular file");
  files_ = open_tar(open_archive(path_, options));
  read_tar();
  read_delta();
}

// What is left out has to be what it says, and nothing else.
void ArchiveReader::read_delta() {
  const auto text = files_->read(kToteDelta, kMaxMetadata);
  if (!text) return;
  delta_ = decode_delta(*text);
  std::map<oci::Digest, std::uint64_t> left_out;
  for (const oci::CarriedLayer& layer : contents_.layers)
    if (!locate(layer.blob.digest)) left_out.emplace(layer.blob.digest, layer.blob.size);
  std::map<oci::Digest, std::uint64_t> said;
  const std::size_t count = delta_.needs.size() + delta_.rebuilt.size();
  for (const oci::Descriptor& blob : delta_.needs) said.emplace(blob.digest, blob.size);
  for (const RebuiltLayer& rebuilt : delta_.rebuilt) {
    said.emplace(rebuilt.layer.digest, rebuilt.layer.size);
    const auto patch = locate(rebuilt.patch.digest);
    if (!patch || patch->size != rebuilt.patch.size)
      throw Error(ErrorKind::kParse, fmt::format("the patch {} that {} speaks of is not there",
                                                 rebuilt.patch.digest.str(), kToteDelta));
  }
  if (left_out != said || said.size() != count)
    throw Error(ErrorKind::kParse,
                fmt::format("{} does not say what is left out of it", kToteDelta));
}

// What docker saves since version 25 is a layout too, which has the manifests as they were.
void ArchiveReader::read_tar() {
  const auto manifest_text = files_->read(kManifestJson, kMaxManifestJson);
  auto index_text = files_->read(kIndexJson, kMaxMetadata);
  check_tote_sums(*files_, manifest_text, index_text);
  if (!manifest_text && index_text && files_->find(kOciLayout)) return read_layout(*index_text);
  if (!manifest_text)
    throw Error(ErrorKind::kParse, "file manifest.json not found in tar")
        .with_hint("archives are made with copy --to-tar");
  if (!is_docker_save(*manifest_text)) {
    is_imgpkg_ = true;
    if (index_text) images_lock_ = images_lock_of_index(*index_text);
    index_text.reset();  // of very many images it is large
    contents_ = decode_imgpkg_manifest(*manifest_text, [this](const oci::Digest& digest) {
      return files_->read(blob_path(digest), oci::kMaxManifestSize);
    });
    return;
  }
  if (index_text && files_->find(kOciLayout)) {
    try {
      return read_layout(*index_text);
    } catch (const Error& error) {
      // An index may name platforms that were not saved; manifest.json names what was.
      if (error.kind() != ErrorKind::kNotFound) throw;
    }
  }
  DockerImages images = decode_docker_save(*manifest_text, *files_, nowhere_for(path_));
  contents_ = std::move(images.contents);
  named_layers_ = std::move(images.layers);
}

void ArchiveReader::read_layout(const std::string& index_json) {
  if (const auto version = files_->read(kOciLayout, kMaxOciLayout)) check_layout_version(*version);
  const oci::Repository nowhere = nowhere_for(path_);
  LayoutIndex index = decode_layout_index(
      index_json,
      [this](const oci::Digest& digest) {
        return files_->read(blob_path(digest), oci::kMaxManifestSize);
      },
      nowhere);
  contents_ = std::move(index.contents);
  images_lock_ = std::move(index.images_lock);
}

std::optional<FilePlace> ArchiveReader::locate(const oci::Digest& layer) const {
  const auto named = named_layers_.find(layer);
  if (named != named_layers_.end()) return named->second;
  if (auto place = files_->find(layer_entry_name(layer))) return place;
  return files_->find(blob_path(layer));
}

FilePlace ArchiveReader::at(const oci::Digest& layer) const {
  if (auto place = locate(layer)) return *std::move(place);
  if (leaves_out(layer) || rebuilds(layer))
    throw Error(
        ErrorKind::kNotFound,
        fmt::format("layer {} is not in it: it holds only what was new (--since)", layer.str()))
        .with_hint("it is whole together with what it was made after");
  if (!is_imgpkg_)
    throw Error(ErrorKind::kNotFound, fmt::format("file {} is not there", blob_path(layer)));
  throw Error(
      ErrorKind::kNotFound,
      fmt::format("file {} not found in tar (hint: This may be because when copying to a tarball, "
                  "the --include-non-distributable-layers flag should have been provided.)",
                  layer_entry_name(layer)));
}

std::vector<std::string> ArchiveReader::images_locks() const {
  return images_lock_.empty() ? std::vector<std::string>() : std::vector{images_lock_};
}

bool ArchiveReader::rebuilds(const oci::Digest& layer) const {
  return std::any_of(delta_.rebuilt.begin(), delta_.rebuilt.end(),
                     [&](const auto& one) { return one.layer.digest == layer; });
}

bool ArchiveReader::leaves_out(const oci::Digest& layer) const {
  return std::any_of(delta_.needs.begin(), delta_.needs.end(),
                     [&](const auto& blob) { return blob.digest == layer; });
}

bool ArchiveReader::has_blob(const oci::Digest& blob) const {
  return contents_.find_config(blob) != nullptr || locate(blob).has_value();
}

std::unique_ptr<Source> ArchiveReader::open_blob(const oci::Descriptor& blob,
                                                 std::uint64_t offset) const {
  return while_doing(
      [&] { return fmt::format("archive '{}': '{}'", path_.string(), blob.digest.str()); },
      [&]() -> std::unique_ptr<Source> {
        std::unique_ptr<Source> content;
        if (const oci::CarriedConfig* config = contents_.find_config(blob.digest)) {
          if (config->bytes.size() != blob.size)
            oci::throw_wrong_size(config->bytes.size(), blob.size);
          content = std::make_unique<StringSource>(config->bytes.substr(offset));
        } else {
          const FilePlace place = at(blob.digest);
          if (place.size != blob.size) oci::throw_wrong_size(place.size, blob.size);
          content = place.open(offset);
        }
        if (offset > 0) return content;
        return std::make_unique<oci::VerifyingSource>(std::move(content), blob);
      });
}

}  // namespace tote::archive
