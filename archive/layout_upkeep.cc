#include "archive/layout_upkeep.h"

#include "archive/index_entries.h"
#include "archive/layout_directory.h"
#include "archive/oci_layout.h"
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "oci/media_types.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <system_error>
#include <unistd.h>

namespace tote::archive {
namespace {

namespace fs = std::filesystem;

// What index.json names itself; nullopt: something of it is no manifest.
std::optional<std::set<oci::Digest>> named_by_index(const ArchiveReader& layout) {
  std::set<oci::Digest> named;
  const Json index = Json::parse(read_file(layout.path() / kIndexJson, kMaxMetadata), kIndexJson);
  for (const Json& entry : index.items_of("manifests")) {
    const oci::Descriptor target = oci::parse_descriptor(entry);
    if (!oci::may_be_manifest(target.media_type)) return std::nullopt;
    named.insert(target.digest);
  }
  return named;
}

void add_needed(const oci::Contents& contents, std::set<oci::Digest>& needed) {
  for (const oci::ManifestPtr& manifest : contents.manifests) {
    needed.insert(manifest->digest());
    for (const oci::Descriptor& blob : manifest->blobs()) needed.insert(blob.digest);
  }
}

// Files that are called as blobs are.
std::vector<oci::Descriptor> list_blobs(const fs::path& directory) {
  std::vector<oci::Descriptor> blobs;
  for (const char* algorithm : {"sha256", "sha512"}) {
    std::error_code failed;
    fs::directory_iterator file(directory / "blobs" / algorithm, failed);
    for (; !failed && file != fs::directory_iterator(); file.increment(failed)) {
      const auto digest =
          oci::Digest::try_parse(fmt::format("{}:{}", algorithm, file->path().filename().string()));
      std::error_code gone;
      const std::uint64_t size = file->file_size(gone);
      if (digest && !gone) blobs.push_back({{}, *digest, size});
    }
    if (failed && failed != std::errc::no_such_file_or_directory)
      throw Error(ErrorKind::kIo, fmt::format("list {}: {}", (directory / "blobs").string(),
                                              to_lower(failed.message())));
  }
  std::sort(blobs.begin(), blobs.end(),
            [](const auto& a, const auto& b) { return a.digest < b.digest; });
  return blobs;
}

const std::string& expect_index(const std::optional<std::string>& present) {
  if (present) return *present;
  throw Error(ErrorKind::kParse, fmt::format("it has no {}", kIndexJson));
}

// Those that are called `name`; a tag alone will do.
bool is_called(const IndexEntry& entry, const std::string& name) {
  if (entry.tag.empty()) return false;
  return entry.tag == name || fmt::format("{}:{}", entry.repository.name(), entry.tag) == name;
}

std::optional<oci::Digest> remove_entries(IndexEntries& index, const std::string& name) {
  std::optional<oci::Digest> found;
  for (const IndexEntry& entry : index.entries()) {
    if (!is_called(entry, name)) continue;
    if (found && *found != entry.target.digest)
      throw Error(ErrorKind::kUsage, fmt::format("'{}' and '{}' are both called '{}'", found->str(),
                                                 entry.target.digest.str(), name))
          .with_hint("name one by its reference, with its registry and its tag");
    found = entry.target.digest;
  }
  std::erase_if(index.entries(), [&](const IndexEntry& entry) { return is_called(entry, name); });
  return found;
}

}  // namespace

std::vector<oci::Descriptor> find_stray_blobs(const ArchiveReader& layout) {
  std::optional<std::set<oci::Digest>> needed = named_by_index(layout);
  if (!needed) return {};
  add_needed(layout.contents(), *needed);
  std::vector<oci::Descriptor> strays = list_blobs(layout.path());
  std::erase_if(strays, [&](const oci::Descriptor& blob) { return needed->contains(blob.digest); });
  return strays;
}

std::vector<oci::Descriptor> remove_images(const fs::path& directory,
                                           const std::set<oci::Digest>& images) {
  return while_doing(
      [&] { return fmt::format("Removing images from layout '{}'", directory.string()); },
      [&] {
        const UniqueFd lock = lock_layout(directory, LayoutUse::kRemoving);
        change_index(directory, [&](const std::optional<std::string>& present) {
          return index_without(expect_index(present), images);
        });
        std::vector<oci::Descriptor> strays = find_stray_blobs(ArchiveReader(directory));
        for (const oci::Descriptor& blob : strays) {
          const fs::path file = directory / blob_path(blob.digest);
          if (::unlink(file.c_str()) != 0 && errno != ENOENT)
            throw io_error(fmt::format("remove {}", file.string()));
        }
        remove_passing_blobs(directory);
        sync_directory(directory);
        return strays;
      });
}

std::optional<oci::Digest> remove_tag(const fs::path& directory, const std::string& name) {
  return while_doing(
      [&] { return fmt::format("Removing '{}' from layout '{}'", name, directory.string()); },
      [&] {
        expect_layout(directory);
        const UniqueFd lock = lock_layout(directory, LayoutUse::kAdding);
        const auto files = open_directory(directory);
        const auto read = [&](const oci::Digest& digest) {
          return files->read(blob_path(digest), oci::kMaxManifestSize);
        };
        std::optional<oci::Digest> removed;
        change_index(directory, [&](const std::optional<std::string>& present) {
          IndexEntries index(expect_index(present), read, nowhere_for(directory));
          removed = remove_entries(index, name);
          return removed ? index.text() : *present;
        });
        return removed;
      });
}

}  // namespace tote::archive
