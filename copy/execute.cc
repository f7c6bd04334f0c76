#include "copy/execute.h"

#include "base/error.h"

#include <fmt/format.h>

#include <functional>
#include <utility>

namespace tote::copy {
namespace {

// From where the far side is, as often as that makes sense.
class BlobTransfer {
 public:
  BlobTransfer(const BlobWork& work, const oci::OpenRepository& from, oci::BlobWriter& to,
               const ExecuteOptions& options)
      : work_(work), from_(from), to_(to), options_(options) {}

  void run(const std::stop_token& stop) const {
    std::unique_ptr<oci::Upload> upload;
    for (Retries retries(options_.retry, *options_.clock);;) {
      try {
        if (!upload) upload = to_.begin_upload(work_.blob, stop);
        const std::uint64_t offset = upload->offset();
        retries.advanced_to(offset);
        const std::unique_ptr<Source> content = open(offset, stop);
        upload->append(*content, work_.blob.size - offset);
        upload->commit();
        return;
      } catch (Error& failure) {
        retries.wait_or_rethrow(failure, stop);
      }
    }
  }

 private:
  std::unique_ptr<Source> open(std::uint64_t offset, const std::stop_token& stop) const {
    if (work_.bytes != nullptr) return std::make_unique<StringSource>(work_.bytes->substr(offset));
    return from_(work_.repository).open_blob(work_.blob, offset, stop);
  }

  const BlobWork& work_;
  const oci::OpenRepository& from_;
  oci::BlobWriter& to_;
  const ExecuteOptions& options_;
};

using MoveBlob = std::function<BlobOutcome(const BlobWork&, const std::stop_token&)>;

void move_blobs(const Work& work, const MoveBlob& move, ThreadPool& pool,
                const ExecuteOptions& options, const std::stop_token& stop) {
  TaskGroup group(pool, stop);
  for (const BlobWork& blob : work.blobs)
    group.run([&](const std::stop_token& token) {
      const auto begun = std::chrono::steady_clock::now();
      const BlobOutcome outcome = while_doing(
          [&] {
            return fmt::format("Copying blob '{}'",
                               oci::digest_reference(blob.repository, blob.blob.digest));
          },
          [&] { return move(blob, token); });
      if (options.on_blob) options.on_blob(blob, outcome, std::chrono::steady_clock::now() - begun);
    });
  group.wait();
}

void push(const ManifestWork& work, oci::ImageWriter& to, const std::stop_token& stop) {
  for (const std::string& name : work.names)
    while_doing([&] { return fmt::format("Pushing manifest '{}'", work.manifest->digest().str()); },
                [&] { to.push_manifest(*work.manifest, name, stop); });
}

// Images are independent of each other; indexes have to come after what they name.
void push_manifests(const Work& work, oci::ImageWriter& to, ThreadPool& pool,
                    const std::stop_token& stop) {
  TaskGroup group(pool, stop);
  for (const ManifestWork& manifest : work.manifests)
    if (!manifest.manifest->is_index())
      group.run([&](const std::stop_token& token) { push(manifest, to, token); });
  group.wait();
  for (const ManifestWork& manifest : work.manifests)
    if (manifest.manifest->is_index()) push(manifest, to, stop);
}

}  // namespace

void execute(const Work& work, const oci::OpenRepository& from, oci::ImageWriter& to,
             ThreadPool& pool, const ExecuteOptions& options, std::stop_token stop) {
  const MoveBlob move = [&](const BlobWork& blob, const std::stop_token& token) {
    if (blob.state == BlobState::kThere) return BlobOutcome::kAlreadyThere;
    if (blob.state == BlobState::kMount) {
      if (to.try_mount(blob.blob, blob.repository, token)) return BlobOutcome::kMounted;
      if (to.has_blob(blob.blob, token)) return BlobOutcome::kAlreadyThere;
    }
    BlobTransfer(blob, from, to, options).run(token);
    return BlobOutcome::kSent;
  };
  move_blobs(work, move, pool, options, stop);
  push_manifests(work, to, pool, stop);
}

void execute(const Work& work, const oci::OpenRepository& from, oci::BlobWriter& to,
             ThreadPool& pool, const ExecuteOptions& options, std::stop_token stop) {
  const MoveBlob move = [&](const BlobWork& blob, const std::stop_token& token) {
    if (blob.state == BlobState::kThere) return BlobOutcome::kAlreadyThere;
    BlobTransfer(blob, from, to, options).run(token);
    return BlobOutcome::kSent;
  };
  move_blobs(work, move, pool, options, stop);
}

}  // namespace tote::copy
