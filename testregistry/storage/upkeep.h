// What whoever runs a registry needs of its storage, and no client ever sees: garbage collection
// and accounts. Both look at blobs and at records, so they are of neither half alone.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>

namespace tote::testregistry {

// Garbage collection: what goes, and what is too young to go.
struct CollectOptions {
  // Nothing that was written, mounted, asked for or needed within this time goes.
  std::chrono::seconds grace{3600};
  // Upload sessions that nobody has written to for this long go.
  std::chrono::seconds upload_expiry{24 * 3600};
  // Manifests go too that no tag reaches: by name, as a child of an index, as a referrer of
  // something that stays, or by the lock of a bundle that stays. A tag that only names a digest
  // (reachability.h) keeps nothing by itself.
  bool untagged = false;
  bool dry_run = false;
  // How many repositories have been looked at, and of how many; on the thread of collect(). Empty:
  // nobody wants to know.
  std::function<void(std::size_t done, std::size_t total)> on_repository = {};
};

struct Collected {
  std::uint64_t manifests = 0;
  std::uint64_t blobs = 0;
  std::uint64_t uploads = 0;
  std::uint64_t repositories = 0;  // that had become empty
  std::uint64_t bytes = 0;         // that this gives back
};

// What a registry holds, each blob and manifest once, in however many repositories it is.
struct Stored {
  std::uint64_t blobs = 0;
  std::uint64_t bytes = 0;
};

// Thread-safe.
class Upkeep {
 public:
  Upkeep() = default;
  Upkeep(const Upkeep&) = delete;
  Upkeep& operator=(const Upkeep&) = delete;
  virtual ~Upkeep() = default;

  // While requests go on. Throws Cancelled.
  virtual Collected collect(const CollectOptions& options, std::stop_token stop) = 0;

  // Called with what a repository grows (or, negative, shrinks) by, on any thread, before the
  // change is answered. Set before the first request.
  using OnGrowth = std::function<void(const std::string& repository, std::int64_t bytes)>;
  virtual void on_growth(OnGrowth call) = 0;
  // Bytes of a repository, each blob and manifest once; slow.
  virtual std::uint64_t size_of(const std::string& repository) = 0;
  // Quick. What lies in archives that are served in place does not count.
  virtual Stored stored() = 0;
};

}  // namespace tote::testregistry
