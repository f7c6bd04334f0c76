#include "testregistry/storage/memory_storage.h"

#include "base/error.h"
#include "base/mutex.h"
#include "base/stream.h"
#include "testregistry/values/random_name.h"

#include <algorithm>

namespace tote::testregistry {
namespace {

Content whole(std::string bytes) {
  auto shared = std::make_shared<const std::string>(std::move(bytes));
  const std::uint64_t size = shared->size();
  return MemoryRange{std::move(shared), 0, size};
}

// Alone for whoever notes that something is to be kept, shared with others who read.
class TOTE_THREAD_SAFETY(scoped_lockable) LockFor {
 public:
  // Which of the two it takes is not known beforehand.
  LockFor(SharedMutex& mutex, Use use)
      TOTE_THREAD_SAFETY(acquire_shared_capability(mutex)) TOTE_NO_THREAD_SAFETY_ANALYSIS {
    if (use == Use::kKeep)
      alone_.emplace(mutex);
    else
      shared_.emplace(mutex);
  }
  LockFor(const LockFor&) = delete;
  LockFor& operator=(const LockFor&) = delete;
  ~LockFor() TOTE_THREAD_SAFETY(release_generic_capability()) = default;

 private:
  std::optional<ReadLock> shared_;
  std::optional<WriteLock> alone_;
};

}  // namespace

// Holds its upload (`busy`) from find_upload() on, so it may write without the lock.
class MemoryStorage::Session final : public UploadSession {
 public:
  Session(MemoryStorage& storage, std::string name, MemoryRepositoryPtr repository,
          std::string session, std::shared_ptr<MemoryUpload> upload)
      : storage_(storage),
        name_(std::move(name)),
        repository_(std::move(repository)),
        session_(std::move(session)),
        upload_(std::move(upload)) {}
  ~Session() override {
    const WriteLock lock(repository_->mutex);
    upload_->busy = false;
    upload_->touched = memory_now();
  }

  std::uint64_t size() override { return upload_->bytes.size(); }
  void append(ConstBytes data) override {
    upload_->hash.update(upload_->bytes.size(), data);
    upload_->bytes.append(as_text(data));
    upload_->size = upload_->bytes.size();
  }

  bool commit(const oci::Digest& digest) override {
    const std::optional<oci::Digest> known = upload_->hash.finish(size(), digest.algorithm());
    if ((known ? *known : oci::Digest::of(as_bytes(upload_->bytes), digest.algorithm())) != digest)
      return false;
    storage_.hold_blob(name_, digest, whole(std::move(upload_->bytes)));
    cancel();
    return true;
  }

  void cancel() override {
    const WriteLock lock(repository_->mutex);
    repository_->uploads.erase(session_);
  }

 private:
  MemoryStorage& storage_;
  std::string name_;
  MemoryRepositoryPtr repository_;
  std::string session_;
  std::shared_ptr<MemoryUpload> upload_;
};

MemoryRepositoryPtr MemoryStorage::find(const std::string& name) {
  const ReadLock lock(mutex_);
  const auto found = repositories_.find(name);
  return found == repositories_.end() ? nullptr : found->second;
}

MemoryRepositoryPtr MemoryStorage::require(const std::string& name) {
  if (MemoryRepositoryPtr found = find(name)) return found;
  const WriteLock lock(mutex_);
  MemoryRepositoryPtr& place = repositories_[name];
  if (!place) place = std::make_shared<MemoryRepository>();
  return place;
}

std::vector<std::pair<std::string, MemoryRepositoryPtr>> MemoryStorage::all() {
  const ReadLock lock(mutex_);
  return {repositories_.begin(), repositories_.end()};
}

void MemoryStorage::grow(const std::string& repository, std::uint64_t from,
                         std::uint64_t to) const {
  if (on_growth_ && from != to)
    on_growth_(repository, static_cast<std::int64_t>(to) - static_cast<std::int64_t>(from));
}

Content MemoryStorage::shared(const oci::Digest& digest, Content content) {
  const auto* range = std::get_if<MemoryRange>(&content);
  if (range == nullptr || range->length != range->bytes->size()) return content;
  const Lock lock(bytes_mutex_);
  std::weak_ptr<const std::string>& known = bytes_[digest];
  if (auto bytes = known.lock()) return MemoryRange{bytes, 0, bytes->size()};
  known = range->bytes;
  if (bytes_.size() > bytes_limit_) {
    std::erase_if(bytes_, [](const auto& entry) { return entry.second.expired(); });
    bytes_limit_ = kFewBytes + 2 * bytes_.size();
  }
  return content;
}

Stored MemoryStorage::stored() {
  Stored stored;
  const Lock lock(bytes_mutex_);
  for (const auto& [digest, known] : bytes_)
    if (const auto bytes = known.lock()) {
      ++stored.blobs;
      stored.bytes += bytes->size();
    }
  return stored;
}

void MemoryStorage::hold_blob(const std::string& repository, const oci::Digest& digest,
                              Content content) {
  const std::uint64_t size = content_length(content);
  content = shared(digest, std::move(content));
  const MemoryRepositoryPtr in = require(repository);
  {
    const WriteLock lock(in->mutex);
    const auto [place, is_new] = in->blobs.try_emplace(digest, MemoryBlob{std::move(content)});
    place->second.touched = memory_now();
    if (!is_new) return;
  }
  grow(repository, 0, size);
}

bool MemoryStorage::has_repository(const std::string& repository) {
  const MemoryRepositoryPtr in = find(repository);
  return in && !in->is_empty();
}

std::vector<std::string> MemoryStorage::repositories(const std::string& last, std::size_t limit) {
  std::vector<std::string> names;
  for (const auto& [name, repository] : all())
    if (name > last && !repository->is_empty()) names.push_back(name);
  std::sort(names.begin(), names.end());
  if (names.size() > limit) names.resize(limit);
  return names;
}

std::optional<Content> MemoryStorage::find_blob(const std::string& repository,
                                                const oci::Digest& digest, Use use) {
  const MemoryRepositoryPtr in = find(repository);
  if (!in) return std::nullopt;
  const LockFor lock(in->mutex, use);
  const auto found = in->blobs.find(digest);
  if (found == in->blobs.end()) return std::nullopt;
  if (use == Use::kKeep) found->second.touched = memory_now();
  return found->second.content;
}

std::optional<StoredManifest> MemoryStorage::find_manifest(const std::string& repository,
                                                           const oci::Digest& digest, Use use) {
  const MemoryRepositoryPtr in = find(repository);
  if (!in) return std::nullopt;
  const LockFor lock(in->mutex, use);
  const auto found = in->manifests.find(digest);
  if (found == in->manifests.end()) return std::nullopt;
  if (use == Use::kKeep) found->second.held.touched = memory_now();
  return StoredManifest{found->second.media_type, found->second.held.content};
}

std::optional<oci::Digest> MemoryStorage::find_tag(const std::string& repository,
                                                   const std::string& tag) {
  const MemoryRepositoryPtr in = find(repository);
  if (!in) return std::nullopt;
  const ReadLock lock(in->mutex);
  const auto found = in->tags.find(tag);
  if (found == in->tags.end()) return std::nullopt;
  return found->second;
}

std::vector<std::string> MemoryStorage::tags(const std::string& repository) {
  std::vector<std::string> names;
  const MemoryRepositoryPtr in = find(repository);
  if (!in) return names;
  const ReadLock lock(in->mutex);
  for (const auto& [tag, digest] : in->tags) names.push_back(tag);
  return names;
}

std::vector<oci::Digest> MemoryStorage::manifests(const std::string& repository) {
  std::vector<oci::Digest> digests;
  const MemoryRepositoryPtr in = find(repository);
  if (!in) return digests;
  const ReadLock lock(in->mutex);
  for (const auto& [digest, manifest] : in->manifests) digests.push_back(digest);
  return digests;
}

std::vector<Referrer> MemoryStorage::referrers(const std::string& repository,
                                               const oci::Digest& subject) {
  std::vector<Referrer> list;
  const MemoryRepositoryPtr in = find(repository);
  if (!in) return list;
  const ReadLock lock(in->mutex);
  const auto found = in->referrers.find(subject);
  if (found == in->referrers.end()) return list;
  for (const auto& [digest, referrer] : found->second) list.push_back(referrer);
  return list;
}

std::uint64_t MemoryStorage::size_of(const std::string& repository) {
  const MemoryRepositoryPtr in = find(repository);
  if (!in) return 0;
  const ReadLock lock(in->mutex);
  std::uint64_t size = 0;
  for (const auto& [digest, held] : in->blobs) size += content_length(held.content);
  for (const auto& [digest, manifest] : in->manifests)
    size += content_length(manifest.held.content);
  return size;
}

bool MemoryStorage::mount_blob(const std::string& repository, const std::string& from,
                               const oci::Digest& digest) {
  std::optional<Content> content;
  if (!from.empty()) {
    content = find_blob(from, digest);
  } else {
    for (const auto& [name, in] : all())
      if ((content = find_blob(name, digest))) break;
  }
  if (!content) return false;
  hold_blob(repository, digest, *std::move(content));
  return true;
}

bool MemoryStorage::remove_blob(const std::string& repository, const oci::Digest& digest) {
  const MemoryRepositoryPtr in = find(repository);
  if (!in) return false;
  std::uint64_t size = 0;
  {
    const WriteLock lock(in->mutex);
    const auto found = in->blobs.find(digest);
    if (found == in->blobs.end()) return false;
    size = content_length(found->second.content);
    in->blobs.erase(found);
  }
  grow(repository, size, 0);
  return true;
}

std::string MemoryStorage::begin_upload(const std::string& repository, HashAlgorithm algorithm) {
  std::string name = random_name();
  const MemoryRepositoryPtr in = require(repository);
  const WriteLock lock(in->mutex);
  in->uploads[name] = std::make_shared<MemoryUpload>(algorithm);
  return name;
}

FoundUpload MemoryStorage::find_upload(const std::string& repository, const std::string& session) {
  const MemoryRepositoryPtr in = find(repository);
  if (!in) return {};
  const WriteLock lock(in->mutex);
  const auto found = in->uploads.find(session);
  if (found == in->uploads.end()) return {};
  if (std::exchange(found->second->busy, true)) return {UploadState::kBusy};
  return {UploadState::kFound,
          std::make_unique<Session>(*this, repository, in, session, found->second)};
}

std::optional<std::uint64_t> MemoryStorage::upload_size(const std::string& repository,
                                                        const std::string& session) {
  const MemoryRepositoryPtr in = find(repository);
  if (!in) return std::nullopt;
  const ReadLock lock(in->mutex);
  const auto found = in->uploads.find(session);
  if (found == in->uploads.end()) return std::nullopt;
  return found->second->size;
}

bool MemoryStorage::put_manifest(const std::string& repository, const NewManifest& manifest) {
  const MemoryRepositoryPtr in = require(repository);
  Content content = shared(manifest.digest, whole(manifest.bytes));
  {
    const WriteLock lock(in->mutex);
    if (!in->has_all(manifest.needed)) return false;
    for (const oci::Digest& digest : manifest.needed)
      if (const auto blob = in->blobs.find(digest); blob != in->blobs.end())
        blob->second.touched = memory_now();
      else
        in->manifests.at(digest).held.touched = memory_now();
    for (const std::string& tag : manifest.tags) in->tags.insert_or_assign(tag, manifest.digest);
    if (manifest.subject)
      in->referrers[*manifest.subject].insert_or_assign(
          manifest.digest, Referrer{manifest.digest, manifest.artifact_type, manifest.descriptor});
    const bool is_new = in->manifests
                            .insert_or_assign(manifest.digest,
                                              MemoryManifest{MemoryBlob{std::move(content)},
                                                             manifest.media_type, manifest.subject})
                            .second;
    if (!is_new) return true;
  }
  grow(repository, 0, manifest.bytes.size());
  return true;
}

bool MemoryStorage::remove_manifest(const std::string& repository, const oci::Digest& digest) {
  const MemoryRepositoryPtr in = find(repository);
  if (!in) return false;
  std::uint64_t size = 0;
  {
    const WriteLock lock(in->mutex);
    const auto found = in->manifests.find(digest);
    if (found == in->manifests.end()) return false;
    size = content_length(found->second.held.content);
    in->drop_manifest(digest);
  }
  grow(repository, size, 0);
  return true;
}

void MemoryStorage::put_tag(const std::string& repository, const std::string& tag,
                            const oci::Digest& digest) {
  const MemoryRepositoryPtr in = require(repository);
  const WriteLock lock(in->mutex);
  in->tags.insert_or_assign(tag, digest);
}

bool MemoryStorage::remove_tag(const std::string& repository, const std::string& tag) {
  const MemoryRepositoryPtr in = find(repository);
  if (!in) return false;
  const WriteLock lock(in->mutex);
  return in->tags.erase(tag) > 0;
}

Collected MemoryStorage::collect(const CollectOptions& options, std::stop_token stop) {
  Collected done;
  std::unordered_set<oci::Digest> everywhere;
  for (const auto& [name, repository] : all())
    for (const oci::Digest& digest : manifests(name)) everywhere.insert(digest);
  std::exception_ptr failure;  // of one repository: the others are not to suffer
  for (const auto& [name, repository] : all()) try {
      grow(name, repository->collect(options, everywhere, done, stop), 0);
    } catch (const Error&) {
      failure = std::current_exception();
    }
  if (failure) std::rethrow_exception(failure);
  return done;
}

}  // namespace tote::testregistry
