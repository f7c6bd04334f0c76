#include "bundle/archive_origins.h"

#include "archive/oci_layout.h"
#include "base/mutex.h"

#include <fmt/format.h>

#include <optional>

namespace tote::bundle {

LayerNotInArchive::LayerNotInArchive(const Error& in_archive, const std::string& elsewhere)
    : Error(in_archive.kind(), in_archive.message()) {
  if (!elsewhere.empty()) with_hint("the place that it came from was asked too: " + elsewhere);
}

class ArchiveOrigins::Origin final : public oci::ImageReader {
 public:
  Origin(const archive::Archive& archive, const RebuiltLayers& rebuilt, oci::ImageReader& inside,
         registry::Client& client, oci::Repository name)
      : archive_(archive),
        rebuilt_(rebuilt),
        inside_(inside),
        client_(client),
        name_(std::move(name)) {}

  std::optional<oci::Descriptor> resolve(std::string_view tag_or_digest,
                                         std::stop_token stop) override {
    return inside_.resolve(tag_or_digest, std::move(stop));
  }
  oci::ManifestPtr fetch_manifest(std::string_view tag_or_digest, std::stop_token stop) override {
    return inside_.fetch_manifest(tag_or_digest, std::move(stop));
  }
  bool has_blob(const oci::Descriptor& blob, std::stop_token stop) override {
    if (rebuilt_.has(blob.digest) || inside_.has_blob(blob, stop)) return true;
    if (name_.registry == archive::kNowhere) return false;
    try {
      return client_.source(name_).has_blob(blob, std::move(stop));
    } catch (const Error&) {
      return false;  // whoever opens it will be told
    }
  }
  std::vector<oci::Descriptor> find_referrers(const oci::Digest& subject,
                                              std::string_view artifact_type,
                                              std::stop_token stop) override {
    return inside_.find_referrers(subject, artifact_type, std::move(stop));
  }
  std::unique_ptr<Source> open_blob(const oci::Descriptor& blob, std::uint64_t offset,
                                    std::stop_token stop) override {
    if (archive_.has_blob(blob.digest)) return archive_.open_blob(blob, offset);
    if (rebuilt_.can_make(blob.digest, stop)) return rebuilt_.open(blob, offset, stop);
    std::string elsewhere;
    if (name_.registry != archive::kNowhere) {
      try {
        return client_.source(name_).open_blob(blob, offset, std::move(stop));
      } catch (const Error& error) {
        elsewhere = error.message();
      }
    }
    try {
      archive_.expect_layer(blob.digest);
    } catch (const Error& error) {
      throw LayerNotInArchive(error, elsewhere);
    }
    return archive_.open_blob(blob, offset);
  }

 private:
  const archive::Archive& archive_;
  const RebuiltLayers& rebuilt_;
  oci::ImageReader& inside_;
  registry::Client& client_;
  const oci::Repository name_;
};

ArchiveOrigins::ArchiveOrigins(const archive::Archive& archive, const RebuiltLayers& rebuilt,
                               registry::Client& client)
    : archive_(archive), rebuilt_(rebuilt), inside_(archive), client_(client) {}
ArchiveOrigins::~ArchiveOrigins() = default;

oci::ImageReader& ArchiveOrigins::repository(const oci::Repository& name) {
  oci::ImageReader& inside = inside_.repository(name);
  const Lock lock(mutex_);
  return origins_.try_emplace(name, archive_, rebuilt_, inside, client_, name).first->second;
}

}  // namespace tote::bundle
