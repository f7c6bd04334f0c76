#include "archive/archive_reader.h"

#include "archive/imgpkg_manifest.h"
#include "base/error.h"
#include "base/tar_reader.h"
#include "base/text.h"
#include "oci/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace tote::archive {
namespace {

constexpr const char* kManifestJson = "manifest.json";

bool leads_out(const std::string& name) {
  const std::vector<std::string> parts = split(name, '/');
  return name.starts_with('/') || std::find(parts.begin(), parts.end(), "..") != parts.end();
}

}  // namespace

ArchiveReader::ArchiveReader(const std::filesystem::path& path) : path_(path) {
  while_doing([&] { return fmt::format("Reading archive '{}'", path_.string()); },
              [&] {
                open();
                index();
                contents_ = decode_imgpkg_manifest(
                    read_entry(at(kManifestJson), kMaxManifestJson, kManifestJson),
                    [this](const oci::Digest& digest) { return find_blob(digest); });
              });
}

void ArchiveReader::open() {
  std::error_code failed;
  const auto status = std::filesystem::status(path_, failed);
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status))
    throw Error(ErrorKind::kParse, "it is no regular file");
  file_ = std::make_shared<const UniqueFd>(open_for_reading(path_));
  std::array<std::byte, 4> first{};
  read_at(file_->get(), first, 0);
  const std::string_view magic = as_text(first);
  if (magic.starts_with("\x1f\x8b") || magic == "\x28\xb5\x2f\xfd")
    throw Error(ErrorKind::kParse, "it is compressed")
        .with_hint("decompress it first: an archive is read in place");
}

std::string ArchiveReader::read_entry(const Entry& entry, std::uint64_t limit,
                                      std::string_view what) const {
  FileSource text(file_, entry.offset, entry.size);
  return read_all(text, limit, what);
}

std::optional<std::string> ArchiveReader::find_blob(const oci::Digest& digest) const {
  const auto found =
      entries_.find(fmt::format("blobs/{}/{}", digest.algorithm_name(), digest.hex()));
  if (found == entries_.end()) return std::nullopt;
  return read_entry(found->second, oci::kMaxManifestSize, found->first);
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
    // "./": how tar names what it packs out of a directory.
    const std::string name = entry->name.starts_with("./") ? entry->name.substr(2) : entry->name;
    entries_.try_emplace(name, Entry{entry->offset, entry->size});
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
  const auto digest = oci::Digest::try_parse(tag_or_digest);
  const oci::RawManifest* found = digest ? contents_.find_manifest(*digest) : nullptr;
  if (found == nullptr) return std::nullopt;
  return found->descriptor;
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

std::optional<ArchiveReader::Place> ArchiveReader::locate(const oci::Digest& layer) const {
  const auto found = entries_.find(layer_entry_name(layer));
  if (found == entries_.end()) return std::nullopt;
  return found->second;
}

std::unique_ptr<Source> ArchiveReader::open_blob(const oci::Descriptor& blob, std::uint64_t offset,
                                                 std::stop_token) {
  return while_doing(
      [&] { return fmt::format("archive '{}': '{}'", path_.string(), blob.digest.str()); },
      [&]() -> std::unique_ptr<Source> {
        std::unique_ptr<Source> content;
        if (const oci::CarriedConfig* config = contents_.find_config(blob.digest)) {
          if (config->bytes.size() != blob.size)
            oci::throw_wrong_size(config->bytes.size(), blob.size);
          content = std::make_unique<StringSource>(config->bytes.substr(offset));
        } else {
          const Entry& entry = at(layer_entry_name(blob.digest));
          if (entry.size != blob.size) oci::throw_wrong_size(entry.size, blob.size);
          content = std::make_unique<FileSource>(file_, entry.offset + offset, entry.size - offset);
        }
        if (offset > 0) return content;
        return std::make_unique<oci::VerifyingSource>(std::move(content), blob);
      });
}

}  // namespace tote::archive
