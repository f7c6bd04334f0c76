#include "copy/execute.h"

#include "base/error.h"
#include "base/mutex.h"
#include "copy/manifest_waves.h"
#include "copy/watched_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <span>
#include <utility>

namespace tote::copy {
namespace {

// Each blob under way has buffers as large as itself, up to some 512 KiB: what is below waits for
// answers only, what is above comes a few at a time.
constexpr std::uint64_t kSmallBlob = 64U << 10U;
constexpr std::size_t kMediumAtATime = 12;

// One event after the other, to whoever listens.
class Events {
 public:
  explicit Events(const Observer& observer) {
    if (observer)
      each_ = [this, &observer](const Event& event) {
        const Lock lock(mutex_);
        observer(event);
      };
  }

  void tell(const Event& event) const {
    if (each_) each_(event);
  }
  const Observer& observer() const noexcept { return each_; }

 private:
  Observer each_;
  Mutex mutex_;
};

// What all that is done for one execute() has in common.
struct Execution {
  const oci::OpenRepository& from;
  const ExecuteOptions& options;
  Events events{options.observer};
};

// From where the far side is, as often as that makes sense.
class BlobTransfer {
 public:
  BlobTransfer(const BlobWork& work, oci::BlobWriter& to, Execution& execution)
      : work_(work), to_(to), execution_(execution) {}

  void run(const std::stop_token& stop) const {
    std::unique_ptr<oci::Upload> upload;
    const ExecuteOptions& options = execution_.options;
    for (Retries retries(options.retry, *options.clock);;) {
      try {
        if (!upload) upload = to_.begin_upload(work_.blob, stop);
        const std::uint64_t offset = upload->offset();
        retries.advanced_to(offset);
        execution_.events.tell(BlobBegun{work_, offset});
        WatchedSource content(open(offset, stop), work_, offset, execution_.events.observer());
        upload->append(content, work_.blob.size - offset);
        upload->commit();
        return;
      } catch (Error& failure) {
        retries.wait_or_rethrow(failure, stop);
      }
    }
  }

 private:
  std::unique_ptr<Source> open(std::uint64_t offset, const std::stop_token& stop) const {
    if (work_.bytes != nullptr)
      return std::make_unique<BytesSource>(std::string_view(*work_.bytes).substr(offset));
    return execution_.from(work_.repository).open_blob(work_.blob, offset, stop);
  }

  const BlobWork& work_;
  oci::BlobWriter& to_;
  Execution& execution_;
};

using MoveBlob = std::function<BlobOutcome(const BlobWork&, const std::stop_token&)>;

void move_blobs(const Work& work, const MoveBlob& move, ThreadPool& pool, Execution& execution,
                const std::stop_token& stop) {
  execution.events.tell(WorkFound{work});
  const auto move_one = [&](const BlobWork& blob, const std::stop_token& token) {
    const auto begun = std::chrono::steady_clock::now();
    keep_going(execution.options.failures, blob.blob.digest, [&] {
      const BlobOutcome outcome = while_doing(
          [&] {
            return fmt::format("Copying blob '{}'",
                               oci::digest_reference(blob.repository, blob.blob.digest));
          },
          [&] { return move(blob, token); });
      execution.events.tell(BlobFinished{blob, outcome, std::chrono::steady_clock::now() - begun});
    });
  };
  TaskGroup group(pool, stop);
  const auto some_at_a_time = [&](std::span<const BlobWork> blobs, std::size_t most) {
    group.run([&, blobs, most](const std::stop_token& token) {
      for_each_index(blobs.size(), most, pool, token,
                     [&](std::size_t i, const std::stop_token& each) { move_one(blobs[i], each); });
    });
  };
  const auto first_below = [&](std::uint64_t size) {
    return std::find_if(work.blobs.begin(), work.blobs.end(),
                        [&](const BlobWork& blob) { return blob.blob.size < size; });
  };
  const auto first_medium = first_below(kLargeBlob);
  const auto first_small = first_below(kSmallBlob);
  const std::size_t streams = execution.options.streams;
  some_at_a_time({work.blobs.begin(), first_medium}, streams);
  some_at_a_time({first_medium, first_small}, std::max(streams, kMediumAtATime));
  for (auto blob = first_small; blob != work.blobs.end(); ++blob)
    group.run([&, blob](const std::stop_token& token) { move_one(*blob, token); });
  group.wait();
}

// What it names, and what it is attached to.
bool lacks_something(const oci::Manifest& manifest, const Failures& failures) {
  const auto is_missing = [&](const oci::Descriptor& part) {
    return failures.is_incomplete(part.digest);
  };
  const auto any = [&](const auto& parts) {
    return std::any_of(parts.begin(), parts.end(), is_missing);
  };
  return any(manifest.children()) || any(manifest.blobs()) ||
         (manifest.subject() && is_missing(*manifest.subject()));
}

void push(const ManifestWork& work, oci::ImageWriter& to, Execution& execution,
          const std::stop_token& stop) {
  Failures* failures = execution.options.failures;
  const oci::Digest& digest = work.manifest->digest();
  if (failures != nullptr && lacks_something(*work.manifest, *failures))
    return failures->add_incomplete(digest);
  for (const std::string& name : work.names)
    keep_going(failures, digest, [&] {
      while_doing([&] { return fmt::format("Pushing manifest '{}'", digest.str()); },
                  [&] { to.push_manifest(*work.manifest, name, stop); });
      execution.events.tell(ManifestPushed{*work.manifest, name});
    });
}

// Those that do not wait for each other; an index comes after what it names, and what is attached
// after what it is attached to.
void push_manifests(const Work& work, oci::ImageWriter& to, ThreadPool& pool, Execution& execution,
                    const std::stop_token& stop) {
  for (const auto& wave : in_waves(work.manifests)) {
    TaskGroup group(pool, stop);
    for (const ManifestWork* manifest : wave)
      group.run(
          [&, manifest](const std::stop_token& token) { push(*manifest, to, execution, token); });
    group.wait();
  }
}

}  // namespace

void execute(const Work& work, const oci::OpenRepository& from, oci::ImageWriter& to,
             ThreadPool& pool, const ExecuteOptions& options, std::stop_token stop) {
  Execution execution{from, options};
  const MoveBlob move = [&](const BlobWork& blob, const std::stop_token& token) {
    if (blob.state == BlobState::kThere) return BlobOutcome::kAlreadyThere;
    if (blob.state == BlobState::kMount) {
      if (to.try_mount(blob.blob, blob.repository, token)) return BlobOutcome::kMounted;
      if (to.has_blob(blob.blob, token)) return BlobOutcome::kAlreadyThere;
    }
    BlobTransfer(blob, to, execution).run(token);
    return BlobOutcome::kSent;
  };
  move_blobs(work, move, pool, execution, stop);
  push_manifests(work, to, pool, execution, stop);
}

void execute(const Work& work, const oci::OpenRepository& from, oci::BlobWriter& to,
             ThreadPool& pool, const ExecuteOptions& options, std::stop_token stop) {
  Execution execution{from, options};
  const MoveBlob move = [&](const BlobWork& blob, const std::stop_token& token) {
    if (blob.state == BlobState::kThere) return BlobOutcome::kAlreadyThere;
    BlobTransfer(blob, to, execution).run(token);
    return BlobOutcome::kSent;
  };
  move_blobs(work, move, pool, execution, stop);
}

}  // namespace tote::copy
