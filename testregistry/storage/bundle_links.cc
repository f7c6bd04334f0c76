#include "testregistry/storage/bundle_links.h"

#include "base/codec/tar_reader.h"
#include "base/error.h"
#include "oci/manifest.h"
#include "testregistry/storage/manifest_facts.h"
#include "testregistry/storage/reachability.h"

#include <fmt/format.h>

namespace tote::testregistry {
namespace {

constexpr const char* kBundleLabel = "dev.carvel.imgpkg.bundle";
constexpr std::uint64_t kMaxLock = 16U << 20U;
// Bytes of a layer, unpacked: a bundle holds configuration.
constexpr std::uint64_t kMaxLayer = 256U << 20U;

bool is_lock(std::string_view name) {
  while (name.starts_with("./")) name.remove_prefix(2);
  return name == ".imgpkg/images.yml";
}

std::vector<oci::Digest> digests_in(std::string_view text) {
  std::vector<oci::Digest> digests;
  for (const std::string_view mark : {"sha256:", "sha512:"})
    for (std::size_t at = 0; (at = text.find(mark, at)) != std::string_view::npos; ++at) {
      const std::string_view rest = text.substr(at);
      const std::size_t end = rest.find_first_not_of("0123456789abcdef", mark.size());
      if (const auto digest = oci::Digest::try_parse(rest.substr(0, end)))
        digests.push_back(*digest);
    }
  return digests;
}

bool is_bundle(const oci::Descriptor& config, const OpenBlob& open_blob) {
  const auto source = config.size <= oci::kMaxManifestSize ? open_blob(config.digest) : nullptr;
  if (!source) return false;
  const std::string bytes = read_all(*source, oci::kMaxManifestSize, "config");
  try {
    return oci::parse_image_config(bytes, config.digest).labels.contains(kBundleLabel);
  } catch (const Error&) {
    return false;  // some artifact's
  }
}

void add_lock_of(Source& layer, const oci::Digest& digest, std::vector<oci::Digest>& found) {
  TarReader tar(layer);
  while (const auto entry = tar.next()) {
    if (entry->size > kMaxLayer || entry->offset > kMaxLayer - entry->size)
      throw Error(ErrorKind::kIo, fmt::format("the bundle's layer '{}' is over {} bytes unpacked",
                                              digest.str(), kMaxLayer));
    if (entry->type != TarEntryType::kFile || !is_lock(entry->name)) continue;
    for (const oci::Digest& named : digests_in(read_all(tar.content(), kMaxLock, entry->name)))
      found.push_back(named);
  }
}

}  // namespace

std::string add_bundle_links(const ManifestFacts& facts, const OpenBlob& open_blob,
                             ManifestLinks& links) {
  if (!facts.manifests.empty() || facts.blobs.empty()) return {};
  try {
    if (!is_bundle(facts.blobs[0], open_blob)) return {};
    for (auto layer = facts.blobs.begin() + 1; layer != facts.blobs.end(); ++layer)
      if (const auto source = open_blob(layer->digest))
        add_lock_of(*source, layer->digest, links.needed);
    return {};
  } catch (const Error& unreadable) {
    links.needs_all = true;
    return unreadable.message();
  }
}

}  // namespace tote::testregistry
