#include "copy/run.h"

#include "base/error.h"
#include "oci/media_types.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <utility>

namespace tote::copy {
namespace {

struct BlobJob {
  oci::Descriptor blob;
  oci::Repository repository;
  const std::string* bytes = nullptr;  // of a config: at hand already
};

// A manifest with all the names that it is to be pushed under.
struct ManifestJob {
  oci::ManifestPtr manifest;
  std::vector<std::string> names;
};

class Runner {
 public:
  Runner(const Plan& plan, const oci::OpenRepository& from, oci::ImageWriter& to, ThreadPool& pool,
         const RunOptions& options)
      : plan_(plan), from_(from), to_(to), pool_(pool), options_(options) {}

  void run(const std::stop_token& stop) {
    std::vector<ManifestJob> manifests = find_absent_manifests(stop);
    for (const ManifestJob& job : manifests) oci::check_acceptable(*job.manifest);
    move_blobs(blobs_of(manifests), stop);
    push_manifests(manifests, stop);
  }

 private:
  std::vector<ManifestJob> all_manifests() const {
    std::map<oci::Digest, std::vector<std::string>> names;
    for (const oci::CarriedImage& image : plan_.contents.images) {
      std::string name = options_.tag_of ? options_.tag_of(image) : std::string();
      if (name.empty()) continue;
      std::vector<std::string>& of_image = names[image.target.digest];
      if (std::find(of_image.begin(), of_image.end(), name) == of_image.end())
        of_image.push_back(std::move(name));
    }
    std::vector<ManifestJob> jobs;
    for (const oci::ManifestPtr& manifest : plan_.contents.manifests) {
      std::vector<std::string>& found = names[manifest->digest()];
      if (found.empty()) found.push_back(manifest->digest().str());
      jobs.push_back({manifest, found});
    }
    return jobs;
  }

  // Keeps of each manifest the names that do not lead to it yet.
  std::vector<ManifestJob> find_absent_manifests(const std::stop_token& stop) {
    std::vector<ManifestJob> jobs = all_manifests();
    TaskGroup group(pool_, stop);
    for (ManifestJob& job : jobs)
      group.run([this, &job](std::stop_token token) {
        std::erase_if(job.names, [&](const std::string& name) {
          const auto there = look(name, token);
          return there && there->digest == job.manifest->digest();
        });
      });
    group.wait();
    std::erase_if(jobs, [](const ManifestJob& job) { return job.names.empty(); });
    return jobs;
  }

  // A place that may be written to but not looked at has what it has: everything is sent.
  std::optional<oci::Descriptor> look(const std::string& name, const std::stop_token& stop) {
    try {
      return to_.resolve(name, stop);
    } catch (const Error& error) {
      if (!error.is_denied()) throw;
      return std::nullopt;
    }
  }

  // An image that the far side has may still lack the layers that it does not have to have.
  bool wants_layer(const oci::Descriptor& layer, const std::set<oci::Digest>& needed) const {
    return needed.contains(layer.digest) || oci::is_non_distributable(layer.media_type);
  }

  std::vector<BlobJob> blobs_of(const std::vector<ManifestJob>& manifests) const {
    std::set<oci::Digest> needed;
    for (const ManifestJob& job : manifests) {
      for (const oci::Descriptor& blob : job.manifest->blobs()) needed.insert(blob.digest);
    }
    std::vector<BlobJob> jobs;
    for (const oci::CarriedLayer& layer : plan_.contents.layers) {
      if (wants_layer(layer.blob, needed)) jobs.push_back({layer.blob, layer.repository});
      needed.erase(layer.blob.digest);  // an artifact's config may be one of its layers too
    }
    for (const oci::CarriedConfig& config : plan_.contents.configs)
      if (needed.contains(config.blob.digest))
        jobs.push_back({config.blob, config.repository, &config.bytes});
    std::stable_sort(jobs.begin(), jobs.end(),
                     [](const BlobJob& a, const BlobJob& b) { return a.blob.size > b.blob.size; });
    return jobs;
  }

  void move_blobs(const std::vector<BlobJob>& jobs, const std::stop_token& stop) {
    TaskGroup group(pool_, stop);
    for (const BlobJob& job : jobs)
      group.run([this, &job](std::stop_token token) {
        const BlobOutcome outcome = while_doing(
            [&] {
              return fmt::format("Copying blob '{}'",
                                 oci::digest_reference(job.repository, job.blob.digest));
            },
            [&] { return move_blob(job, token); });
        if (options_.on_blob) options_.on_blob(job.blob, outcome);
      });
    group.wait();
  }

  BlobOutcome move_blob(const BlobJob& job, const std::stop_token& stop) {
    // A mount answers both questions, "is it there?" and "can it be?", in one round trip.
    const bool may_mount = !options_.may_mount || options_.may_mount(job.blob);
    if (may_mount && to_.try_mount(job.blob, job.repository, stop)) return BlobOutcome::kMounted;
    if (to_.has_blob(job.blob, stop)) return BlobOutcome::kAlreadyThere;
    transfer(job, stop);
    return BlobOutcome::kCopied;
  }

  void transfer(const BlobJob& job, const std::stop_token& stop) {
    std::unique_ptr<oci::Upload> upload;
    for (Retries retries(options_.retry, *options_.clock);;) {
      try {
        if (!upload) upload = to_.begin_upload(job.blob, {}, stop);
        const std::uint64_t offset = upload->offset();
        retries.advanced_to(offset);
        const std::unique_ptr<Source> content = open(job, offset, stop);
        upload->append(*content, job.blob.size - offset);
        upload->commit();
        return;
      } catch (Error& failure) {
        retries.wait_or_rethrow(failure, stop);
      }
    }
  }

  std::unique_ptr<Source> open(const BlobJob& job, std::uint64_t offset,
                               const std::stop_token& stop) const {
    if (job.bytes != nullptr) return std::make_unique<StringSource>(job.bytes->substr(offset));
    return from_(job.repository).open_blob(job.blob, offset, stop);
  }

  // Images are independent of each other; indexes have to come after what they name.
  void push_manifests(const std::vector<ManifestJob>& jobs, const std::stop_token& stop) {
    TaskGroup group(pool_, stop);
    for (const ManifestJob& job : jobs)
      if (!job.manifest->is_index())
        group.run([this, &job](std::stop_token token) { push(job, token); });
    group.wait();
    for (const ManifestJob& job : jobs)
      if (job.manifest->is_index()) push(job, stop);
  }

  void push(const ManifestJob& job, const std::stop_token& stop) {
    for (const std::string& name : job.names)
      while_doing(
          [&] { return fmt::format("Pushing manifest '{}'", job.manifest->digest().str()); },
          [&] { to_.push_manifest(*job.manifest, name, stop); });
  }

  const Plan& plan_;
  const oci::OpenRepository& from_;
  oci::ImageWriter& to_;
  ThreadPool& pool_;
  const RunOptions& options_;
};

}  // namespace

void run_copy(const Plan& plan, const oci::OpenRepository& from, oci::ImageWriter& to,
              ThreadPool& pool, const RunOptions& options, std::stop_token stop) {
  Runner(plan, from, to, pool, options).run(stop);
}

}  // namespace tote::copy
