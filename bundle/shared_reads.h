// Registries that several copies read at once: each manifest and each blob is fetched once.
#pragma once

#include "base/file.h"
#include "base/mutex.h"
#include "base/once_map.h"
#include "oci/store.h"

#include <cstdint>
#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>

namespace tote::bundle {

// Blobs lie in the temporary directory, in files without a name, from where each copy reads at its
// own speed: none waits for another. Thread-safe.
class SharedReads {
 public:
  // What nobody reads any more is kept for copies that come later, up to this. A copy that comes
  // later still fetches it again.
  static constexpr std::uint64_t kKeptBytes = 1ULL << 30U;
  static constexpr std::size_t kKeptBlobs = 128;

  // `stop` ends what is being fetched; that of one copy does not, since others want it too. What
  // `open` returns must outlive this.
  SharedReads(oci::OpenRepository open, std::filesystem::path temporary, std::stop_token stop);
  ~SharedReads();

  oci::ImageReader& repository(const oci::Repository& name);

 private:
  class Blob;
  class BlobReader;
  class SharedRepository;

  std::shared_ptr<Blob> blob(const oci::Descriptor& blob, oci::ImageReader& from);
  void drop_old() TOTE_REQUIRES(mutex_);

  const oci::OpenRepository open_;
  const std::filesystem::path temporary_;
  const std::stop_token stop_;
  OnceMap<std::pair<oci::Repository, std::string>, oci::ManifestPtr> manifests_;
  Mutex mutex_;
  std::map<oci::Repository, SharedRepository> repositories_ TOTE_GUARDED_BY(mutex_);
  std::map<oci::Digest, std::weak_ptr<Blob>> blobs_ TOTE_GUARDED_BY(mutex_);
  std::deque<std::shared_ptr<Blob>> kept_ TOTE_GUARDED_BY(mutex_);  // the youngest at the end
  std::uint64_t kept_bytes_ TOTE_GUARDED_BY(mutex_) = 0;
};

}  // namespace tote::bundle
