#include "testregistry/storage/preload.h"

#include "archive/archive_reader.h"
#include "base/error.h"
#include "base/text.h"
#include "oci/media_types.h"
#include "oci/tag_conflict.h"
#include "testregistry/storage/layout_import.h"
#include "testregistry/storage/local_files.h"
#include "testregistry/values/names.h"

#include <fmt/format.h>

#include <set>

namespace tote::testregistry {
namespace {

std::string checked_name(std::string name, const std::filesystem::path& path) {
  if (is_repository_name(name)) return name;
  throw Error(ErrorKind::kParse, fmt::format("'{}' is no name of a repository", name))
      .with_hint(fmt::format("give it one: NAME={}", path.string()));
}

class ArchiveLoad {
 public:
  ArchiveLoad(Storage& storage, const PutBlob& put_blob, const std::filesystem::path& path)
      : storage_(storage), put_blob_(put_blob), archive_(path) {}

  void load(const std::string& repository) {
    const auto name_of = [&](const oci::CarriedImage& image) {
      return checked_name(repository.empty() ? image.repository.path : repository, archive_.path());
    };
    check_tags(name_of);
    for (const oci::CarriedImage& image : archive_.contents().images) {
      const std::string name = name_of(image);
      std::vector<std::string> tags;
      if (is_tag_name(image.tag)) tags.push_back(image.tag);
      add(name, image.target.digest, std::move(tags));
    }
  }

 private:
  // Before anything is put anywhere: a tag can be of one image only.
  void check_tags(const std::function<std::string(const oci::CarriedImage&)>& name_of) const {
    const auto conflict = oci::find_tag_conflict(archive_.contents().images, name_of);
    if (!conflict) return;
    const oci::CarriedImage& first = *conflict->first;
    throw Error(ErrorKind::kParse,
                fmt::format("'{}' and '{}' both want to be '{}:{}'", first.reference(),
                            conflict->second->reference(), name_of(first), first.tag));
  }

  // A manifest names others by their digests, so there is no going round in circles.
  void add(const std::string& repository, const oci::Digest& digest,
           std::vector<std::string> tags) {
    const oci::ManifestPtr manifest = archive_.contents().find_manifest(digest);
    const bool is_new = seen_.emplace(repository, digest).second;
    if (manifest == nullptr || (!is_new && tags.empty())) return;
    for (const oci::Descriptor& child : manifest->children()) add(repository, child.digest, {});
    for (const oci::Descriptor& blob : manifest->blobs()) add_blob(repository, blob.digest);
    storage_.put_manifest(repository, make_new_manifest(*manifest, std::move(tags)));
  }

  void add_blob(const std::string& repository, const oci::Digest& digest) {
    if (const auto* config = archive_.contents().find_config(digest))
      put_blob_(repository, digest, in_memory(config->bytes));
    else if (const auto place = archive_.locate(digest))
      put_blob_(repository, digest, FileRange{place->file, place->offset, place->size});
  }

  static Content in_memory(const std::string& bytes) {
    return MemoryRange{std::make_shared<const std::string>(bytes), 0, bytes.size()};
  }

  Storage& storage_;
  const PutBlob& put_blob_;
  const archive::ArchiveReader archive_;
  std::set<std::pair<std::string, oci::Digest>> seen_;
};

void load_layout(Storage& storage, const PutBlob& put_blob, const std::string& directory,
                 const std::string& name) {
  for (const LayoutBlob& blob : list_layout_blobs(directory))
    if (const auto content = try_content(blob.path)) put_blob(name, blob.digest, *content);
  const auto fetch = [&](const oci::Digest& digest) -> std::optional<std::string> {
    const auto content = storage.find_blob(name, digest);
    if (!content || content_length(*content) > oci::kMaxManifestSize) return std::nullopt;
    return read_all(*open_content(*content), oci::kMaxManifestSize, digest.str());
  };
  const LayoutContents contents{fetch, fetch, [&](const oci::Digest& digest) {
                                  return storage.find_blob(name, digest).has_value();
                                }};
  put_layout_manifests(read_file(directory + "/index.json", oci::kMaxManifestSize), contents,
                       [&](const NewManifest& manifest) { storage.put_manifest(name, manifest); });
}

}  // namespace

PutBlob in_place(MemoryStorage& storage) {
  return [&storage](const std::string& repository, const oci::Digest& digest,
                    const Content& content) { storage.hold_blob(repository, digest, content); };
}

PutBlob copying(Storage& storage) {
  return
      [&storage](const std::string& repository, const oci::Digest& digest, const Content& content) {
        if (storage.find_blob(repository, digest)) return;
        const FoundUpload upload =
            storage.find_upload(repository, storage.begin_upload(repository, digest.algorithm()));
        const std::unique_ptr<Source> source = open_content(content);
        std::vector<std::byte> buffer(kStreamChunk);
        while (const std::size_t n = source->read_some(buffer))
          upload.session->append(std::span(buffer).first(n));
        if (upload.session->commit(digest)) return;
        upload.session->cancel();
        throw Error(ErrorKind::kDigestMismatch,
                    fmt::format("blob '{}' has other content than its name says", digest.str()));
      };
}

void preload(Storage& storage, const PutBlob& put_blob, const std::filesystem::path& path,
             const std::string& repository) {
  while_doing(
      [&] { return fmt::format("Loading '{}'", path.string()); },
      [&] {
        const std::string directory = path.string();
        if (std::filesystem::is_directory(path) && !is_layout(directory))
          throw Error(ErrorKind::kParse,
                      "it is a directory without the files oci-layout and index.json");
        if (!is_layout(directory)) return ArchiveLoad(storage, put_blob, path).load(repository);
        const std::filesystem::path canonical = std::filesystem::canonical(path);
        load_layout(
            storage, put_blob, directory,
            checked_name(repository.empty() ? canonical.filename().string() : repository, path));
      });
}

}  // namespace tote::testregistry
