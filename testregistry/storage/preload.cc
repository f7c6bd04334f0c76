#include "testregistry/storage/preload.h"

#include "archive/archive_reader.h"
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "oci/image_graph.h"
#include "oci/tag_conflict.h"
#include "testregistry/storage/layout_import.h"
#include "testregistry/storage/local_files.h"
#include "testregistry/values/names.h"

#include <fmt/format.h>

#include <map>
#include <vector>

namespace tote::testregistry {
namespace {

std::string checked_name(std::string name, const std::filesystem::path& path) {
  if (is_repository_name(name)) return name;
  throw Error(ErrorKind::kParse, fmt::format("'{}' is no name of a repository", name))
      .with_hint(fmt::format("give it one: NAME={}", path.string()));
}

// What is no plain file (volumes, something compressed) is read by a worker, piece by piece.
class PlaceInArchive final : public RemoteBytes {
 public:
  explicit PlaceInArchive(ReaderPtr bytes) : bytes_(std::move(bytes)) {}
  std::unique_ptr<Source> open(std::uint64_t offset, std::uint64_t length) const override {
    return std::make_unique<RangeSource>(bytes_, offset, length);
  }

 private:
  const ReaderPtr bytes_;
};

Content content_of(const archive::FilePlace& place) {
  if (FilePtr file = std::dynamic_pointer_cast<const File>(place.bytes))
    return FileRange{std::move(file), place.offset, place.size};
  return RemoteRange{std::make_shared<const PlaceInArchive>(place.bytes), place.offset, place.size};
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
    std::map<std::string, std::vector<oci::CarriedImage>> images;
    for (const oci::CarriedImage& image : archive_.contents().images)
      images[name_of(image)].push_back(image);
    for (auto& [name, of_name] : images)
      put(name, oci::part_of(archive_.contents(), std::move(of_name)));
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

  void put(const std::string& name, const oci::Contents& contents) {
    for (const oci::CarriedConfig& config : contents.configs)
      put_blob_(name, config.blob.digest, in_memory(config.bytes));
    for (const oci::CarriedLayer& layer : contents.layers)
      if (const auto place = archive_.locate(layer.blob.digest))
        put_blob_(name, layer.blob.digest, content_of(*place));
    std::map<oci::Digest, std::vector<std::string>> tags;
    for (const oci::CarriedImage& image : contents.images)
      if (is_tag_name(image.tag)) tags[image.target.digest].push_back(image.tag);
    for (const oci::ManifestPtr& manifest : contents.manifests)
      storage_.put_manifest(name, make_new_manifest(*manifest, tags[manifest->digest()]));
  }

  static Content in_memory(const std::string& bytes) {
    return MemoryRange{std::make_shared<const std::string>(bytes), 0, bytes.size()};
  }

  Storage& storage_;
  const PutBlob& put_blob_;
  const archive::ArchiveReader archive_;
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
