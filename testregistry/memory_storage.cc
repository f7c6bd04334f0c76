#include "testregistry/memory_storage.h"

#include "testregistry/session_name.h"

namespace tote::testregistry {
namespace {

Content whole(std::shared_ptr<const std::string> bytes) {
  const std::uint64_t size = bytes->size();
  return MemoryRange{std::move(bytes), 0, size};
}

}  // namespace

// Holds its upload (`busy`) from find_upload() on, so it may write without the lock.
class MemoryStorage::Session final : public UploadSession {
 public:
  Session(MemoryStorage& storage, std::string repository, std::string name,
          std::shared_ptr<Upload> upload)
      : storage_(storage),
        repository_(std::move(repository)),
        name_(std::move(name)),
        upload_(std::move(upload)) {}
  ~Session() override {
    const std::lock_guard lock(storage_.mutex_);
    upload_->busy = false;
  }

  std::uint64_t size() override { return upload_->bytes.size(); }
  void append(ConstBytes data) override {
    upload_->bytes.append(as_text(data));
    upload_->size = upload_->bytes.size();
  }

  bool commit(const oci::Digest& digest) override {
    if (oci::Digest::of(as_bytes(upload_->bytes), digest.algorithm()) != digest) return false;
    auto bytes = std::make_shared<const std::string>(std::move(upload_->bytes));
    const std::lock_guard lock(storage_.mutex_);
    Repository& repository = storage_.repositories_[repository_];
    repository.blobs[digest] = std::move(bytes);
    repository.uploads.erase(name_);
    return true;
  }

  void cancel() override {
    const std::lock_guard lock(storage_.mutex_);
    storage_.repositories_[repository_].uploads.erase(name_);
  }

 private:
  MemoryStorage& storage_;
  std::string repository_;
  std::string name_;
  std::shared_ptr<Upload> upload_;
};

const MemoryStorage::Repository* MemoryStorage::find(const std::string& name) const {
  const auto found = repositories_.find(name);
  return found == repositories_.end() ? nullptr : &found->second;
}

bool MemoryStorage::has_repository(const std::string& repository) {
  const std::shared_lock lock(mutex_);
  return find(repository) != nullptr;
}

std::optional<Content> MemoryStorage::find_blob(const std::string& repository,
                                                const oci::Digest& digest) {
  const std::shared_lock lock(mutex_);
  const Repository* in = find(repository);
  if (in == nullptr) return std::nullopt;
  if (const auto blob = in->blobs.find(digest); blob != in->blobs.end()) return whole(blob->second);
  return std::nullopt;
}

bool MemoryStorage::mount_blob(const std::string& repository, const std::string& from,
                               const oci::Digest& digest) {
  const std::lock_guard lock(mutex_);
  const Repository* source = find(from);
  if (source == nullptr) return false;
  const auto blob = source->blobs.find(digest);
  if (blob == source->blobs.end()) return false;
  Bytes bytes = blob->second;  // before the next line can move things
  repositories_[repository].blobs[digest] = std::move(bytes);
  return true;
}

bool MemoryStorage::remove_blob(const std::string& repository, const oci::Digest& digest) {
  const std::lock_guard lock(mutex_);
  const auto in = repositories_.find(repository);
  return in != repositories_.end() && in->second.blobs.erase(digest) > 0;
}

std::string MemoryStorage::begin_upload(const std::string& repository) {
  std::string name = new_session_name();
  const std::lock_guard lock(mutex_);
  repositories_[repository].uploads[name] = std::make_shared<Upload>();
  return name;
}

FoundUpload MemoryStorage::find_upload(const std::string& repository, const std::string& session) {
  const std::lock_guard lock(mutex_);
  const Repository* in = find(repository);
  if (in == nullptr) return {};
  const auto found = in->uploads.find(session);
  if (found == in->uploads.end()) return {};
  if (std::exchange(found->second->busy, true)) return {UploadState::kBusy};
  return {UploadState::kFound,
          std::make_unique<Session>(*this, repository, session, found->second)};
}

std::optional<std::uint64_t> MemoryStorage::upload_size(const std::string& repository,
                                                        const std::string& session) {
  const std::shared_lock lock(mutex_);
  const Repository* in = find(repository);
  if (in == nullptr) return std::nullopt;
  const auto found = in->uploads.find(session);
  if (found == in->uploads.end()) return std::nullopt;
  return found->second->size;
}

std::optional<StoredManifest> MemoryStorage::find_manifest(const std::string& repository,
                                                           const oci::Digest& digest) {
  const std::shared_lock lock(mutex_);
  const Repository* in = find(repository);
  if (in == nullptr) return std::nullopt;
  const auto found = in->manifests.find(digest);
  if (found == in->manifests.end()) return std::nullopt;
  return StoredManifest{found->second.first, whole(found->second.second)};
}

void MemoryStorage::put_manifest(const std::string& repository, const oci::Digest& digest,
                                 std::string_view media_type, std::string bytes) {
  auto shared = std::make_shared<const std::string>(std::move(bytes));
  const std::lock_guard lock(mutex_);
  repositories_[repository].manifests[digest] = {std::string(media_type), std::move(shared)};
}

bool MemoryStorage::remove_manifest(const std::string& repository, const oci::Digest& digest) {
  const std::lock_guard lock(mutex_);
  const auto in = repositories_.find(repository);
  if (in == repositories_.end() || in->second.manifests.erase(digest) == 0) return false;
  std::erase_if(in->second.tags, [&](const auto& tag) { return tag.second == digest; });
  return true;
}

std::optional<oci::Digest> MemoryStorage::find_tag(const std::string& repository,
                                                   const std::string& tag) {
  const std::shared_lock lock(mutex_);
  const Repository* in = find(repository);
  if (in == nullptr) return std::nullopt;
  const auto found = in->tags.find(tag);
  if (found == in->tags.end()) return std::nullopt;
  return found->second;
}

void MemoryStorage::put_tag(const std::string& repository, const std::string& tag,
                            const oci::Digest& digest) {
  const std::lock_guard lock(mutex_);
  repositories_[repository].tags.insert_or_assign(tag, digest);
}

bool MemoryStorage::remove_tag(const std::string& repository, const std::string& tag) {
  const std::lock_guard lock(mutex_);
  const auto in = repositories_.find(repository);
  return in != repositories_.end() && in->second.tags.erase(tag) > 0;
}

std::vector<std::string> MemoryStorage::tags(const std::string& repository) {
  const std::shared_lock lock(mutex_);
  std::vector<std::string> names;
  if (const Repository* in = find(repository))
    for (const auto& [tag, digest] : in->tags) names.push_back(tag);
  return names;
}

}  // namespace tote::testregistry
