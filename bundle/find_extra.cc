#include "bundle/find_extra.h"

#include "archive/layout_upkeep.h"
#include "base/error.h"
#include "base/mutex.h"
#include "bundle/image_tags.h"
#include "oci/attached.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

namespace tote::bundle {
namespace {

constexpr const char* kWhy = "nothing says that it should be there";

Finding extra(Concern concern, std::string what, oci::Descriptor content, std::string why = kWhy) {
  Finding finding{FindingKind::kExtra, concern, std::move(what), std::move(why)};
  finding.content = std::move(content);
  return finding;
}

// ---- files -------------------------------------------------------------------------------------

// With what is attached to them, and to that.
std::set<oci::Digest> with_attached(std::set<oci::Digest> wanted, const oci::Contents& contents) {
  const oci::AttachedImages attached(contents);
  std::vector<oci::Digest> subjects(wanted.begin(), wanted.end());
  while (!subjects.empty()) {
    const oci::Digest subject = subjects.back();
    subjects.pop_back();
    for (const oci::Attachment& attachment : attached.of(subject))
      if (wanted.insert(attachment.target.digest).second)
        subjects.push_back(attachment.target.digest);
  }
  return wanted;
}

std::vector<Finding> find_extra_images(const archive::ArchiveReader& archive,
                                       const std::set<oci::Digest>& wanted) {
  const std::set<oci::Digest> known = with_attached(wanted, archive.contents());
  std::vector<Finding> found;
  for (const oci::CarriedImage& image : archive.contents().images)
    if (!known.contains(image.target.digest))
      found.push_back(extra(Concern::kManifest, image.reference(), image.target));
  if (archive.is_directory())
    for (oci::Descriptor& blob : archive::find_stray_blobs(archive)) {
      std::string name = blob.digest.str();
      found.push_back(extra(Concern::kBlob, std::move(name), std::move(blob),
                            "no image in the layout needs it"));
    }
  return found;
}

// ---- repositories ------------------------------------------------------------------------------

class ExtraTags {
 public:
  ExtraTags(registry::RemoteRepository& repository, const std::set<oci::Digest>& wanted,
            const Session& session)
      : repository_(repository), session_(session), known_(wanted) {}

  std::vector<Finding> find() {
    const std::vector<std::string> tags = list();
    know_records(tags);
    TaskGroup group(session_.pool, session_.stop);
    for (const std::string& tag : tags)
      if (!subjects_.contains(tag) && !subjects_.contains(std::string(oci::subject_tag_of(tag))))
        group.run([&](const std::stop_token& stop) { look_at(tag, stop); });
    group.wait();
    return std::move(found_);
  }

 private:
  std::vector<std::string> list() {
    try {
      return repository_.tags(session_.stop);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kNotFound) throw;
      return {};  // there is no such repository
    }
  }

  // Relocation records belong to bundles.
  void know_records(const std::vector<std::string>& tags) {
    for (const oci::Digest& digest : std::set(known_)) {
      subjects_.insert(oci::digest_tag(digest));
      if (std::find(tags.begin(), tags.end(), locations_tag(digest)) == tags.end()) continue;
      if (const auto record = repository_.resolve(locations_tag(digest), session_.stop))
        known_.insert(record->digest);
    }
  }

  void look_at(const std::string& tag, const std::stop_token& stop) {
    const auto target = repository_.resolve(tag, stop);
    if (!target || known_.contains(target->digest) || is_attached(target->digest, stop)) return;
    Finding finding =
        extra(Concern::kTag, fmt::format("{}:{}", repository_.name().name(), tag), *target);
    finding.tag = tag;
    const Lock lock(mutex_);
    found_.push_back(std::move(finding));
  }

  bool is_attached(const oci::Digest& digest, const std::stop_token& stop) {
    try {
      const oci::ManifestPtr manifest = repository_.fetch_manifest(digest.str(), stop);
      return manifest->subject() && known_.contains(manifest->subject()->digest);
    } catch (const Error& error) {
      // What can not be read is attached to nothing that anybody could find.
      if (error.kind() == ErrorKind::kTransport || error.kind() == ErrorKind::kRegistry) throw;
      return false;
    }
  }

  registry::RemoteRepository& repository_;
  const Session& session_;
  std::set<oci::Digest> known_;     // not changed while tasks run
  std::set<std::string> subjects_;  // "sha256-<hex>" of what is wanted; likewise
  Mutex mutex_;
  std::vector<Finding> found_;
};

}  // namespace

std::vector<Finding> find_extra(InspectedPlace& place, const std::set<oci::Digest>& wanted,
                                registry::Client& client, const Session& session) {
  if (place.archive() != nullptr) return find_extra_images(*place.archive(), wanted);
  const RegistryPlace& registry = *place.registry();
  if (!registry.tag.empty() || registry.digest) return {};
  return ExtraTags(client.repository(registry.repository), wanted, session).find();
}

}  // namespace tote::bundle
