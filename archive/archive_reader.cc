#include "archive/archive_reader.h"

#include "archive/imgpkg_manifest.h"
#include "base/error.h"
#include "base/tar_reader.h"
#include "base/text.h"
#include "oci/verify.h"

#include <fmt/format.h>

#include <algorithm>

namespace tote::archive {
namespace {

constexpr std::uint64_t kMaxManifestJson = 512U << 20U;  // every manifest and config, inline
constexpr const char* kManifestJson = "manifest.json";

bool leads_out(const std::string& name) {
  const std::vector<std::string> parts = split(name, '/');
  return name.starts_with('/') || std::find(parts.begin(), parts.end(), "..") != parts.end();
}

}  // namespace

ArchiveReader::ArchiveReader(const std::filesystem::path& path)
    : path_(path), file_(std::make_shared<const UniqueFd>(open_for_reading(path))) {
  while_doing([&] { return fmt::format("Reading archive '{}'", path_.string()); },
              [&] {
                index();
                const Entry manifest = at(kManifestJson);
                FileSource text(file_, manifest.offset, manifest.size);
                contents_ = decode_imgpkg_manifest(read_all(text, kMaxManifestJson, kManifestJson),
                                                   kManifestJson);
              });
}

void ArchiveReader::index() {
  const std::uint64_t size = file_size(file_->get());
  TarReader tar(file_->get());
  while (const std::optional<TarEntry> entry = tar.next()) {
    if (leads_out(entry->name))
      throw Error(ErrorKind::kParse, fmt::format("entry '{}' leads out of it", entry->name));
    if (entry->type != TarEntryType::kFile) continue;
    if (entry->offset > size || entry->size > size - entry->offset)
      throw Error(ErrorKind::kParse, fmt::format("entry '{}' is cut short", entry->name));
    entries_.try_emplace(entry->name, Entry{entry->offset, entry->size});
  }
}

const ArchiveReader::Entry& ArchiveReader::at(const std::string& name) const {
  const auto found = entries_.find(name);
  if (found != entries_.end()) return found->second;
  if (name == kManifestJson)
    throw Error(ErrorKind::kParse, fmt::format("file {} not found in tar", name))
        .with_hint("archives are made with copy --to-tar");
  throw Error(
      ErrorKind::kNotFound,
      fmt::format("file {} not found in tar (hint: This may be because when copying to a tarball, "
                  "the --include-non-distributable-layers flag should have been provided.)",
                  name));
}

std::optional<oci::Descriptor> ArchiveReader::resolve(std::string_view tag_or_digest,
                                                      std::stop_token) {
  for (const oci::RawManifest& manifest : contents_.manifests)
    if (manifest.descriptor.digest.str() == tag_or_digest) return manifest.descriptor;
  return std::nullopt;
}

oci::RawManifest ArchiveReader::fetch_manifest(std::string_view tag_or_digest, std::stop_token) {
  const auto digest = oci::Digest::try_parse(tag_or_digest);
  const oci::RawManifest* found = digest ? contents_.find_manifest(*digest) : nullptr;
  if (found == nullptr)
    throw Error(ErrorKind::kNotFound,
                fmt::format("archive '{}' has no image '{}'", path_.string(), tag_or_digest));
  return *found;
}

bool ArchiveReader::has_blob(const oci::Descriptor& blob, std::stop_token) {
  return contents_.find_config(blob.digest) != nullptr ||
         entries_.contains(layer_entry_name(blob.digest));
}

std::unique_ptr<Source> ArchiveReader::open_blob(const oci::Descriptor& blob, std::uint64_t offset,
                                                 std::stop_token) {
  if (const oci::CarriedConfig* config = contents_.find_config(blob.digest))
    return std::make_unique<StringSource>(config->bytes.substr(offset));
  const Entry& entry = at(layer_entry_name(blob.digest));
  if (entry.size != blob.size)
    while_doing(
        [&] { return fmt::format("archive '{}': layer '{}'", path_.string(), blob.digest.str()); },
        [&] { oci::throw_wrong_size(entry.size, blob.size); });
  auto content = std::make_unique<FileSource>(file_, entry.offset + offset, entry.size - offset);
  if (offset > 0) return content;
  return std::make_unique<oci::VerifyingSource>(std::move(content), blob);
}

}  // namespace tote::archive
