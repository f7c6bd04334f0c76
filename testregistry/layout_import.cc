#include "testregistry/layout_import.h"

#include "base/error.h"
#include "oci/media_types.h"
#include "testregistry/directory_files.h"
#include "testregistry/manifest_facts.h"
#include "testregistry/route.h"

#include <unordered_set>

namespace tote::testregistry {
namespace {

constexpr int kMaxDepth = 32;  // of indexes in indexes
constexpr const char* kRefName = "org.opencontainers.image.ref.name";

// "v1" or "registry.example/app:v1".
std::vector<std::string> tags_of(const oci::Descriptor& entry) {
  const auto name = entry.annotations.find(kRefName);
  if (name == entry.annotations.end()) return {};
  if (is_tag_name(name->second)) return {name->second};
  const std::string tag = name->second.substr(name->second.rfind(':') + 1);
  if (is_tag_name(tag)) return {tag};
  return {};
}

// No link to elsewhere, and no pipe that nobody writes to.
bool is_regular(const std::string& path) {
  const auto info = try_stat(path);
  return info && S_ISREG(info->st_mode);
}

class ManifestImport {
 public:
  ManifestImport(const FetchBytes& fetch, const std::function<void(const NewManifest&)>& put)
      : fetch_(fetch), put_(put) {}

  void import(const oci::Descriptor& descriptor, std::vector<std::string> tags, int depth = 0) try {
    if (!seen_.insert(descriptor.digest).second && tags.empty()) return;
    if (depth > kMaxDepth) return;
    std::optional<std::string> bytes = fetch_(descriptor.digest);
    if (!bytes ||
        oci::Digest::of(as_bytes(*bytes), descriptor.digest.algorithm()) != descriptor.digest)
      return;
    oci::RawManifest manifest = oci::make_raw_manifest(*std::move(bytes), descriptor.media_type,
                                                       descriptor.digest.algorithm());
    if (oci::is_index(manifest.descriptor.media_type))
      for (const oci::Descriptor& child : oci::parse_index(manifest).manifests)
        import(child, {}, depth + 1);
    put_(make_new_manifest(std::move(manifest), std::move(tags)));
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kParse) throw;  // it is no manifest: left out
  }

 private:
  const FetchBytes& fetch_;
  const std::function<void(const NewManifest&)>& put_;
  std::unordered_set<oci::Digest> seen_;
};

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

bool file_has_digest(const std::string& path, const oci::Digest& digest) {
  const auto file = std::make_shared<const UniqueFd>(open_for_reading(path));
  FileSource content(file, 0, file_size(file->get()));
  return oci::digest_of(content, digest.algorithm()) == digest;
}

void put_layout_manifests(const std::string& index_json, const FetchBytes& fetch,
                          const std::function<void(const NewManifest&)>& put) {
  const Json json = Json::parse(index_json, "index.json");
  ManifestImport manifests(fetch, put);
  for (const Json& item : json.items_of("manifests")) {
    const oci::Descriptor entry = oci::parse_descriptor(item);
    manifests.import(entry, tags_of(entry));
  }
}

NewManifest make_new_manifest(oci::RawManifest manifest, std::vector<std::string> tags) {
  const oci::Descriptor& descriptor = manifest.descriptor;
  const ManifestFacts facts = read_facts(manifest.bytes, "manifest " + descriptor.digest.str());
  NewManifest made{descriptor.digest, descriptor.media_type, {}, std::move(tags)};
  if (facts.subject) {
    made.subject = facts.subject->digest;
    made.artifact_type = facts.artifact_type;
    made.descriptor = referrer_descriptor(descriptor, facts);
  }
  made.bytes = std::move(manifest.bytes);
  return made;
}

}  // namespace tote::testregistry
