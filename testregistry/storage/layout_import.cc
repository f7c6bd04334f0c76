#include "testregistry/storage/layout_import.h"

#include "archive/layout_directory.h"
#include "archive/oci_layout.h"
#include "base/error.h"
#include "base/json.h"
#include "base/json_writer.h"
#include "oci/image_graph.h"
#include "oci/media_types.h"
#include "oci/referrer.h"
#include "testregistry/storage/local_files.h"
#include "testregistry/storage/manifest_facts.h"
#include "testregistry/values/names.h"

#include <fmt/format.h>

#include <array>
#include <map>
#include <unordered_map>
#include <unordered_set>

namespace tote::testregistry {
namespace {

constexpr std::array<const char*, 2> kNames = {"org.opencontainers.image.ref.name",
                                               "io.containerd.image.name"};

// No link to elsewhere, and no pipe that nobody writes to.
bool is_regular(const std::string& path) {
  const auto info = try_stat(path);
  return info && S_ISREG(info->st_mode);
}

class ManifestImport {
 public:
  ManifestImport(const LayoutContents& contents, const std::function<void(const NewManifest&)>& put)
      : contents_(contents), put_(put) {}

  // Whether it and all that it names was there.
  bool import(const oci::Descriptor& descriptor, std::vector<std::string> tags, int depth = 0) {
    const auto known = seen_.find(descriptor.digest);
    if (known != seen_.end() && tags.empty()) return known->second;
    const bool is_whole = depth < oci::kMaxIndexNesting && take(descriptor, std::move(tags), depth);
    seen_.insert_or_assign(descriptor.digest, is_whole);
    return is_whole;
  }

  bool has_put(const oci::Digest& digest) const { return put_digests_.contains(digest); }

 private:
  bool take(const oci::Descriptor& descriptor, std::vector<std::string> tags, int depth) try {
    std::optional<std::string> bytes = contents_.fetch(descriptor.digest);
    if (!bytes ||
        oci::Digest::of(as_bytes(*bytes), descriptor.digest.algorithm()) != descriptor.digest)
      return is_other_blob(descriptor);
    const oci::ManifestPtr manifest = oci::Manifest::parse(*std::move(bytes), descriptor.media_type,
                                                           descriptor.digest.algorithm());
    const bool is_whole = import_what_it_names(*manifest, depth);
    put_(make_new_manifest(*manifest, std::move(tags)));
    put_digests_.insert(descriptor.digest);
    return is_whole;
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kParse) throw;
    return is_other_blob(descriptor);
  }

  // Not everything that an index names is a manifest.
  bool is_other_blob(const oci::Descriptor& descriptor) const {
    const std::string& type = descriptor.media_type;
    return !oci::is_index(type) && !oci::is_image_manifest(type) &&
           contents_.has(descriptor.digest);
  }

  bool import_what_it_names(const oci::Manifest& manifest, int depth) {
    bool is_whole = true;
    for (const oci::Descriptor& child : manifest.children())
      if (!import(child, {}, depth + 1)) is_whole = false;
    for (const oci::Descriptor& blob : manifest.blobs())
      // Asked for in any case: what is there is taken.
      if (!contents_.has(blob.digest) && !oci::is_non_distributable(blob.media_type))
        is_whole = false;
    return is_whole;
  }

  const LayoutContents& contents_;
  const std::function<void(const NewManifest&)>& put_;
  std::unordered_map<oci::Digest, bool> seen_;  // and whether it was whole
  std::unordered_set<oci::Digest> put_digests_;
};

// Before anything is put anywhere: a tag can be of one image only.
void check_tags(const std::vector<Json>& items, const std::vector<std::string>& tags) {
  std::map<std::string, std::string> owners;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (tags[i].empty()) continue;
    const std::string digest = items[i].at("digest").string();
    const std::string& owner = owners.try_emplace(tags[i], digest).first->second;
    if (owner != digest)
      throw Error(ErrorKind::kParse, fmt::format("index.json: '{}' and '{}' both want the tag '{}'",
                                                 owner, digest, tags[i]));
  }
}

std::string without_name(const Json& entry) {
  std::map<std::string, std::string> annotations = entry.string_map("annotations");
  for (const char* name : kNames) annotations.erase(name);
  annotations.erase("kind");  // what it is about may be gone from the index, and its tag is set
  return JsonWriter()
      .begin_object()
      .members_of(entry, {"annotations"})
      .member("annotations", annotations)
      .end_object()
      .take();
}

std::string with_manifests(const Json& index, const std::vector<std::string>& entries) {
  JsonWriter json;
  json.begin_object().members_of(index, {"manifests"}).key("manifests").begin_array();
  for (const std::string& entry : entries) json.value(RawJson{entry});
  return json.end_array().end_object().take();
}

}  // namespace

bool is_layout(const std::string& directory) {
  const auto folder = try_stat(directory);
  return folder && S_ISDIR(folder->st_mode) && is_regular(directory + "/oci-layout") &&
         is_regular(directory + "/index.json");
}

std::vector<LayoutBlob> list_layout_blobs(const std::string& directory) {
  std::vector<LayoutBlob> blobs;
  for (const char* algorithm : {"sha256", "sha512"}) {
    const std::string folder = directory + "/blobs/" + algorithm;
    for_each_name(folder, [&](const std::string& name) {
      const auto digest = oci::Digest::try_parse(std::string(algorithm) + ":" + name);
      if (digest && is_regular(folder + "/" + name))
        blobs.push_back({*digest, folder + "/" + name});
    });
  }
  return blobs;
}

std::optional<UniqueFd> try_take_layout(const std::string& directory) {
  UniqueFd lock = archive::lock_layout(directory, archive::LayoutUse::kAdding);
  if (!archive::try_change_use(lock, archive::LayoutUse::kRemoving)) return std::nullopt;
  return lock;
}

bool file_has_digest(const std::string& path, const oci::Digest& digest) {
  const FilePtr file = open_for_reading(path);
  RangeSource content(file, 0, file->size());
  return oci::digest_of(content, digest.algorithm()) == digest;
}

std::string put_layout_manifests(const std::string& index_json, const LayoutContents& contents,
                                 const std::function<void(const NewManifest&)>& put) {
  const Json json = Json::parse(index_json, "index.json");
  const std::vector<Json> items = json.items_of("manifests");
  if (items.empty()) return index_json;  // somebody may have more to say
  std::vector<std::string> tags;
  for (archive::LayoutName& name :
       archive::names_of_layout(json, contents.peek, {archive::kNowhere, "layout"}))
    tags.push_back(std::move(name.tag));
  check_tags(items, tags);
  ManifestImport manifests(contents, put);
  std::vector<std::string> rest;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const Json& item = items[i];
    const oci::Descriptor entry = oci::parse_descriptor(item);
    const bool has_tag = is_tag_name(tags[i]);
    if (manifests.import(entry, has_tag ? std::vector{tags[i]} : std::vector<std::string>{}))
      continue;
    rest.push_back(manifests.has_put(entry.digest) ? without_name(item) : item.text());
  }
  if (rest.empty()) return {};
  return with_manifests(json, rest);
}

NewManifest make_new_manifest(const oci::Manifest& manifest, std::vector<std::string> tags) {
  NewManifest made{manifest.digest(), manifest.media_type(), manifest.bytes(), std::move(tags)};
  if (manifest.subject()) {
    made.subject = manifest.subject()->digest;
    made.artifact_type = oci::artifact_type_of(manifest);
    made.descriptor = oci::encode_referrer(manifest);
  }
  return made;
}

}  // namespace tote::testregistry
