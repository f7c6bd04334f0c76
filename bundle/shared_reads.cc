#include "bundle/shared_reads.h"

#include "base/error.h"
#include "base/temporary_file.h"
#include "oci/verify.h"

#include <algorithm>
#include <optional>
#include <vector>

namespace tote::bundle {

// One blob as far as it has come. Whoever wants more than that fetches the next piece for all.
class SharedReads::Blob {
 public:
  Blob(const oci::Descriptor& blob, oci::ImageReader& from, FilePtr file, std::stop_token stop)
      : blob_(blob),
        from_(from),
        file_(std::move(file)),
        stop_(std::move(stop)),
        hasher_(blob.digest.algorithm()) {}

  std::uint64_t size() const noexcept { return blob_.size; }

  // As Source::read_some(). The end is reported when all has its digest.
  std::size_t read(MutableBytes out, std::uint64_t offset, const std::stop_token& stop) {
    Lock lock(mutex_);
    for (;;) {
      if (offset < there_) {
        const std::uint64_t n = std::min<std::uint64_t>(out.size(), there_ - offset);
        lock.unlock();
        return file_->read_at(out.first(n), offset);
      }
      if (is_whole_) return 0;
      if (is_being_fetched_) {
        if (!changed_.wait(lock, stop, [&]() TOTE_REQUIRES(mutex_) { return !is_being_fetched_; }))
          throw Cancelled();
      } else {
        fetch_some(lock);
      }
    }
  }

 private:
  void fetch_some(Lock& lock) TOTE_NO_THREAD_SAFETY_ANALYSIS {
    is_being_fetched_ = true;
    lock.unlock();
    std::optional<std::size_t> got;
    try {
      got = fetch();
    } catch (...) {
      source_.reset();  // the next one opens it where this one ended
      lock.lock();
      is_being_fetched_ = false;
      changed_.notify_all();
      throw;
    }
    lock.lock();
    there_ += *got;
    is_whole_ = *got == 0;
    is_being_fetched_ = false;
    changed_.notify_all();
  }

  // By one at a time, without the lock.
  std::size_t fetch() TOTE_NO_THREAD_SAFETY_ANALYSIS {
    if (is_wrong_) oci::check_digest(*is_wrong_, blob_.digest, blob_.size);
    if (!source_) source_ = from_.open_blob(blob_, there_, stop_);
    const std::size_t n = source_->read_some(buffer_);
    if (n == 0) {
      check_end();
      return 0;
    }
    if (n > blob_.size - there_) oci::throw_wrong_size(there_ + n, blob_.size);
    file_->write_at(ConstBytes(buffer_).first(n), there_);
    hasher_.update(ConstBytes(buffer_).first(n));
    return n;
  }

  void check_end() TOTE_NO_THREAD_SAFETY_ANALYSIS {
    if (there_ != blob_.size) oci::throw_wrong_size(there_, blob_.size);
    const oci::Digest got = oci::Digest::of(hasher_);
    if (got != blob_.digest) is_wrong_ = got;
    oci::check_digest(got, blob_.digest, there_);
    source_.reset();
    buffer_ = {};
  }

  const oci::Descriptor blob_;
  oci::ImageReader& from_;
  const FilePtr file_;
  const std::stop_token stop_;

  // Of whoever fetches.
  std::unique_ptr<Source> source_;
  std::vector<std::byte> buffer_ = std::vector<std::byte>(kStreamChunk);
  Hasher hasher_;
  std::optional<oci::Digest> is_wrong_;

  Mutex mutex_;
  Condition changed_;
  std::uint64_t there_ TOTE_GUARDED_BY(mutex_) = 0;
  bool is_whole_ TOTE_GUARDED_BY(mutex_) = false;
  bool is_being_fetched_ TOTE_GUARDED_BY(mutex_) = false;
};

class SharedReads::BlobReader final : public Source {
 public:
  BlobReader(std::shared_ptr<Blob> blob, std::uint64_t offset, std::stop_token stop)
      : blob_(std::move(blob)), offset_(offset), stop_(std::move(stop)) {}
  [[nodiscard]] std::size_t read_some(MutableBytes out) override {
    const std::size_t n = blob_->read(out, offset_, stop_);
    offset_ += n;
    return n;
  }

 private:
  const std::shared_ptr<Blob> blob_;
  std::uint64_t offset_;
  const std::stop_token stop_;
};

class SharedReads::SharedRepository final : public oci::ImageReader {
 public:
  SharedRepository(SharedReads& reads, oci::ImageReader& inner, oci::Repository name)
      : reads_(reads), inner_(inner), name_(std::move(name)) {}

  std::optional<oci::Descriptor> resolve(std::string_view tag_or_digest,
                                         std::stop_token stop) override {
    return inner_.resolve(tag_or_digest, std::move(stop));
  }
  oci::ManifestPtr fetch_manifest(std::string_view tag_or_digest, std::stop_token stop) override {
    return reads_.manifests_.get(
        {name_, std::string(tag_or_digest)}, stop,
        [&] { return inner_.fetch_manifest(tag_or_digest, stop); },
        [](const oci::ManifestPtr&) { return true; });
  }
  bool has_blob(const oci::Descriptor& blob, std::stop_token stop) override {
    return inner_.has_blob(blob, std::move(stop));
  }
  std::unique_ptr<Source> open_blob(const oci::Descriptor& blob, std::uint64_t offset,
                                    std::stop_token stop) override {
    return std::make_unique<BlobReader>(reads_.blob(blob, inner_), offset, std::move(stop));
  }
  std::vector<oci::Descriptor> find_referrers(const oci::Digest& subject,
                                              std::string_view artifact_type,
                                              std::stop_token stop) override {
    return inner_.find_referrers(subject, artifact_type, std::move(stop));
  }

 private:
  SharedReads& reads_;
  oci::ImageReader& inner_;
  const oci::Repository name_;
};

SharedReads::SharedReads(oci::OpenRepository open, std::filesystem::path temporary,
                         std::stop_token stop)
    : open_(std::move(open)), temporary_(std::move(temporary)), stop_(std::move(stop)) {}
SharedReads::~SharedReads() = default;

oci::ImageReader& SharedReads::repository(const oci::Repository& name) {
  oci::ImageReader& inner = open_(name);
  const Lock lock(mutex_);
  return repositories_.try_emplace(name, *this, inner, name).first->second;
}

std::shared_ptr<SharedReads::Blob> SharedReads::blob(const oci::Descriptor& blob,
                                                     oci::ImageReader& from) {
  const Lock lock(mutex_);
  std::weak_ptr<Blob>& known = blobs_[blob.digest];
  if (std::shared_ptr<Blob> there = known.lock()) return there;
  auto made = std::make_shared<Blob>(blob, from, open_unnamed_file(temporary_), stop_);
  known = made;
  kept_.push_back(made);
  kept_bytes_ += blob.size;
  drop_old();
  return made;
}

// Who reads one keeps it.
void SharedReads::drop_old() {
  while (kept_.size() > 1 && (kept_.size() > kKeptBlobs || kept_bytes_ > kKeptBytes)) {
    kept_bytes_ -= kept_.front()->size();
    kept_.pop_front();
  }
}

}  // namespace tote::bundle
