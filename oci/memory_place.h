// A repository in memory: for what is made here before it goes elsewhere, and for tests.
#pragma once

#include "base/mutex.h"
#include "oci/store.h"

#include <map>
#include <string>

namespace tote::oci {

// Thread-safe. Keeps what a registry would check: a blob has its digest, a manifest comes after all
// that it names, but for layers that nobody has to have.
class MemoryPlace : public ImageReader, public ImageWriter {
 public:
  // Digest and size of what was put there.
  Descriptor add_blob(std::string bytes, std::string media_type = {});
  // REQUIRES: manifest != nullptr
  void add_manifest(ManifestPtr manifest, const std::string& tag = {});

  std::optional<Descriptor> resolve(std::string_view tag_or_digest, std::stop_token stop) override;
  ManifestPtr fetch_manifest(std::string_view tag_or_digest, std::stop_token stop) override;
  bool has_blob(const Descriptor& blob, std::stop_token stop) override;
  std::unique_ptr<Source> open_blob(const Descriptor& blob, std::uint64_t offset,
                                    std::stop_token stop) override;
  std::vector<Descriptor> find_referrers(const Digest& subject, std::string_view artifact_type,
                                         std::stop_token stop) override;

  std::unique_ptr<Upload> begin_upload(const Descriptor& blob, std::stop_token stop) override;
  bool may_mount_from(const Repository& from) const override;
  bool try_mount(const Descriptor& blob, const Repository& from, std::stop_token stop) override;
  void push_manifest(const Manifest& manifest, std::string_view tag_or_digest,
                     std::stop_token stop) override;

 private:
  class MemoryUpload;

  ManifestPtr find(std::string_view tag_or_digest) const;
  std::shared_ptr<const std::string> find_blob(const Digest& digest) const;

  mutable Mutex mutex_;
  std::map<Digest, std::shared_ptr<const std::string>> blobs_ TOTE_GUARDED_BY(mutex_);
  std::map<Digest, ManifestPtr> manifests_ TOTE_GUARDED_BY(mutex_);
  std::map<std::string, Digest, std::less<>> tags_ TOTE_GUARDED_BY(mutex_);
};

}  // namespace tote::oci
